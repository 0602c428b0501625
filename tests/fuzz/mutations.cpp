#include "tests/fuzz/mutations.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <vector>

#include "tests/damage.h"

namespace nas::test {
namespace {

constexpr std::size_t kLongestRun = 64;

template <class Values>
const auto& one_of(const Values& values, Rng& rng) {
  return values[rng.below(std::size(values))];
}

/// Half of the places are near the beginning, where the tables of most files lie.
std::size_t place(const std::string& bytes, Rng& rng) {
  constexpr std::size_t kNear = 4096;
  return rng.below(rng.bernoulli(0.5) ? std::min(bytes.size(), kNear) : bytes.size());
}

void change_word(std::string& bytes, Rng& rng) {
  constexpr std::size_t kWord = 4;
  if (bytes.size() < kWord) return;
  const std::size_t words = bytes.size() / kWord;
  const std::size_t at = std::min(place(bytes, rng) / kWord, words - 1) * kWord;
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, kWord);
  constexpr std::array<std::uint32_t, 9> kHard = {0,      1,          2,          0x7f,      0xff,
                                                  0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  switch (rng.below(4)) {
    case 0:
      word = one_of(kHard, rng);
      break;
    case 1:
      word += static_cast<std::uint32_t>(rng.below(9)) - 4;
      break;
    case 2:
      word += static_cast<std::uint32_t>(kWord * rng.below(33)) - std::uint32_t{64};
      break;
    default:
      std::memcpy(&word, bytes.data() + rng.below(words) * kWord, kWord);
  }
  std::memcpy(bytes.data() + at, &word, kWord);
}

void change_bytes(std::string& bytes, Rng& rng) {
  const std::size_t at = place(bytes, rng), other = place(bytes, rng);
  const std::size_t length = std::min<std::size_t>(1 + rng.below(kLongestRun), bytes.size() - at);
  damage(bytes, rng.below(kDamages), at, other, length, rng);
}

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

/// Words, numbers, and every other character by itself: put together again they are the text.
std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (in_word(text[at]) && end < text.size() && in_word(text[end])) ++end;
    pieces.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

void change_pieces(std::vector<std::string>& pieces, std::span<const std::string_view> vocabulary,
                   Rng& rng) {
  constexpr std::array<std::string_view, 12> kNumbers = {
      "0",  "-1", "1e309", "1e-400", "99999999999999999999", "2147483648", "58", "59",
      "0.", ".5", "1e",    "nan"};
  const std::size_t at = rng.below(pieces.size()), other = rng.below(pieces.size());
  const auto begin = pieces.begin() + static_cast<std::ptrdiff_t>(at);
  switch (rng.below(7)) {
    case 0:
      pieces.erase(begin);
      break;
    case 1:
      pieces.insert(begin, std::string(pieces[other]));
      break;
    case 2:
      std::swap(pieces[at], pieces[other]);
      break;
    case 3:
      pieces[at] = one_of(vocabulary, rng);
      break;
    case 4:
      pieces[at] = one_of(kNumbers, rng);
      break;
    case 5: {  // the same again and again
      const std::size_t length = std::min<std::size_t>(1 + rng.below(20), pieces.size() - at);
      const std::vector<std::string> run(begin, begin + static_cast<std::ptrdiff_t>(length));
      const std::size_t times = std::size_t{1} << rng.below(9);
      for (std::size_t i = 0; i < times; ++i) {
        pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), run.begin(), run.end());
      }
      break;
    }
    default:
      pieces[at][rng.below(pieces[at].size())] = static_cast<char>(rng.below(256));
  }
}

}  // namespace

std::string mutate_words(std::string bytes, Rng& rng) {
  const std::uint64_t damages = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < damages && !bytes.empty(); ++i) {
    if (rng.bernoulli(0.6)) {
      change_word(bytes, rng);
    } else {
      change_bytes(bytes, rng);
    }
  }
  return bytes;
}

std::string mutate_text(std::string_view text, std::span<const std::string_view> vocabulary,
                        Rng& rng) {
  std::vector<std::string> pieces = pieces_of(text);
  const std::uint64_t damages = 1 + rng.below(5);
  for (std::uint64_t i = 0; i < damages && !pieces.empty(); ++i) {
    change_pieces(pieces, vocabulary, rng);
    std::erase(pieces, "");
  }
  std::string result;
  for (const std::string& piece : pieces) result += piece;
  return result;
}

}  // namespace nas::test
