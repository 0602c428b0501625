#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace nas {

/// One block of Philox4x32-10: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"
/// (SC 2011). The published test vectors of Random123 are in tests/core/util/rng_test.cpp.
std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key);

/// What a stream of random numbers is for. Each consumer has its own, so that a new consumer never
/// shifts the numbers of another. Append only: the values are part of reproducibility.
enum class Purpose : std::uint32_t {
  kSearch = 1,       ///< decisions of a searcher
  kSample = 2,       ///< sampling architectures for the user
  kInit = 3,         ///< initial weights
  kShuffle = 4,      ///< order of training samples
  kAugment = 5,      ///< crops, flips, cutout
  kDropout = 6,      ///< dropout and drop path
  kSplit = 7,        ///< train/validation split
  kData = 8,         ///< generated data sets
  kTest = 9,         ///< tests and benchmarks
  kProxy = 10,       ///< images, labels and noise of zero-cost proxies
  kPredictor = 11,   ///< weights, order and dropout of predictors
  kSimulation = 12,  ///< draws of a simulated study beside those of its searcher
  kPaths = 13,       ///< subnets that a supernet is trained on
};

/// The coordinates of a stream: the same key always gives the same numbers, on every machine.
struct RngKey {
  std::uint64_t seed = 0;
  std::uint64_t study = 0;  ///< `stable_hash` of what names the study's work
  std::uint64_t trial = 0;
  Purpose purpose = Purpose::kTest;
};

/// Counter-based random numbers (Philox4x32-10). A value type: copy it to branch off, `at` to jump.
/// Satisfies UniformRandomBitGenerator; but use the members below instead of `<random>`'s
/// distributions, whose results differ between standard libraries.
class Rng {
 public:
  using result_type = std::uint32_t;

  explicit Rng(const RngKey& key);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()();

  /// The number of 32-bit words drawn so far; `seek` sets it. Together with the key this is the
  /// whole state.
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position);

  /// An independent stream for sub-task `index` (image 17, worker 3), which does not depend on
  /// how many numbers were drawn from this one.
  Rng stream(std::uint64_t index) const;

  std::uint64_t next_u64();
  double uniform();                         ///< in [0, 1), 53 random bits
  double uniform(double low, double high);  ///< in [low, high)
  double normal();                          ///< N(0, 1), Box-Muller, two words of 64 bits each
  std::uint64_t below(std::uint64_t n);     ///< in [0, n), unbiased. Requires n > 0
  bool bernoulli(double probability);

  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(i)]);
    }
  }

 private:
  Rng(std::array<std::uint32_t, 2> key, std::uint64_t high) : key_(key), high_(high) {}

  std::array<std::uint32_t, 2> key_;
  std::uint64_t high_;  ///< upper half of the 128-bit counter: which stream
  std::uint64_t position_ = 0;
  std::array<std::uint32_t, 4> block_{};
  std::uint64_t block_index_ = std::numeric_limits<std::uint64_t>::max();
};

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64-bit words.
constexpr std::uint64_t splitmix_finalise(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

/// FNV-1a, 64 bits, then a finaliser: a hash whose value never changes between builds or machines.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;  // offset basis and prime of 64 bits
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return splitmix_finalise(hash);
}

/// Mixes two 64-bit values into one (splitmix64 finaliser); stable as well. Not commutative.
std::uint64_t stable_mix(std::uint64_t a, std::uint64_t b);

}  // namespace nas
