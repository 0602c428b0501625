#include "db/importers/protobuf.h"

#include <bit>

#include "core/util/error.h"

namespace nas {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::kData, "protobuf message: " + what);
}

}  // namespace

double ProtobufField::as_double() const {
  if (wire_type != 1) fail("field " + std::to_string(number) + " is not a double");
  return std::bit_cast<double>(value);
}

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1).front());
    if (shift < 64) value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail("a number of more than ten bytes");
}

std::string_view ProtobufReader::take(std::uint64_t count) {
  if (count > rest_.size()) fail("it ends too early");
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t key = varint();
  ProtobufField field;
  field.wire_type = static_cast<int>(key & 7);
  if (key >> 3 == 0 || key >> 3 > 536870911) fail("a field without a valid number");
  field.number = static_cast<int>(key >> 3);
  switch (field.wire_type) {
    case 0:
      field.value = varint();
      break;
    case 1:
      field.value = little_endian(take(8));
      break;
    case 2:
      field.bytes = take(varint());
      break;
    case 5:
      field.value = little_endian(take(4));
      break;
    default:
      fail("wire type " + std::to_string(field.wire_type) + " is not supported");
  }
  return field;
}

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // Python's encodestring breaks lines.
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0, padding = 0;
  std::size_t characters = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    ++characters;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding > 0) {
      throw Error(ErrorKind::kData, "base64 text with characters that do not belong there");
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 255);
    }
  }
  if (characters % 4 != 0 || padding > 2) {
    throw Error(ErrorKind::kData, "base64 text of a wrong length");
  }
  return bytes;
}

}  // namespace nas
