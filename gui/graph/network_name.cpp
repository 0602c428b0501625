#include "gui/graph/network_name.h"

#include <QCoreApplication>

namespace nas {

QString network_name(const SearchSpace& space, const Task& task) {
  const std::string text = network_text(space, task);
  const bool published = text == network_text(space, space.info().default_task);
  const QString heading =
      published ? QCoreApplication::translate("nas::Network", "Published network: %1")
                : QCoreApplication::translate("nas::Network", "Network as judged: %1");
  return heading.arg(QString::fromStdString(describe_task(text)));
}

}  // namespace nas
