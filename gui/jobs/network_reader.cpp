#include "gui/jobs/network_reader.h"

#include <exception>
#include <utility>

namespace nas {

void NetworkReader::read(const QString& path, Done done) {
  ++waiting_;
  const auto work = [this, file = path.toStdString(), done = std::move(done)] {
    std::shared_ptr<const FileNetwork> network;
    QString error;
    try {
      network = std::make_shared<const FileNetwork>(read_network_file(file, false));
    } catch (const std::exception& problem) {
      error = QString::fromUtf8(problem.what());
    }
    QMetaObject::invokeMethod(
        this,
        [this, done, network = std::move(network), error] {
          --waiting_;
          done(network, error);
        },
        Qt::QueuedConnection);
  };
  thread_.post(work, false);
}

}  // namespace nas
