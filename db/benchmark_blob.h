#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

// How the bulk of a benchmark lies in the database: little-endian IEEE doubles, row-major, and the
// architecture texts, one per line. Part of the schema: docs/database.md describes it.

/// Bytes as stored, with what is needed to read and to trust them.
struct StoredBlob {
  std::string_view encoding;  ///< "float64" or "shuffled-zlib"
  std::int64_t crc32 = 0;     ///< of the stored bytes
  std::string bytes;
};

/// CRC-32 of ISO 3309 (zlib's).
std::int64_t checksum(std::string_view bytes);

/// Wide columns are compressed (all first bytes of the values, then all second bytes, ...: a third
/// of the size); those with one value per row are kept plain, because they are read at every
/// opening.
StoredBlob encode_values(std::span<const double> values, bool wide);
/// Throws Error(kData) when the bytes are not exactly `count` values.
std::vector<double> decode_values(std::string_view encoding, std::string_view bytes,
                                  std::size_t count);

/// Throws Error(kData) for a text with a line break, which could not be read back.
std::string encode_texts(std::span<const std::string> texts);
std::vector<std::string> decode_texts(std::string_view bytes, std::size_t count);

}  // namespace nas
