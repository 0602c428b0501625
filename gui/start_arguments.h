#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

namespace nas {

/// What the command line of nas-explorer asks for.
struct StartArguments {
  QStringList files;
  QString view, picture, table, filter, language;
  int select = 1;
  bool help = false, light = false, dark = false;
  QSize size{1360, 860};
};

/// Throws Error(kUsage), with a near miss for an unknown option; nothing is opened.
StartArguments parse_start_arguments(const QStringList& words);

}  // namespace nas
