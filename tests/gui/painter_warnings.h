#pragma once

#include <QByteArray>
#include <QMessageLogContext>
#include <QString>
#include <cstdio>
#include <cstdlib>

namespace nas::test {

/// A painter that is given nonsense (a place that is not a number, a second painter on one device)
/// says so and goes on with something else: the program that draws stops there instead.
inline void stop_at_painter_warnings() {
  qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString& message) {
    std::fprintf(stderr, "%s\n", message.toUtf8().constData());
    if (message.startsWith("QPainter") || message.startsWith("QPaintDevice") ||
        message.startsWith("QImage") || message.contains("NaN")) {
      std::abort();
    }
  });
}

}  // namespace nas::test
