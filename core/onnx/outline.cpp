#include "core/onnx/outline.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/protobuf.h"

namespace nas {
namespace {

constexpr std::uint64_t kWindow = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostOutline = std::uint64_t{128} << 20;
/// Smaller messages are copied as they are.
constexpr std::uint64_t kSmall = 4096;

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::kData, what);
}

/// Part of a file that is read from the front, a window at a time.
class Cursor {
 public:
  explicit Cursor(const RandomAccessFile& file) : file_(file) {}

  std::uint8_t byte(std::uint64_t at) {
    if (at < begin_ || at >= begin_ + window_.size()) {
      fill(at);
    }
    return static_cast<std::uint8_t>(window_[at - begin_]);
  }

  /// A number at `at`, which moves behind it; nothing from `end` on belongs to it.
  std::uint64_t varint(std::uint64_t& at, std::uint64_t end) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= end) fail("it ends too early");
      const std::uint8_t next = byte(at++);
      if (shift < 64) value |= std::uint64_t{next & 0x7FU} << shift;
      if ((next & 0x80) == 0) return value;
    }
    fail("a number of more than ten bytes");
  }

  /// Appends the bytes from `begin` to `end`.
  void copy(std::uint64_t begin, std::uint64_t end, std::string& to) {
    if (end - begin > kWindow) {
      to += file_.read(begin, end - begin);
      return;
    }
    if (begin < begin_ || end > begin_ + window_.size()) fill(begin);
    to.append(window_, begin - begin_, end - begin);
  }

 private:
  void fill(std::uint64_t at) {
    window_ = file_.read(at, std::min(kWindow, file_.size() - at));
    begin_ = at;
  }

  const RandomAccessFile& file_;
  std::string window_;
  std::uint64_t begin_ = 0;
};

/// A field: where it begins, where its value does, and where it ends.
struct Part {
  std::uint64_t number = 0, wire_type = 0, begin = 0, value = 0, end = 0;
};

Part next_part(Cursor& cursor, std::uint64_t at, std::uint64_t end) {
  Part part{.begin = at};
  const std::uint64_t key = cursor.varint(at, end);
  part.number = key >> 3;
  if (part.number == 0 || part.number > 536870911) fail("a field without a valid number");
  part.wire_type = key & 7;
  part.value = at;
  std::uint64_t length = 0;
  if (part.wire_type == 0) cursor.varint(at, end);
  if (part.wire_type == 1) length = 8;
  if (part.wire_type == 5) length = 4;
  if (part.wire_type == 2) {
    length = cursor.varint(at, end);
    part.value = at;
  }
  if (part.wire_type > 2 && part.wire_type != 5) fail("a wire type that is not supported");
  if (length > end - at) fail("it ends too early");
  part.end = at + length;
  return part;
}

/// What becomes of the fields of a message.
struct Rule {
  std::uint64_t inside;  ///< this one is a message that `next` holds for; 0: none
  const Rule* next;
  bool tensor;  ///< raw numbers are left out
};

constexpr Rule kTensor{0, nullptr, true};
constexpr Rule kGraph{5, &kTensor, false};  // initializers
constexpr Rule kModel{7, &kGraph, false};

class Outline {
 public:
  explicit Outline(const RandomAccessFile& file) : cursor_(file) {}

  std::string message(std::uint64_t at, std::uint64_t end, const Rule& rule) {
    ProtobufWriter numbers;
    std::string text;
    while (at < end) {
      const Part part = next_part(cursor_, at, end);
      at = part.end;
      const bool large = part.wire_type == 2 && part.end - part.value > kSmall;
      if (rule.tensor && part.number >= kNumbersElsewhere) continue;  // not ONNX
      if (rule.tensor && part.number == 9 && large) {
        numbers.packed(kNumbersElsewhere,
                       std::vector{static_cast<std::int64_t>(part.value),
                                   static_cast<std::int64_t>(part.end - part.value)});
      } else if (rule.inside != 0 && part.number == rule.inside && large) {
        ProtobufWriter field;
        field.text(static_cast<int>(part.number), message(part.value, part.end, *rule.next));
        text += field.bytes();
      } else {
        total_ += part.end - part.begin;
        if (total_ > kMostOutline) fail("it has more than 128 MB besides the numbers of tensors");
        cursor_.copy(part.begin, part.end, text);
      }
    }
    return text + numbers.bytes();
  }

 private:
  Cursor cursor_;
  std::uint64_t total_ = 0;
};

}  // namespace

std::string model_outline(const RandomAccessFile& file) {
  return Outline(file).message(0, file.size(), kModel);
}

}  // namespace nas
