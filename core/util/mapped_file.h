#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace nas {

/// A file as memory, read only; the system loads what is looked at. For large files of which little
/// is needed. Another program that shortens the file while it is mapped ends this one (SIGBUS), so
/// small files are better read whole.
class MappedFile {
 public:
  /// Throws Error(kIo) where it cannot be read, Error(kData) where it has more than `limit` bytes.
  MappedFile(const std::filesystem::path& path, std::size_t limit);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace nas
