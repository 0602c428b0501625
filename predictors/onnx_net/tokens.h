#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

using TokenText = std::vector<std::uint16_t>;

/// Texts of NetworkText::kRunLength as numbers: the longest word of a fixed vocabulary at each
/// place. Words bring the blank or end of line before them; all that is printable can be written,
/// character by character at worst, and is read back as it was.
class TextTokens {
 public:
  /// What stands for a word that was never seen, and for what cannot be printed.
  static constexpr std::uint16_t kUnknown = 0;

  /// Operators, kernels, ratios, names of values and blocks, then single characters.
  TextTokens();

  std::span<const std::string> words() const { return words_; }
  TokenText encode(std::string_view text) const;
  /// Numbers of values changed: number i becomes order[i - 1]. A name says nothing but where it
  /// stands again. `order` has kValues different numbers from 1 on.
  void rename(TokenText& text, std::span<const std::uint16_t> order) const;
  static constexpr std::uint16_t kValues = 40;  ///< that are words

  std::string decode(std::span<const std::uint16_t> tokens) const;

 private:
  void add(std::string word);

  std::vector<std::string> words_;
  std::uint16_t first_value_ = 0;  ///< its definition; then its use, then those of the next
  std::array<std::vector<std::uint16_t>, 256> by_first_;  ///< longest first
};

}  // namespace nas
