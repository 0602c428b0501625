#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/problems/speech_front_end.h"
#include "core/runtime/model.h"

namespace nas {

/// Recordings through a saved model that tells speakers apart. Used from one thread.
class RecordingEmbedder {
 public:
  /// Throws Error(kUsage) for a model that was not trained on recordings of speakers, and as
  /// `open_model` does.
  explicit RecordingEmbedder(const std::filesystem::path& model);

  /// The mean direction of the pieces that a recording is judged by: the product of two is their
  /// score (core/util/verification.h). The recording may have any rate. Throws Error(kIo | kData),
  /// naming it, where it cannot be read.
  std::vector<float> embed(const std::filesystem::path& recording);

 private:
  int sample_rate_;
  Model model_;
  std::unique_ptr<const SpeechFrontEnd> front_end_;
};

}  // namespace nas
