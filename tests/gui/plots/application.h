#pragma once

#include <QApplication>

namespace nas::test {

/// The one QApplication of a test program, without a display and in the same style everywhere.
inline QApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* arguments[] = {name, nullptr};
  static const bool offscreen = qputenv("QT_QPA_PLATFORM", "offscreen");
  static QApplication instance(count, arguments);
  (void)offscreen;
  QApplication::setStyle("Fusion");
  return instance;
}

}  // namespace nas::test
