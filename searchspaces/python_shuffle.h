#pragma once

#include <cstdint>
#include <vector>

namespace nas {

/// The first `count` 32-bit outputs of Python's `random.seed(seed)` generator (Mersenne Twister
/// 19937, seeded by `init_by_array([seed])`).
std::vector<std::uint32_t> python_random_words(std::uint32_t seed, std::size_t count);

/// The order in which `random.seed(seed); random.shuffle(list(range(size)))` of Python 3 leaves the
/// list: Fisher-Yates from the end, j below n by taking the top bits of a word until it is below n.
std::vector<std::uint32_t> python_shuffle(std::uint32_t seed, std::uint32_t size);

}  // namespace nas
