#include "core/util/protobuf.h"

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

void ProtobufField::expect(int type, const char* what) const {
  if (wire_type != type) fail("field " + std::to_string(number) + " is not " + what);
}

double ProtobufField::as_double() const {
  expect(1, "a double");
  return std::bit_cast<double>(value);
}

float ProtobufField::as_float() const {
  expect(5, "a float");
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::int64_t ProtobufField::as_int() const {
  expect(0, "an integer");
  return static_cast<std::int64_t>(value);
}

std::string_view ProtobufField::as_bytes() const {
  expect(2, "text, bytes or a message");
  return bytes;
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

float ProtobufReader::float32() {
  return std::bit_cast<float>(static_cast<std::uint32_t>(little_endian(take(4))));
}

double ProtobufReader::float64() {
  return std::bit_cast<double>(little_endian(take(8)));
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

std::vector<std::int64_t> packed_ints(std::string_view bytes) {
  std::vector<std::int64_t> numbers;
  ProtobufReader reader(bytes);
  while (!reader.at_end()) numbers.push_back(static_cast<std::int64_t>(reader.varint()));
  return numbers;
}

void ProtobufWriter::key(int number, int wire_type) {
  varint(static_cast<std::uint64_t>(number) << 3 | static_cast<std::uint64_t>(wire_type));
}

void ProtobufWriter::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
  bytes_ += static_cast<char>(value);
}

void ProtobufWriter::integer(int number, std::int64_t value) {
  key(number, 0);
  varint(static_cast<std::uint64_t>(value));
}

void ProtobufWriter::real(int number, float value) {
  key(number, 5);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFF);
}

void ProtobufWriter::text(int number, std::string_view value) {
  key(number, 2);
  varint(value.size());
  bytes_ += value;
}

void ProtobufWriter::packed(int number, std::span<const std::int64_t> values) {
  ProtobufWriter list;
  for (const std::int64_t value : values) list.varint(static_cast<std::uint64_t>(value));
  text(number, list.bytes());
}

}  // namespace nas
