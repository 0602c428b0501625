#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/importers/byte_source.h"

namespace nas {

/// CRC-32C (Castagnoli), and TensorFlow's masked form of it.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

/// The records of a TFRecord file: uint64 length, masked CRC of the length, payload, masked CRC of
/// the payload, all little-endian.
class TfRecordReader {
 public:
  explicit TfRecordReader(ByteReader& reader) : reader_(reader) {}
  /// nullopt at the end of the file. Throws Error(kData) with the record's number for a wrong
  /// checksum, a truncated record, or one of more than `kLongest` bytes.
  std::optional<std::string> next();
  std::uint64_t records() const { return records_; }

  static constexpr std::uint64_t kLongest = std::uint64_t{1} << 24;

 private:
  ByteReader& reader_;
  std::uint64_t records_ = 0;
};

}  // namespace nas
