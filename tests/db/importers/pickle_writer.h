#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace nas::test {

/// Writes pickles of protocol 4, instruction by instruction, to test the reader.
class PickleWriter {
 public:
  explicit PickleWriter(int protocol = 4) { byte(0x80).byte(protocol); }

  PickleWriter& byte(int value) {
    bytes_ += static_cast<char>(value);
    return *this;
  }
  PickleWriter& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  PickleWriter& integer(std::int32_t value) {
    byte('J');
    return little(static_cast<std::uint32_t>(value), 4);
  }
  PickleWriter& real(double value) {
    byte('G');
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) byte(static_cast<int>(bits >> shift & 255));
    return *this;
  }
  PickleWriter& text(std::string_view value) {
    byte('X').little(value.size(), 4);
    return raw(value);
  }
  PickleWriter& bytes(std::string_view value) {
    byte('C').byte(static_cast<int>(value.size()));
    return raw(value);
  }
  PickleWriter& global(std::string_view module, std::string_view name) {
    return byte('c').raw(module).byte('\n').raw(name).byte('\n');
  }
  PickleWriter& mark() { return byte('('); }
  PickleWriter& dict() { return byte('}').mark(); }  // keys and values follow
  PickleWriter& end_dict() { return byte('u'); }
  PickleWriter& list() { return byte(']').mark(); }
  PickleWriter& end_list() { return byte('e'); }
  PickleWriter& pair() { return byte(0x86); }  // of the two values before
  PickleWriter& call() { return byte('R'); }
  PickleWriter& little(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) byte(static_cast<int>(value >> (8 * i) & 255));
    return *this;
  }
  std::string finish() const { return bytes_ + "."; }

 private:
  std::string bytes_;
};

}  // namespace nas::test
