#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// One field of a protobuf message as it is on the wire.
struct ProtobufField {
  int number = 0;
  int wire_type = 0;         ///< 0 varint, 1 eight bytes, 2 bytes, 5 four bytes
  std::uint64_t value = 0;   ///< of types 0, 1, 5
  std::string_view bytes{};  ///< of type 2

  double as_double() const;  ///< Throws Error(kData) for another type than 1
};

/// Reads the fields of a message one after the other; no message is deeper than its reader makes
/// it. Throws Error(kData) for a truncated field, a group, or a varint of more than ten bytes.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}
  std::optional<ProtobufField> next();

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t count);
  std::string_view rest_;
};

/// Throws Error(kData) for characters outside of the alphabet or a wrong length.
std::string decode_base64(std::string_view text);

}  // namespace nas
