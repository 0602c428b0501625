#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/importers/registry.h"
#include "searchspaces/registry.h"

namespace nas::test {

/// The spaces of the program, with options of their own ("quantum_random:qubits=8"), made once; an
/// unknown name has none.
inline const SearchSpace* space_of(std::string_view name) {
  static std::map<std::string, std::unique_ptr<SearchSpace>, std::less<>> spaces;
  const auto known = spaces.find(name);
  if (known != spaces.end()) return known->second.get();
  const PluginChoice choice = parse_plugin_choice(name);
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    if (plugin->name != choice.name) continue;
    return (spaces[std::string(name)] = plugin->make(choice.options)).get();
  }
  return nullptr;
}

inline ImportRequest request_for(const std::filesystem::path& path) {
  ImportRequest request;
  request.path = path;
  request.space = space_of;
  return request;
}

inline ImportResult import_with(std::string_view importer, const ImportRequest& request,
                                const OptionMap& options = {}) {
  return find_plugin(importer_plugins(), "importer", importer).make(options)->import(request);
}

/// The text of the error that `action` throws; "" if it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace nas::test
