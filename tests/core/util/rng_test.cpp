#include "core/util/rng.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

using namespace nas;
using Block = std::array<std::uint32_t, 4>;

TEST_CASE("rng: Philox4x32-10 gives the published test vectors of Random123") {
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
        Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t kOnes = 0xffffffff;
  CHECK(philox4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("rng: mixing is not commutative and keeps small pairs apart") {
  CHECK(stable_mix(1234567, 0) != stable_mix(0, 1234567));
  std::set<std::uint64_t> values;
  for (std::uint64_t a = 0; a < 100; ++a) {
    for (std::uint64_t b = 0; b < 100; ++b) values.insert(stable_mix(a, b));
  }
  CHECK(values.size() == 10'000);
}

TEST_CASE("rng: equal keys give equal numbers, and each coordinate of the key matters") {
  const RngKey key{.seed = 1, .study = 2, .trial = 3, .purpose = Purpose::kSearch};
  std::set<std::uint64_t> firsts;
  for (const RngKey& other :
       {key, RngKey{2, 2, 3, Purpose::kSearch}, RngKey{1, 3, 3, Purpose::kSearch},
        RngKey{1, 2, 4, Purpose::kSearch}, RngKey{1, 2, 3, Purpose::kInit},
        RngKey{2, 1, 3, Purpose::kSearch}, RngKey{1, 3, 2, Purpose::kSearch}}) {
    Rng a(other);
    Rng b(other);
    for (int i = 0; i < 100; ++i) REQUIRE(a() == b());
    firsts.insert(Rng(other).next_u64());
  }
  CHECK(firsts.size() == 7);
}

TEST_CASE("rng: position and seek are the whole state") {
  Rng rng({.seed = 9});
  for (int i = 0; i < 13; ++i) rng();
  const std::uint64_t position = rng.position();
  CHECK(position == 13);
  std::vector<std::uint32_t> ahead;
  for (int i = 0; i < 20; ++i) ahead.push_back(rng());
  Rng again({.seed = 9});
  again.seek(position);
  for (const std::uint32_t value : ahead) REQUIRE(again() == value);
  again.seek(2);
  Rng third({.seed = 9});
  third();
  third();
  CHECK(again() == third());
}

TEST_CASE("rng: streams do not depend on what was drawn, and differ") {
  Rng rng({.seed = 4});
  const std::uint64_t before = rng.stream(7).next_u64();
  rng.next_u64();
  CHECK(rng.stream(7).next_u64() == before);
  std::set<std::uint64_t> values{rng.next_u64()};
  for (std::uint64_t i = 0; i < 1000; ++i) values.insert(rng.stream(i).next_u64());
  for (std::uint64_t i = 0; i < 100; ++i) values.insert(rng.stream(1).stream(i).next_u64());
  CHECK(values.size() == 1101);
}

TEST_CASE("rng: uniform numbers fill [0, 1) evenly") {
  Rng rng({.seed = 1});
  std::array<int, 16> bins{};
  constexpr int kDraws = 160'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    REQUIRE((u >= 0 && u < 1));
    ++bins[static_cast<std::size_t>(u * 16)];
  }
  double chi2 = 0;
  for (const int count : bins) chi2 += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  CHECK(chi2 < 37.7);  // 99.9 % of a chi-squared with 15 degrees of freedom
  for (int i = 0; i < 1000; ++i) {
    const double value = rng.uniform(-2, 5);
    REQUIRE((value >= -2 && value < 5));
  }
}

TEST_CASE("rng: below is even for sizes that do not divide 2^64, and reaches both ends") {
  Rng rng({.seed = 2});
  std::array<int, 6> bins{};
  for (int i = 0; i < 60'000; ++i) ++bins[rng.below(6)];
  double chi2 = 0;
  for (const int count : bins) chi2 += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  CHECK(chi2 < 20.5);  // 99.9 %, 5 degrees of freedom
  CHECK(rng.below(1) == 0);
  // With n just above 2^63 a modulo without rejection would favour small values two to one.
  const std::uint64_t n = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  int low = 0;
  for (int i = 0; i < 30'000; ++i) low += rng.below(n) < n / 3 ? 1 : 0;
  CHECK(std::abs(low - 10'000) < 330);  // 4 standard deviations
}

TEST_CASE("rng: normal numbers have mean 0, variance 1 and the tails of the bell") {
  Rng rng({.seed = 3});
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0;
  int outside = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    REQUIRE(std::isfinite(x));
    sum += x;
    squares += x * x;
    outside += std::abs(x) > 1.959964 ? 1 : 0;
  }
  CHECK(std::abs(sum / kDraws) < 4 / std::sqrt(double{kDraws}));
  CHECK(std::abs(squares / kDraws - 1) < 4 * std::sqrt(2.0 / kDraws));
  CHECK(std::abs(outside - 5000) < 280);  // 4 standard deviations of a binomial with p = 0.05
}

TEST_CASE("rng: all orders of three items are equally likely") {
  Rng rng({.seed = 6});
  std::map<std::vector<int>, int> seen;
  for (int i = 0; i < 12'000; ++i) {
    std::vector<int> items = {1, 2, 3};
    rng.shuffle(std::span(items));
    ++seen[items];
  }
  REQUIRE(seen.size() == 6);
  for (const auto& [order, count] : seen) CHECK(std::abs(count - 2000) < 165);
}

TEST_CASE("rng: the hash of texts is FNV-1a under a finaliser and never changes") {
  // FNV-1a of "a" is af63dc4c8601ec8c (reference tables of Fowler, Noll, Vo); the finaliser written
  // out.
  std::uint64_t z = 0xaf63dc4c8601ec8c;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  CHECK(stable_hash("a") == z);
  CHECK(stable_hash("ab") != stable_hash("ba"));
}
