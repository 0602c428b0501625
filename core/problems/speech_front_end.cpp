#include "core/problems/speech_front_end.h"

#include <algorithm>
#include <cmath>

#include "core/data/audio/crop.h"
#include "core/data/audio/spec_augment.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

MelOptions mel_options_of(int sample_rate, const SpeechRecipe& recipe) {
  MelOptions options = mel_options_for(sample_rate, recipe.features == "mfcc");
  options.normalise = recipe.normalise;
  return options;
}

}  // namespace

SpeechFrontEnd::SpeechFrontEnd(int sample_rate, const SpeechRecipe& recipe,
                               std::shared_ptr<const SoundBank> sounds)
    : mel_(mel_options_of(sample_rate, recipe)),
      piece_(static_cast<std::size_t>(std::lround(recipe.crop_seconds * sample_rate))),
      test_pieces_(static_cast<std::size_t>(recipe.test_crops)),
      masks_(recipe.spec_augment),
      augmenter_(sounds == nullptr ? nullptr
                                   : std::make_unique<SpeechAugmenter>(std::move(sounds))) {
  if (piece_ < mel_.least_samples()) {
    throw Error(ErrorKind::kUsage, "crop_seconds = " + format_double(recipe.crop_seconds) +
                                       " are " + std::to_string(piece_) + " samples at " +
                                       std::to_string(sample_rate) + " Hz; the features need " +
                                       std::to_string(mel_.least_samples()));
  }
}

Shape SpeechFrontEnd::shape() const {
  return {static_cast<std::int64_t>(mel_.channels()),
          static_cast<std::int64_t>(mel_.frames(piece_))};
}

void SpeechFrontEnd::training_piece(std::span<const std::int16_t> recording, Rng& rng,
                                    std::span<float> out) const {
  std::vector<float> piece = random_crop(recording, piece_, rng);
  if (augmenter_ != nullptr) piece = augmenter_->augment(piece, rng);
  std::vector<float> features = mel_.extract(piece);
  if (masks_) mask_features(features, mel_.channels(), {}, rng);
  std::copy(features.begin(), features.end(), out.begin());
}

void SpeechFrontEnd::test_pieces_of(std::span<const std::int16_t> recording,
                                    std::span<float> out) const {
  std::vector<std::vector<float>> pieces;
  if (test_pieces_ == 1) {
    pieces.push_back(centre_crop(recording, piece_));
  } else {
    pieces = spaced_crops(recording, piece_, test_pieces_);
  }
  for (const std::vector<float>& piece : pieces) {
    const std::vector<float> features = mel_.extract(piece);
    std::copy(features.begin(), features.end(), out.begin());
    out = out.subspan(features.size());
  }
}

}  // namespace nas
