#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/models/network_file.h"
#include "core/data/augment.h"
#include "core/runtime/model.h"

namespace nas {

/// What is subtracted from a pixel in 0 to 1, and what the difference is divided by: one number
/// for each channel, or one for all.
struct PixelScale {
  std::vector<float> mean;
  std::vector<float> deviation;
};

struct ClassifierOptions {
  /// In place of what the model says; needed where it says nothing, as files of others do.
  std::optional<PixelScale> scale{};
  /// Names of the classes, in place of those that the model says.
  std::vector<std::string> classes{};
  /// Images of another size are scaled to the network's, as folder:DIR@N does.
  bool resize = false;
};

/// One class and how sure the network is of it.
struct ClassForecast {
  std::size_t number = 0;
  std::string name;  ///< "" where nobody says it
  double probability = 0;
};

/// Image files through a network that names their class, each as a test image of its training: not
/// distorted, and scaled as the training images were. Used from one thread.
class ImageClassifier {
 public:
  /// Throws Error(kUsage) for a network that does not read one image and name one class, or that
  /// does not say how pixels are scaled, and as `read_network_file` and `weighted_model` do.
  explicit ImageClassifier(const std::filesystem::path& model,
                           const ClassifierOptions& options = {});

  std::size_t classes() const { return classes_; }

  /// All classes, the most probable first; equal ones by number. Outputs that are probabilities
  /// already stay, others go through a softmax. Throws Error(kIo | kData), naming the image, where
  /// it cannot be read, has another size or more channels than the network.
  std::vector<ClassForecast> classify(const std::filesystem::path& image);

 private:
  ImageClassifier(const FileNetwork& network, const ClassifierOptions& options);

  Shape input_;  ///< [C, H, W]
  std::size_t classes_;
  std::vector<std::string> names_;
  bool resize_;
  ImageWriter scaling_;
  Model model_;  ///< last: what can be refused is refused before LibTorch is loaded
};

}  // namespace nas
