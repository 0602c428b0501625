#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>

#include "app/models/network_file.h"
#include "gui/jobs/job_thread.h"

namespace nas {

/// Reads networks of ONNX and model files in a thread of its own, without their weights.
class NetworkReader final : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// Calls `done(network, error)` later, unless this object has gone; without a network `error`
  /// says why.
  using Done =
      std::function<void(std::shared_ptr<const FileNetwork> network, const QString& error)>;
  void read(const QString& path, Done done);
  /// Whether an answer is still to come.
  bool isBusy() const { return waiting_ > 0; }

 private:
  int waiting_ = 0;
  JobThread thread_;  ///< last: it ends before what its jobs answer to
};

}  // namespace nas
