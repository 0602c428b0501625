#pragma once

#include <QProcess>
#include <QString>

namespace nas::testing {

/// An X server without a screen, on a display number that nobody uses; it goes with the test.
class VirtualDisplay {
 public:
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;

  /// ":7", for $DISPLAY; empty when there is no server, and `problem` says why.
  const QString& name() const { return name_; }
  const QString& problem() const { return problem_; }

 private:
  QProcess server_;
  QString name_;
  QString problem_;
};

}  // namespace nas::testing
