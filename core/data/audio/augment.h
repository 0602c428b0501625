#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/audio/sound_bank.h"
#include "core/util/rng.h"

namespace nas {

/// What happens to one training piece.
enum class SpeechDistortion {
  kNone,
  kReverberation,
  kMusic,   ///< one tune, 5 to 15 dB below the speech
  kBabble,  ///< three to seven speakers, each 13 to 20 dB below
  kNoise,   ///< one noise, 0 to 15 dB below
  kFaster,  ///< 1.1 or 1.2 times, then repeated to the old length
  kSlower,  ///< 0.8 or 0.9 times, then cut to the old length
  kCompand,
};
inline constexpr std::size_t kSpeechDistortions = 8;
std::string_view to_string(SpeechDistortion distortion);

/// Augmentation "v2+" of EfficientTDNN, section 2.2: one of the eight, equally likely, for each
/// piece. Immutable; may be used by several threads at once.
class SpeechAugmenter {
 public:
  explicit SpeechAugmenter(std::shared_ptr<const SoundBank> sounds);

  /// A piece of the same length. Depends on `piece` and `rng` alone.
  std::vector<float> augment(std::span<const float> piece, Rng& rng) const;
  /// The same with a distortion that is given.
  std::vector<float> distort(std::span<const float> piece, SpeechDistortion distortion,
                             Rng& rng) const;

 private:
  std::shared_ptr<const SoundBank> sounds_;
};

}  // namespace nas
