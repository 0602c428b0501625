#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/options.h"
#include "core/util/text.h"

namespace nas {

/// The record of a space, searcher, predictor or latency model: the only place where its name,
/// summary, paper and options are written. `nasctl`, help, near-miss hints, GUI forms and the
/// stored study configuration are derived from it.
template <class Interface>
struct Plugin {
  std::string_view name;
  std::string_view summary;  ///< one line
  std::string_view paper;    ///< authors, title, year, arXiv
  std::vector<FieldDoc> (*fields)();
  /// Every option with its value after reading `options`: what is stored with a study.
  OptionMap (*resolve)(const OptionMap& options);
  /// Throws Error(kUsage) for options that do not fit.
  std::unique_ptr<Interface> (*make)(const OptionMap& options);
};

/// Looks a record up. Throws Error(kUsage) with near misses; `what` is "space", "searcher", ...
template <class Interface>
const Plugin<Interface>& find_plugin(std::span<const Plugin<Interface>* const> plugins,
                                     std::string_view what, std::string_view name) {
  std::vector<std::string> names;
  for (const Plugin<Interface>* plugin : plugins) {
    if (plugin->name == name) return *plugin;
    names.emplace_back(plugin->name);
  }
  throw Error(ErrorKind::kUsage, unknown_name(what, name, names));
}

/// For things without options.
struct NoOptions {};
inline std::vector<FieldDoc> no_fields() {
  return {};
}
inline OptionMap resolve_no_options(const OptionMap& options) {
  parse_fields<NoOptions>({}, options, "this plug-in");
  return {};
}

}  // namespace nas
