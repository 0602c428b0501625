#include "app/session/space_text.h"

#include "core/api/plugin.h"
#include "searchspaces/registry.h"

namespace nas {

std::string space_text(const PluginChoice& choice) {
  const Plugin<SearchSpace>& plugin = find_plugin(space_plugins(), "space", choice.name);
  if (choice.options.empty()) return choice.name;
  const OptionMap defaults = plugin.resolve({});
  PluginChoice stated{.name = choice.name};
  for (const auto& [name, value] : plugin.resolve(choice.options)) {
    if (value != defaults.at(name)) stated.options.emplace(name, value);
  }
  return to_string(stated);
}

bool same_space(const PluginChoice& a, const PluginChoice& b) {
  return a == b || (a.name == b.name && space_text(a) == space_text(b));
}

}  // namespace nas
