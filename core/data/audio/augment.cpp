#include "core/data/audio/augment.h"

#include <array>
#include <numeric>

#include "core/data/audio/compand.h"
#include "core/data/audio/crop.h"
#include "core/data/audio/noise.h"
#include "core/data/audio/reverberation.h"
#include "core/data/audio/tempo.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Sounds = std::vector<std::vector<std::int16_t>>;

/// EfficientTDNN, section 2.2.
struct NoiseRule {
  std::uint64_t fewest, most;  ///< sounds at once
  double low_db, high_db;      ///< of the speech above each
};
constexpr NoiseRule kNoiseRule = {1, 1, 0, 15};
constexpr NoiseRule kMusicRule = {1, 1, 5, 15};
constexpr NoiseRule kBabbleRule = {3, 7, 13, 20};
constexpr std::array<double, 2> kFaster = {1.1, 1.2};
constexpr std::array<double, 2> kSlower = {0.8, 0.9};

constexpr std::array<std::string_view, kSpeechDistortions> kNames = {
    "none", "reverberation", "music", "babble", "noise", "faster", "slower", "compand"};

/// `count` different numbers below `n`, in random order.
std::vector<std::size_t> draw_different(std::size_t count, std::size_t n, Rng& rng) {
  std::vector<std::size_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(numbers[i], numbers[i + rng.below(n - i)]);
  numbers.resize(count);
  return numbers;
}

std::vector<float> with_sounds(std::span<const float> piece, const Sounds& sounds,
                               const NoiseRule& rule, Rng& rng) {
  const std::size_t count = rule.fewest + rng.below(rule.most - rule.fewest + 1);
  NAS_CHECK(count <= sounds.size(), "a sound bank has sounds enough");
  std::vector<std::vector<float>> noises;
  std::vector<double> snr_db;
  for (const std::size_t i : draw_different(count, sounds.size(), rng)) {
    noises.push_back(random_crop(sounds[i], piece.size(), rng));
    snr_db.push_back(rng.uniform(rule.low_db, rule.high_db));
  }
  std::vector<float> result(piece.begin(), piece.end());
  add_noises(result, noises, snr_db);
  return result;
}

/// A faster piece is too short and repeats, a slower one is cut.
std::vector<float> with_one_tempo(std::span<const float> piece, std::span<const double> factors,
                                  int sample_rate, Rng& rng) {
  const double factor = factors[rng.below(factors.size())];
  return wrapped(with_tempo(piece, factor, sample_rate), piece.size());
}

}  // namespace

std::string_view to_string(SpeechDistortion distortion) {
  return kNames[static_cast<std::size_t>(distortion)];
}

SpeechAugmenter::SpeechAugmenter(std::shared_ptr<const SoundBank> sounds)
    : sounds_(std::move(sounds)) {
  NAS_CHECK(sounds_ != nullptr, "an augmenter has sounds");
}

std::vector<float> SpeechAugmenter::augment(std::span<const float> piece, Rng& rng) const {
  const auto distortion = static_cast<SpeechDistortion>(rng.below(kSpeechDistortions));
  return distort(piece, distortion, rng);
}

std::vector<float> SpeechAugmenter::distort(std::span<const float> piece,
                                            SpeechDistortion distortion, Rng& rng) const {
  const int rate = sounds_->sample_rate;
  switch (distortion) {
    case SpeechDistortion::kNone:
      break;
    case SpeechDistortion::kReverberation:
      return reverberated(piece, sounds_->rooms[rng.below(sounds_->rooms.size())]);
    case SpeechDistortion::kMusic:
      return with_sounds(piece, sounds_->music, kMusicRule, rng);
    case SpeechDistortion::kBabble:
      return with_sounds(piece, sounds_->speech, kBabbleRule, rng);
    case SpeechDistortion::kNoise:
      return with_sounds(piece, sounds_->noise, kNoiseRule, rng);
    case SpeechDistortion::kFaster:
      return with_one_tempo(piece, kFaster, rate, rng);
    case SpeechDistortion::kSlower:
      return with_one_tempo(piece, kSlower, rate, rng);
    case SpeechDistortion::kCompand: {
      std::vector<float> result(piece.begin(), piece.end());
      compand(result, rate);
      return result;
    }
  }
  return {piece.begin(), piece.end()};
}

}  // namespace nas
