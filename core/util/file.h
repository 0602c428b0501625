#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace nas {

/// The whole file, decompressed when it starts with the gzip magic.
/// Throws Error(kIo) when it cannot be read, Error(kData) when it is truncated gzip or larger than
/// `limit`.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{4} << 30);

/// All or nothing: writes a temporary file beside `path`, flushes it to disk, renames it.
/// Throws Error(kIo) ("no space left ...") and leaves no temporary file behind.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// A directory of its own under the system's temporary directory, removed with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace nas
