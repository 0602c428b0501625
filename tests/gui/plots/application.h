#pragma once

#include <QApplication>
#include <memory>

#include "tests/gui/painter_warnings.h"

namespace nas::test {

/// The one QApplication of a test program, without a display and in the same style everywhere.
inline QApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* arguments[] = {name, nullptr};
  static const bool offscreen = qputenv("QT_QPA_PLATFORM", "offscreen");
  // Never destroyed: at exit Qt's own static data may be gone before.
  static QApplication* const instance = std::make_unique<QApplication>(count, arguments).release();
  (void)offscreen;
  stop_at_painter_warnings();
  QApplication::setStyle("Fusion");
  return *instance;
}

}  // namespace nas::test
