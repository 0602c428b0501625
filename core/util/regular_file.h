#pragma once

#include <filesystem>

namespace nas {

/// Throws Error(kIo) unless `path` is a file of a known size: not missing, and not a directory, a
/// device such as /dev/zero, a pipe or a socket, which may never end or never begin.
void require_regular_file(const std::filesystem::path& path);

}  // namespace nas
