#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QThread>

#include "tests/gui/painter_warnings.h"

namespace nas::testing {

/// The one application of the test program, without a display. It stays until the process ends:
/// what other static objects hold of it must not go first.
inline QApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* arguments[] = {name, nullptr};
  static QApplication* const kInstance = [] {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    test::stop_at_painter_warnings();
    return new QApplication(count, arguments);
  }();
  return *kInstance;
}

/// Lets events run until `done()`; false after half a minute.
template <class Done>
bool wait_for(const Done& done) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > 30'000) return false;
    QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    QThread::msleep(1);
  }
  return true;
}

}  // namespace nas::testing
