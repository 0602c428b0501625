#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "core/api/problem.h"
#include "core/runtime/distill.h"
#include "core/runtime/model.h"

namespace nas {

struct TrainSetup {
  std::shared_ptr<const Problem> problem;
  Recipe recipe;
  int loader_threads = 0;
  bool evaluate_each_epoch = true;
  /// Learn from a teacher as well; null: from the labels only. Outlives the training.
  const DistillSetup* distill = nullptr;
  /// Written atomically after every epoch, and read first: training resumes exactly where it
  /// stopped (weights, running statistics, optimiser, averaged weights, epoch). Empty: none.
  std::filesystem::path checkpoint;
  ProgressSink* progress = nullptr;
  std::stop_token stop;
};

struct TrainReport {
  std::int64_t epochs_done = 0;
  bool stopped = false;   ///< by the stop token, after the checkpoint
  double train_loss = 0;  ///< last epoch
  /// Of the last epoch's batches, as they were trained on.
  std::vector<NamedValue> train;
  /// The problem's metrics of the held-out samples; empty where none are.
  std::vector<NamedValue> validation;
  /// The same of the test samples, then what else the judge says; empty where they were not looked
  /// at.
  std::vector<NamedValue> test;
  std::vector<CurvePoint> curve;
  double samples_per_second = 0;
};

/// Canonical text of everything that determines a result; with a teacher also of loss and teacher.
std::string training_text(const Problem& problem, const Recipe& recipe,
                          const DistillSetup* distill);

/// Trains in place. Throws Error(kNumeric) "loss is nan in epoch 3, step 17 (learning rate 10)".
/// The test set is only looked at when `with_test`, once, at the end.
TrainReport train(Model& model, const TrainSetup& setup, bool with_test);

/// Samples of a forward pass; the values do not depend on it.
inline constexpr std::int64_t kEvaluationBatch = 256;

/// Samples that a network answers to as it is judged: without augmentation.
struct EvaluationSetup {
  const Problem& problem;
  const Recipe& recipe;
  Part part = Part::kTest;
  std::optional<std::vector<std::uint32_t>> samples{};  ///< of the part; nullopt: all
  std::int64_t batch = kEvaluationBatch;
};
/// The problem's metrics, then what else its judge says (`Judge::values`).
std::vector<NamedValue> evaluate(Model& model, const EvaluationSetup& setup);

/// What a network answers to each sample: [samples, F], F of its first output, row-major. A sample
/// of several segments has as many rows.
std::vector<float> answers(Model& model, const EvaluationSetup& setup);

/// Shows what every node gives for samples, in the order of the graph, batch by batch: [N, ...]
/// row-major in the graph's layout; of an input what it is given.
using NodeObserver = std::function<void(NodeId node, std::span<const float> values)>;
void observe_nodes(Model& model, const EvaluationSetup& setup, const NodeObserver& observer);

/// Sets every BN's running statistics to the mean over `samples` of the samples that the recipe
/// trains on, spread evenly and augmented as in training (batch-wise mean and biased variance,
/// weighted by batch size; Once-for-All, set_running_statistics).
struct Recalibration {
  std::int64_t samples = 2000;
  std::int64_t batch = 200;
};
void recalibrate_batch_norm(Model& model, const Problem& problem, const Recipe& recipe,
                            const Recalibration& options = {});

/// An evaluator "training" with the metrics of the problem, on the held-out samples.
std::unique_ptr<Evaluator> make_training_evaluator(std::shared_ptr<const Problem> problem,
                                                   const Recipe& recipe, const SearchSpace& space);

}  // namespace nas
