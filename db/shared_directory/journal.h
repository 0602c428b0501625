#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

// Append-only files through which processes of several machines talk: one writes, one reads. A
// record is its length, its CRC-32 (4 bytes each, little-endian) and its bytes. What is not whole,
// or does not fit its checksum, is not there yet: the end of a file whose writer was killed.

/// How a directory must be written and read, so that other machines see it.
struct Sharing {
  /// The file system shows other machines what was flushed, and a reader what was there when the
  /// file was opened (NFS: close-to-open consistency).
  bool flush = true;
};

/// Everything but a disk of this machine is shared.
Sharing sharing_of(const std::filesystem::path& directory);

class JournalWriter {
 public:
  /// Makes the file. nullopt: the name is taken. Throws Error(kIo).
  static std::optional<JournalWriter> create(const std::filesystem::path& path, Sharing sharing);
  JournalWriter(JournalWriter&& other) noexcept;
  JournalWriter& operator=(JournalWriter&& other) noexcept;
  ~JournalWriter();

  /// When it returns, other machines see the record. Throws Error(kIo); then nothing was appended.
  void append(std::string_view record);
  std::int64_t bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  JournalWriter(std::filesystem::path path, int file, Sharing sharing);

  std::filesystem::path path_;
  int file_ = -1;
  std::int64_t bytes_ = 0;
  Sharing sharing_;
};

class JournalReader {
 public:
  /// The file need not exist yet.
  JournalReader(std::filesystem::path path, Sharing sharing);
  /// The next record; nullopt: none yet.
  std::optional<std::string> next();
  std::int64_t bytes() const { return offset_; }

 private:
  bool fetch();
  std::optional<std::string> parse();

  std::filesystem::path path_;
  Sharing sharing_;
  std::int64_t offset_ = 0;  ///< of what was fetched
  std::string buffer_;       ///< fetched, not yet given
};

}  // namespace nas
