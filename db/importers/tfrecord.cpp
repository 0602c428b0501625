#include "db/importers/tfrecord.h"

#include <array>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected Castagnoli polynomial
constexpr std::uint32_t kMaskDelta = 0xa282ead8;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 255];
  return ~crc;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + kMaskDelta;
}

std::optional<std::string> TfRecordReader::next() {
  if (reader_.at_end()) return std::nullopt;
  ++records_;
  try {
    const std::string head = reader_.bytes(8);
    if (number(reader_.bytes(4)) != masked_crc32c(head)) {
      reader_.fail("the checksum of the length is wrong");
    }
    const std::uint64_t length =
        number(head) | std::uint64_t{number(std::string_view(head).substr(4))} << 32;
    if (length > kLongest) reader_.fail(std::to_string(length) + " bytes, too long");
    std::string payload = reader_.bytes(length);
    if (number(reader_.bytes(4)) != masked_crc32c(payload)) {
      reader_.fail("the checksum of the payload is wrong");
    }
    return payload;
  } catch (const Error& error) {
    throw error.with_context("record " + std::to_string(records_));
  }
}

}  // namespace nas
