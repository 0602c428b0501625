#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "db/importers/byte_source.h"

namespace nas {

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflate
  std::uint32_t crc32 = 0;   ///< of the contents
  std::uint64_t packed_size = 0, size = 0;
  std::uint64_t header = 0;  ///< offset of the local header
};

/// The directory of a zip archive, ZIP64 included, at most 100,000 entries. Throws Error(kData) for
/// a damaged one, an encrypted entry, or one that spans several files.
std::vector<ZipEntry> read_zip_directory(const std::filesystem::path& path);

/// The contents of an entry. Throws Error(kData) for another method than stored and deflate, and at
/// the end of the contents, naming the entry, when their size or CRC-32 is wrong.
std::unique_ptr<ByteSource> open_zip_entry(const std::filesystem::path& path,
                                           const ZipEntry& entry);

}  // namespace nas
