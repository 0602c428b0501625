#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nas {

/// Reads an architecture's notation from left to right. Every error is one line that names the
/// space, the position (from 1), what was expected and what is there:
///   nasbench201: at character 5 of '|nor~0|+...': expected '~0', got 'r~0|+...'
class NotationReader {
 public:
  /// Both views must outlive the reader.
  NotationReader(std::string_view space, std::string_view text) : space_(space), text_(text) {}

  void skip_blanks();
  bool at_end() const { return position_ == text_.size(); }
  std::size_t position() const { return position_; }
  /// True, and behind it, if `token` comes next.
  bool take(std::string_view token);
  void expect(std::string_view token);
  void expect_end();

  /// A run of letters, digits and '_' (also '-' where asked for). `expected` names it in the error.
  std::string_view word(std::string_view expected, std::string_view more_characters = "");
  /// Index in `names` of the word that comes next, upper and lower case alike; near misses are
  /// named. `what` is "operation", ...
  std::uint16_t choice(std::string_view what, std::span<const std::string> names,
                       std::string_view more_characters = "");
  /// A decimal number in [low, high].
  std::int64_t integer(std::string_view what, std::int64_t low, std::int64_t high);

  /// Throws Error(kUsage) at the present position: what was expected, and what is there.
  [[noreturn]] void fail(std::string_view expected) const { fail_at(position_, expected); }
  [[noreturn]] void fail_at(std::size_t position, std::string_view expected) const;
  /// The same with a reason of its own.
  [[noreturn]] void refuse_at(std::size_t position, const std::string& reason) const;

 private:
  std::string_view space_;
  std::string_view text_;
  std::size_t position_ = 0;
};

/// Position of a name in a list, upper and lower case alike; the size of the list when absent.
std::size_t position_of(std::string_view name, std::span<const std::string> names);

}  // namespace nas
