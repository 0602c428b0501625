#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/api/problem_record.h"
#include "core/api/search_space.h"
#include "core/util/options.h"

namespace nas {

/// How an architecture is trained and judged, whatever the problem. Stored beside results, never
/// inside an architecture.
struct Recipe {
  std::int64_t epochs = 12;
  std::int64_t batch = 128;
  std::string optimizer = "sgd";  ///< sgd | adam | adamw | rmsprop | adagrad | lbfgs | spsa
  double learning_rate = 0.1;
  double final_learning_rate = 0.0;
  double momentum = 0.9;  ///< sgd, rmsprop
  bool nesterov = true;   ///< sgd
  double weight_decay = 5e-4;
  bool decay_norm = true;  ///< weight decay also of biases and of the scales of normalisations
  /// cosine (per step) | step (x 0.1 at 50 % and 75 %) | constant | triangular2 (per step)
  std::string schedule = "cosine";
  std::int64_t cycles = 1;  ///< of triangular2
  double warmup_epochs = 0;
  double label_smoothing = 0;
  double ema_decay = 0;         ///< 0: off; evaluation then uses the averaged weights
  double gradient_clip = 0;     ///< global norm; 0: off
  double auxiliary_weight = 0;  ///< weight of the output "auxiliary"
  /// Of the training samples, held out to judge by; 0: all are trained on.
  double validation_fraction = 0.2;
  std::int64_t train_samples = 0;       ///< at most this many; 0: all
  std::int64_t validation_samples = 0;  ///< at most this many; 0: all
  std::int64_t seed = 0;
  /// Task::width and Task::depth of the trained network; 0: the space's own, -1: those of its small
  /// network (SpaceInfo::small_width), which short trainings use.
  std::int64_t width = 0;
  std::int64_t depth = 0;
  std::string skeleton;               ///< Task::skeleton
  std::string precision = "float32";  ///< float32 | bfloat16 (refused where the CPU lacks it)
  OptionMap problem{};  ///< fields of the problem's own; what is absent has its default
};

/// The fields that every problem has.
std::span<const Field<Recipe>> recipe_fields();

/// Named starting points; what they leave out has the defaults above.
///   smoke  seconds: 1 epoch of 512 samples on the space's small network. Proves that all works.
///   short  minutes: 3 epochs of 8,000 samples on the small network, judged on 2,000 held-out ones.
///   full   the published setting of NAS-Bench-201 on "CIFAR-10-valid": 200 epochs, batch 256, SGD
///          with Nesterov momentum 0.9, learning rate 0.1 falling to 0 by a cosine, weight decay
///          5e-4, flips and crops, half of the training set held out, seed 777.
/// Throws Error(kUsage) with near misses.
Recipe recipe_preset(std::string_view name);

/// Reads `options`, each a field of Recipe or of one of `problems`, over the defaults. With one
/// problem the result has all of its fields. Throws Error(kUsage) for an unknown name (with the
/// near miss) or value; `what` names the place: "recipe".
Recipe parse_recipe(const OptionMap& options, std::span<const ProblemRecord* const> problems,
                    std::string_view what);
/// What `parse_recipe` reads back as an equal recipe: every field with its value.
OptionMap recipe_options(const Recipe& recipe);

/// Canonical text of everything that determines a result: data and the whole recipe, the problem's
/// own fields among it. Equal text = equal fidelity, across versions: a field that is younger than
/// a text is left out where it asks for what was done before it existed (`settled_text`).
std::string fidelity_text(const ProblemRecord& problem, std::string_view data_id,
                          const Recipe& recipe);

/// What a fidelity says, of whatever release.
struct Fidelity {
  std::string data_id;
  OptionMap options;            ///< the fields that it names
  std::int64_t epochs() const;  ///< 0: it is not the text of a training
};
Fidelity parse_fidelity(std::string_view text);
/// The recipe that it is the fidelity of, as far as a recipe of this problem has such fields.
Recipe recipe_of(const Fidelity& fidelity, const ProblemRecord& problem);

/// The network that this recipe trains for what a problem poses: an input and outputs; all else of
/// `posed` is left out.
Task task_for(const SearchSpace& space, const Task& posed, const Recipe& recipe);

}  // namespace nas
