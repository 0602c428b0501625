#include "tests/gui/end_to_end/display.h"

#include <QStandardPaths>

namespace nas::testing {

VirtualDisplay::VirtualDisplay() {
  const QString program = QStandardPaths::findExecutable("Xvfb");
  if (program.isEmpty()) {
    problem_ = "Xvfb is not installed";
    return;
  }
  // The server chooses the number itself and writes it when it is ready.
  server_.start(program, {"-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"});
  while (server_.waitForReadyRead(10'000) && !server_.canReadLine()) {
  }
  const QByteArray number = server_.readLine().trimmed();
  if (number.isEmpty()) {
    problem_ = "Xvfb does not start: " + QString::fromUtf8(server_.readAllStandardError());
    return;
  }
  name_ = ":" + QString::fromUtf8(number);
}

VirtualDisplay::~VirtualDisplay() {
  server_.terminate();
  if (!server_.waitForFinished(5000)) server_.kill();
  server_.waitForFinished(1000);
}

}  // namespace nas::testing
