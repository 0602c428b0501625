#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/util/options.h"

namespace nas {

/// A plug-in by name, with options of its own.
struct PluginChoice {
  std::string name;
  OptionMap options{};
  friend bool operator==(const PluginChoice&, const PluginChoice&) = default;
};

// The one grammar of such choices, for searchers, spaces, predictors, proxies and distilling
// losses: "evolution" or "evolution:population=20,sample=5". Blanks around names and values do not
// count.

/// "key=value" into `options`. Throws Error(kUsage) without '='.
void add_option(OptionMap& options, std::string_view assignment);
/// Reads one choice. Throws Error(kUsage): "option 'x': write NAME=VALUE".
PluginChoice parse_plugin_choice(std::string_view text);
/// "a,b:x=1,y=2,c" -> a; b with x = 1 and y = 2; c. Throws as `parse_plugin_choice`.
std::vector<PluginChoice> parse_plugin_choices(std::string_view text);
std::string to_string(const PluginChoice& choice);  ///< read back as it was; options by name

}  // namespace nas
