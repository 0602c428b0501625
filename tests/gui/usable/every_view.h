#pragma once

#include <QSize>
#include <QWidget>
#include <functional>

#include "gui/views/forms/command_form.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

namespace nas::testing {

/// The real window in a language, which can be brought into every state that a user sees.
class EveryView {
 public:
  using Look = std::function<void(const QString& name, QWidget& window)>;

  explicit EveryView(const QString& language = "en", QSize size = {1024, 700});
  ~EveryView();
  EveryView(const EveryView&) = delete;
  EveryView& operator=(const EveryView&) = delete;

  MainWindow& window() { return *window_; }
  QString file() const;
  /// Opens the sample database; its table is shown when this returns.
  TablePage* openTable();
  void draw();
  void compare();
  /// Shows the docks below the table.
  void showDocks();

  /// Calls `look` with the welcome page, the table with each plot, a drawing with each of its tabs,
  /// a comparison, the docks, the forms and the help, each shown and at rest.
  void visit(const Look& look);

 private:
  void visitMain(const Look& look);
  static void visitDialog(const QString& name, QWidget& dialog, const Look& look);

  TemporaryDirectory directory_;
  std::unique_ptr<MainWindow> window_;
};

/// A command with a field of every kind.
CommandRecord sample_command();
/// Makes a shown window the one that has the keyboard, and lets it settle.
void bring_forward(QWidget& window);
/// Class, name and text of a widget, for messages.
std::string describe(const QWidget& widget);
/// The children of a window that the user sees, with itself.
QList<QWidget*> seen_widgets(QWidget& window);
/// Those of them that take the keyboard.
QList<QWidget*> tab_stops(QWidget& window);

}  // namespace nas::testing
