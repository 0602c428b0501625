#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/data/audio/augment.h"
#include "core/data/audio/mel.h"
#include "core/ir/tensor_type.h"
#include "core/util/options.h"
#include "core/util/rng.h"

namespace nas {

/// What a recipe says of recordings alone.
struct SpeechRecipe {
  double crop_seconds = 2;            ///< length of the pieces that a network reads
  std::int64_t test_crops = 2;        ///< pieces that a recording is judged by
  std::string features = "log_mel";   ///< log_mel | mfcc
  bool normalise = true;              ///< each channel over the piece
  std::string augmentation = "none";  ///< none | v2+
  std::string sounds;                 ///< folder for v2+; "": generated sounds
  bool spec_augment = false;          ///< masks over channels and frames
};

/// From a recording to what networks read. Immutable and safe from several threads.
class SpeechFrontEnd {
 public:
  /// `sounds`: null where nothing is augmented. Throws Error(kUsage) for pieces that are too short
  /// for the features.
  SpeechFrontEnd(int sample_rate, const SpeechRecipe& recipe,
                 std::shared_ptr<const SoundBank> sounds = nullptr);

  Shape shape() const;  ///< [channels, frames]
  std::size_t test_pieces() const { return test_pieces_; }

  /// One random piece, augmented: [channels, frames].
  void training_piece(std::span<const std::int16_t> recording, Rng& rng,
                      std::span<float> out) const;
  /// The pieces that the recording is judged by: one in the middle, or several equally spaced
  /// ones. [test_pieces, channels, frames].
  void test_pieces_of(std::span<const std::int16_t> recording, std::span<float> out) const;

 private:
  MelFrontEnd mel_;
  std::size_t piece_;  ///< samples
  std::size_t test_pieces_;
  bool masks_;
  std::unique_ptr<const SpeechAugmenter> augmenter_;
};

}  // namespace nas
