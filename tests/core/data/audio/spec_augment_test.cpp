#include "core/data/audio/spec_augment.h"

#include <doctest/doctest.h>

#include <vector>

using namespace nas;

namespace {

constexpr std::size_t kChannels = 40;
constexpr std::size_t kFrames = 51;

/// Which channels and frames are zero throughout in features of ones.
struct Masked {
  std::vector<std::size_t> channels;
  std::vector<std::size_t> frames;
};

Masked mask_ones(std::uint64_t seed, const SpecAugmentOptions& options) {
  std::vector<float> features(kChannels * kFrames, 1.0F);
  Rng rng(RngKey{.seed = seed, .purpose = Purpose::kAugment});
  mask_features(features, kChannels, options, rng);
  Masked masked;
  for (std::size_t c = 0; c < kChannels; ++c) {
    bool zero = true;
    for (std::size_t t = 0; t < kFrames; ++t) zero = zero && features[c * kFrames + t] == 0;
    if (zero) masked.channels.push_back(c);
  }
  for (std::size_t t = 0; t < kFrames; ++t) {
    bool zero = true;
    for (std::size_t c = 0; c < kChannels; ++c) zero = zero && features[c * kFrames + t] == 0;
    if (zero) masked.frames.push_back(t);
  }
  std::size_t zeros = 0;
  for (const float value : features) zeros += value == 0 ? 1 : 0;
  // Nothing else is touched.
  CHECK(zeros == masked.channels.size() * kFrames + masked.frames.size() * kChannels -
                     masked.channels.size() * masked.frames.size());
  return masked;
}

}  // namespace

TEST_CASE("spec augment: one band of neighbours each, of up to 10 channels and 5 frames") {
  std::size_t widest = 0;
  std::size_t longest = 0;
  double channels = 0;
  constexpr int kRounds = 2000;
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    const Masked masked = mask_ones(seed, {});
    widest = std::max(widest, masked.channels.size());
    longest = std::max(longest, masked.frames.size());
    channels += static_cast<double>(masked.channels.size());
    for (const auto& band : {masked.channels, masked.frames}) {
      if (!band.empty()) CHECK(band.back() - band.front() + 1 == band.size());
    }
  }
  CHECK(widest == 10);
  CHECK(longest == 5);
  // A width uniform in [0, 10) at a real start covers 5 channels on average.
  CHECK(channels / kRounds == doctest::Approx(5).epsilon(0.05));
}

TEST_CASE("spec augment: masks wider than the features and of no width") {
  const Masked none = mask_ones(1, {.most_channels = 0, .most_frames = 0});
  CHECK(none.channels.empty());
  CHECK(none.frames.empty());
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CHECK(mask_ones(seed, {.most_channels = 1000, .most_frames = 0}).frames.size() <= kFrames);
  }
}
