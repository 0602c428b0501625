#include "gui/graph/network_name.h"

#include <QCoreApplication>
#include <QStringList>

#include "core/api/decision_effects.h"

namespace nas {

QString network_name(const SearchSpace& space, const Task& task, const Architecture& architecture) {
  const std::string text = network_text(space, task);
  const bool published = text == network_text(space, space.info().default_task);
  const QString heading =
      published ? QCoreApplication::translate("nas::Network", "Published network: %1")
                : QCoreApplication::translate("nas::Network", "Network as judged: %1");
  QString name = heading.arg(QString::fromStdString(describe_task(text)));
  // The text names the task that was asked for; a resolution that is a decision changes its input.
  const Shape& own = task_of(space, architecture, task).input;
  if (own == space.settle(task).input) return name;
  QStringList sizes;
  for (const std::int64_t size : own.dims()) sizes << QString::number(size);
  return name + QCoreApplication::translate("nas::Network", "; this architecture's input is %1")
                    .arg(sizes.join('x'));
}

}  // namespace nas
