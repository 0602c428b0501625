#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace nas {

/// What a directory holds, sorted by name since the order of the disk is arbitrary. Hidden entries
/// (".DS_Store") and the resource forks that macOS packs beside a folder ("__MACOSX") are left out.
/// Throws Error(kIo) when it cannot be read.
std::vector<std::filesystem::directory_entry> visible_entries(
    const std::filesystem::path& directory);

/// What lies in it and in the directories below it, apart from these themselves; sorted by name
/// within each. Links to directories are followed, circles of them are not.
std::vector<std::filesystem::directory_entry> visible_entries_below(
    const std::filesystem::path& directory);

/// Of what `visible_entries` gives the directories, links to directories included.
std::vector<std::filesystem::path> visible_directories(const std::filesystem::path& directory);

/// `directory`/`name` or the same with ".gz"; an empty path when neither exists.
std::filesystem::path find_plain_or_gzip(const std::filesystem::path& directory,
                                         std::string_view name);

}  // namespace nas
