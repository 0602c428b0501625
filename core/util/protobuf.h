#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// One field of a protobuf message as it is on the wire.
struct ProtobufField {
  int number = 0;
  int wire_type = 0;         ///< 0 varint, 1 eight bytes, 2 bytes, 5 four bytes
  std::uint64_t value = 0;   ///< of types 0, 1, 5
  std::string_view bytes{};  ///< of type 2

  // Each throws Error(kData) for another wire type than its own.
  double as_double() const;
  float as_float() const;
  std::int64_t as_int() const;  ///< int64, int32, bool and enums; sint64 is another encoding
  std::string_view as_bytes() const;

 private:
  void expect(int type, const char* what) const;
};

/// Reads the fields of a message one after the other; no message is deeper than its reader makes
/// it. Throws Error(kData) for a truncated field, a group, or a varint of more than ten bytes.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}
  std::optional<ProtobufField> next();
  bool at_end() const { return rest_.empty(); }

  // Of a packed list, which has numbers in place of fields.
  std::uint64_t varint();
  float float32();
  double float64();

 private:
  std::string_view take(std::uint64_t count);
  std::string_view rest_;
};

/// The numbers of a packed list. Throws as the reader.
std::vector<std::int64_t> packed_ints(std::string_view bytes);

/// Writes the fields of a message one after the other; a message inside another is its `bytes`.
class ProtobufWriter {
 public:
  void integer(int number, std::int64_t value);
  void real(int number, float value);
  void text(int number, std::string_view value);  ///< also bytes and messages
  void packed(int number, std::span<const std::int64_t> values);
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  void key(int number, int wire_type);
  void varint(std::uint64_t value);

  std::string bytes_;
};

}  // namespace nas
