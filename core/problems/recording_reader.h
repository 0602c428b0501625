#pragma once

#include <memory>
#include <vector>

#include "core/data/batch_loader.h"
#include "core/data/speech/recordings.h"
#include "core/problems/speech_front_end.h"

namespace nas {

/// Recordings as samples of batches.
class RecordingReader final : public SampleReader {
 public:
  /// What is referred to must outlive the reader.
  struct Setup {
    const RecordingStore& recordings;
    const std::vector<std::uint32_t>& chosen;  ///< by sample
    const std::vector<std::uint16_t>& labels;  ///< by sample
    const SpeechRecipe& recipe;
    std::shared_ptr<const SoundBank> sounds{};  ///< null: nothing is augmented
    bool training = false;  ///< one random piece of each, else those that it is judged by
  };
  explicit RecordingReader(const Setup& setup);

  std::size_t samples() const override { return chosen_.size(); }
  std::size_t elements() const override;
  std::size_t rows_of_sample() const override;
  std::int64_t label(std::uint32_t sample) const override { return labels_[sample]; }
  void read(std::uint32_t sample, Rng& chance, std::span<float> rows) const override;

 private:
  const RecordingStore& recordings_;
  const std::vector<std::uint32_t>& chosen_;
  const std::vector<std::uint16_t>& labels_;
  const SpeechFrontEnd front_end_;
  const bool training_;
};

}  // namespace nas
