#include "gui/views/panels/graph_tabs.h"

#include <QCoreApplication>

#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/compare_view.h"
#include "searchspaces/registry.h"

namespace nas {

const SearchSpace& GraphTabs::spaceOf(const std::string& name, const OptionMap& options) {
  std::unique_ptr<SearchSpace>& space = spaces_[{name, options}];
  if (!space) {
    if (name.empty())
      throw Error(ErrorKind::kUsage,
                  "this table belongs to no known search space, so its "
                  "architectures cannot be drawn");
    // A benchmark names its space with the options: "mcunet:width=0.3".
    const PluginChoice choice = parse_plugin_choice(name);
    space = find_plugin<SearchSpace>(space_plugins(), "space", choice.name)
                .make(options.empty() ? choice.options : options);
  }
  return *space;
}

std::unique_ptr<QWidget> GraphTabs::make(const std::string& name,
                                         const std::vector<DrawnArchitecture>& drawn,
                                         const OptionMap& space_options) {
  const SearchSpace& space = spaceOf(name, space_options);
  std::vector<Architecture> architectures;
  std::vector<Task> tasks;
  for (const DrawnArchitecture& one : drawn) {
    architectures.push_back(space.parse(one.text));
    tasks.push_back(one.network.empty() ? space.info().default_task : parse_task_text(one.network));
  }
  if (architectures.size() == 1) {
    auto panel = std::make_unique<ArchitecturePanel>();
    panel->setArchitecture(space, architectures.front(), tasks.front());
    return panel;
  }
  auto view = std::make_unique<CompareView>();
  view->setArchitectures(space, architectures, tasks);
  return view;
}

std::unique_ptr<QWidget> draw_network(const FileNetwork& network) {
  std::vector<Fact> known = {{QCoreApplication::translate("nas::Network", "Form"),
                              QString::fromStdString(printable(network.form))}};
  for (const auto& [key, value] : network.metadata) {
    known.emplace_back(QCoreApplication::translate("nas::Network", "File says %1")
                           .arg(QString::fromStdString(printable(key))),
                       QString::fromStdString(printable(value)));
  }
  auto panel = std::make_unique<ArchitecturePanel>();
  panel->setGraph(
      QString::fromStdString(network_heading(network.path.filename().string(), network)),
      network.graph, std::move(known));
  return panel;
}

void wait_for_layout(QWidget& drawing) {
  if (auto* panel = qobject_cast<ArchitecturePanel*>(&drawing)) panel->waitForLayout();
  if (auto* view = qobject_cast<CompareView*>(&drawing)) view->waitForLayout();
}

}  // namespace nas
