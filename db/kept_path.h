#pragma once

#include <filesystem>
#include <string>

namespace nas {

/// A file as a store keeps it: relative where it lies below `folder`, where the files of the store
/// are, else absolute. Paths are compared as they are written, without a look at links.
std::string kept_path(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace nas
