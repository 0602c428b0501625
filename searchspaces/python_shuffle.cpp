#include "searchspaces/python_shuffle.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>
#include <utility>

namespace nas {

namespace {

/// The key schedule `init_by_array` of Matsumoto & Nishimura (2002) for a key of one word, in the
/// form that std::mt19937 accepts as a seed sequence: the words become its state unchanged.
class KeySchedule {
 public:
  using result_type = std::uint32_t;
  explicit KeySchedule(std::uint32_t key) : key_(key) {}

  template <class Iterator>
  void generate(Iterator begin, Iterator end) {
    const auto size = static_cast<std::uint32_t>(end - begin);
    begin[0] = 19650218U;
    for (std::uint32_t i = 1; i < size; ++i) {
      begin[i] = 1812433253U * mixed(begin[i - 1]) + i;
    }
    std::uint32_t i = 1;
    const auto advance = [&] {
      if (++i < size) return;
      begin[0] = begin[size - 1];
      i = 1;
    };
    for (std::uint32_t k = 0; k < size; ++k, advance()) {
      begin[i] = (begin[i] ^ (mixed(begin[i - 1]) * 1664525U)) + key_;
    }
    for (std::uint32_t k = 1; k < size; ++k, advance()) {
      begin[i] = (begin[i] ^ (mixed(begin[i - 1]) * 1566083941U)) - i;
    }
    begin[0] = 0x80000000U;
  }

 private:
  static std::uint32_t mixed(std::uint_fast32_t word) {
    const auto w = static_cast<std::uint32_t>(word);
    return w ^ (w >> 30);
  }
  std::uint32_t key_;
};

std::mt19937 python_generator(std::uint32_t seed) {
  KeySchedule schedule(seed);
  return std::mt19937(schedule);
}

std::uint32_t below(std::mt19937& generator, std::uint32_t n) {
  const int bits = std::bit_width(n);
  while (true) {
    const auto word = static_cast<std::uint32_t>(generator()) >> (32 - bits);
    if (word < n) return word;
  }
}

}  // namespace

std::vector<std::uint32_t> python_random_words(std::uint32_t seed, std::size_t count) {
  std::mt19937 generator = python_generator(seed);
  std::vector<std::uint32_t> words(count);
  std::generate(words.begin(), words.end(),
                [&] { return static_cast<std::uint32_t>(generator()); });
  return words;
}

std::vector<std::uint32_t> python_shuffle(std::uint32_t seed, std::uint32_t size) {
  std::mt19937 generator = python_generator(seed);
  std::vector<std::uint32_t> items(size);
  std::iota(items.begin(), items.end(), 0U);
  for (std::uint32_t i = size; i > 1; --i) std::swap(items[i - 1], items[below(generator, i)]);
  return items;
}

}  // namespace nas
