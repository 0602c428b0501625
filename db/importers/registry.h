#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/api/plugin.h"
#include "db/importers/importer.h"

namespace nas {

/// All built-in records, in the order of the list in db/importers/CMakeLists.txt.
std::span<const Plugin<Importer>* const> importer_plugins();

/// The first importer that recognises the file or folder. Throws Error(kData) naming all formats
/// when none does, Error(kIo) when there is no such path.
const Plugin<Importer>& importer_for(const std::filesystem::path& path);

/// A mapping that comes with the program: `text` is its TOML.
struct BuiltinMapping {
  std::string_view name;
  std::string_view text;
};
std::span<const BuiltinMapping> builtin_mappings();

}  // namespace nas
