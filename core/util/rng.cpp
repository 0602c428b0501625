#include "core/util/rng.h"

#include <cmath>
#include <numbers>

#include "core/util/error.h"

namespace nas {
namespace {

// Salmon et al. (2011), section 3.3 and the constants of its reference implementation.
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high_word(product1) ^ counter[1] ^ key[0], low_word(product1),
               high_word(product0) ^ counter[3] ^ key[1], low_word(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

Rng::Rng(const RngKey& key) : high_(0) {
  const std::uint64_t who =
      stable_mix(stable_mix(key.seed, key.study), static_cast<std::uint64_t>(key.purpose));
  key_ = {low_word(who), high_word(who)};
  // For a fixed cipher key, `stable_mix` is a bijection of the trial: no two trials share a stream.
  high_ = stable_mix(who, key.trial);
}

Rng::result_type Rng::operator()() {
  const std::uint64_t index = position_ / 4;
  if (index != block_index_) {
    block_ =
        philox4x32_10({low_word(index), high_word(index), low_word(high_), high_word(high_)}, key_);
    block_index_ = index;
  }
  return block_[position_++ % 4];
}

void Rng::seek(std::uint64_t position) {
  position_ = position;
}

Rng Rng::stream(std::uint64_t index) const {
  return Rng(key_, stable_mix(high_, index));
}

std::uint64_t Rng::next_u64() {
  const std::uint64_t low = (*this)();
  const std::uint64_t high = (*this)();
  return high << 32 | low;
}

double Rng::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1.0p-53;
}

double Rng::uniform(double low, double high) {
  const double value = low + (high - low) * uniform();
  return value < high ? value : std::nextafter(high, low);  // the sum may round up to `high`
}

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is in (0, 1]
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t Rng::below(std::uint64_t n) {
  NAS_CHECK(n > 0, "Rng::below(0)");
  const std::uint64_t excess =
      (0 - n) % n;  // 2^64 mod n: reject this many values, and no bias is left
  std::uint64_t value = next_u64();
  while (value < excess) value = next_u64();
  return value % n;
}

bool Rng::bernoulli(double probability) {
  return uniform() < probability;
}

std::uint64_t stable_mix(std::uint64_t a, std::uint64_t b) {
  return splitmix_finalise((splitmix_finalise(a + kGolden) ^ b) + kGolden);
}

}  // namespace nas
