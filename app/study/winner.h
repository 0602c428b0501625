#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "app/study/study_config.h"
#include "core/api/recipe.h"
#include "core/runtime/trainer.h"

namespace nas {

struct TrainRequest {
  PluginChoice space;
  std::string architecture;  ///< the space's own text
  /// A network of no space in the place of these two: an ONNX or model file.
  std::filesystem::path network{};
  /// A model whose weights the training starts from, of the same network; "": drawn by the seed.
  std::filesystem::path weights{};
  std::string data;
  Recipe recipe;  ///< validation_fraction 0: all training images
  /// Safetensors; "": <models directory>/<space>-<digest8>.safetensors. A file that is there stays:
  /// a name of ours becomes <name>-2, a given one is refused.
  std::filesystem::path output;
  std::string stem{};  ///< of a name of ours in the place of <space>
  bool force = false;  ///< replace the file
  /// Continue from <output>.checkpoint; false: a leftover is ignored and replaced.
  bool resume = false;
  bool with_test = true;  ///< look at the test set, once, at the end
  bool record = true;     ///< store a model row
  int threads = 0;  ///< intra-op; 0: all cores, or one for a network too small to gain from more
  /// A saved model to learn from as well, by the loss `distill`; "": none.
  std::filesystem::path teacher{};
  DistillChoice distill{};
};

struct TrainOutcome {
  TrainReport report;
  const ProblemRecord* problem = nullptr;  ///< that it was trained for
  std::filesystem::path path;              ///< written unless stopped
  std::string sha256;
  std::string fidelity;
  std::string network;  ///< text of what was trained
  std::int64_t params = 0;
  std::int64_t macs = 0;
};

/// ".qasm" of a problem that fits circuits, else ".safetensors".
std::string_view model_ending(const ProblemRecord& problem);

/// The circuit of a trial with the angles that its fit found: fitted again, which gives the same.
/// `graph` as it is where the study fits nothing.
ArchGraph fitted_graph(Session& session, const StudyConfig& config, const ArchGraph& graph);

/// Trains any architecture and saves it: safetensors, model row with sha256, metrics. A network of
/// no space has no rows, only its file. Throws Error(kUsage) where the named output exists, and
/// where data or weights do not fit the network. When the session's stop token ends it,
/// `report.stopped` is set and the checkpoint stays beside the output.
TrainOutcome train_architecture(Session& session, const TrainRequest& request);

struct WinnerOptions {
  std::int64_t trial = -1;  ///< -1: best by the first objective among the feasible
  bool resume = true;
  int threads = 0;     ///< as in TrainRequest
  bool again = false;  ///< train although this trial has its model of the final recipe
};

struct WinnerOutcome {
  std::int64_t trial = 0;
  std::string architecture;
  TrainOutcome training;
  bool known = false;  ///< trained before: of the training only what is stored
};

/// Retrains the winner of a study by its final recipe on all training images, tests it once and
/// saves it as <models directory>/<study>-<digest8>.safetensors (or -2, -3, ...). Once: where the
/// store knows the model of this trial and recipe, and its file is there unchanged, that one is
/// given. Throws Error(kUsage) when no trial is feasible.
WinnerOutcome train_winner(Session& session, std::string_view study,
                           const WinnerOptions& options = {});

}  // namespace nas
