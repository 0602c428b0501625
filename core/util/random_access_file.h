#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nas {

/// A file of which parts are read: for large ones of which little is needed. Safe from several
/// threads.
class RandomAccessFile {
 public:
  /// Throws Error(kIo) where it cannot be read, Error(kData) where it has more than `limit` bytes.
  RandomAccessFile(const std::filesystem::path& path, std::uint64_t limit);
  ~RandomAccessFile();
  RandomAccessFile(const RandomAccessFile&) = delete;
  RandomAccessFile& operator=(const RandomAccessFile&) = delete;

  std::uint64_t size() const { return size_; }
  /// Throws Error(kData) for a part that is not in the file, Error(kIo) where it became shorter.
  std::string read(std::uint64_t offset, std::uint64_t length) const;

 private:
  std::string name_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace nas
