#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/api/search_space.h"
#include "core/util/options.h"

namespace nas {

/// How an architecture is trained and judged. Stored beside results, never inside an architecture.
struct Recipe {
  std::int64_t epochs = 12;
  std::int64_t batch = 128;
  std::string optimizer = "sgd";  ///< sgd | adam | adamw
  double learning_rate = 0.1;
  double final_learning_rate = 0.0;
  double momentum = 0.9;  ///< sgd
  bool nesterov = true;   ///< sgd
  double weight_decay = 5e-4;
  std::string schedule =
      "cosine";  ///< cosine (per step) | step (x 0.1 at 50 % and 75 %) | constant
  double warmup_epochs = 0;
  double label_smoothing = 0;
  double ema_decay = 0;           ///< 0: off; evaluation then uses the averaged weights
  double gradient_clip = 0;       ///< global norm; 0: off
  double auxiliary_weight = 0;    ///< weight of the output "auxiliary"
  std::int64_t crop_padding = 4;  ///< random crop; 0: off
  bool flip = true;               ///< random horizontal flip
  std::int64_t cutout = 0;        ///< side of the square; 0: off
  double validation_fraction =
      0.2;  ///< of the training set, held out for `accuracy`; 0: all is trained on
  std::int64_t train_samples = 0;       ///< at most this many training images; 0: all
  std::int64_t validation_samples = 0;  ///< at most this many; 0: all
  std::int64_t seed = 0;
  /// Task::width and Task::depth of the trained network; 0: the space's own, -1: those of its small
  /// network (SpaceInfo::small_width), which short trainings use.
  std::int64_t width = 0;
  std::int64_t depth = 0;
  std::string skeleton;               ///< Task::skeleton
  std::string precision = "float32";  ///< float32 | bfloat16 (refused where the CPU lacks it)
};

std::span<const Field<Recipe>> recipe_fields();

/// Named starting points; what they leave out has the defaults above.
///   smoke  seconds: 1 epoch of 512 images on the space's small network. Proves that all works.
///   short  minutes: 3 epochs of 8,000 images on the small network, judged on 2,000 held-out
///   images. full   the published setting of NAS-Bench-201 on "CIFAR-10-valid": 200 epochs, batch
///   256, SGD with
///          Nesterov momentum 0.9, learning rate 0.1 falling to 0 by a cosine, weight decay 5e-4,
///          flips and crops, half of the training set held out, seed 777.
/// Throws Error(kUsage) with near misses.
Recipe recipe_preset(std::string_view name);

/// Canonical text of everything that determines a result: data set, split and the whole recipe.
/// Equal text = equal fidelity, across versions: a field that is younger than a text is left out
/// where it asks for what was done before it existed (`settled_text`).
std::string fidelity_text(std::string_view dataset_id, const Recipe& recipe);

/// The network that this recipe trains on images of this shape and number of classes.
Task task_for(const SearchSpace& space, const Shape& images, std::int64_t classes,
              const Recipe& recipe);

}  // namespace nas
