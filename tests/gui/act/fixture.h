#pragma once

#include <QStringList>
#include <string>

#include "core/util/file.h"
#include "gui/views/forms/command_form.h"
#include "gui/views/panels/results_panel.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/window/waiting.h"

namespace nas::testing {

struct Reply {
  int code = 0;
  QByteArray out;
};

/// Runs the nasctl of this build to its end, without the explorer.
Reply nasctl(const QStringList& arguments);

/// A window, and a directory for databases.
struct ActFixture {
  ActFixture();

  QString file(const QString& name) const;
  /// A database with a finished study of 8 untrained architectures.
  QString searched(const QString& study = "first");
  TablePage* open(const QString& store);
  /// Asks for the form of a command as a menu does, and waits for it.
  CommandForm* form(const QString& command);
  /// Accepts the form and waits for the answer.
  const NasctlJob& run(CommandForm* form);

  QApplication& program = application();
  TemporaryDirectory directory;
  MainWindow window{false};
};

}  // namespace nas::testing
