#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/api/evaluation.h"
#include "core/data/dataset.h"
#include "core/runtime/distill.h"
#include "core/runtime/model.h"

namespace nas {

struct TrainSetup {
  std::shared_ptr<const ImageDataset> dataset;
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
  bool stopped = false;            ///< by the stop token, after the checkpoint
  double train_loss = 0;           ///< last epoch
  double train_accuracy = 0;       ///< last epoch, percent
  std::optional<double> accuracy;  ///< validation, percent; nullopt without held-out images
  std::optional<double> test_accuracy;
  std::vector<CurvePoint> curve;
  double images_per_second = 0;
};

/// Canonical text of everything that determines a result; with a teacher also of loss and teacher.
std::string training_text(std::string_view dataset_id, const Recipe& recipe,
                          const DistillSetup* distill);

/// Trains in place. Throws Error(kNumeric) "loss is nan in epoch 3, step 17 (learning rate 10)".
/// The test set is only looked at when `with_test`, once, at the end.
TrainReport train(Model& model, const TrainSetup& setup, bool with_test);

struct Accuracy {
  double top1 = 0;  ///< percent
  double top5 = 0;
  double loss = 0;  ///< mean cross-entropy
};
/// Images of a forward pass; the values do not depend on it.
inline constexpr std::int64_t kEvaluationBatch = 256;
Accuracy evaluate(Model& model, const std::shared_ptr<const ImageDataset>& dataset,
                  const ImageSet& images, std::vector<std::uint32_t> indices,
                  std::int64_t batch = kEvaluationBatch);

/// Sets every BN's running statistics to the mean over `samples` training images (batch-wise mean
/// and biased variance, weighted by batch size; Once-for-All, set_running_statistics).
void recalibrate_batch_norm(Model& model, const std::shared_ptr<const ImageDataset>& dataset,
                            std::int64_t samples = 2000, std::int64_t batch = 200);

/// An evaluator "training" with the metric "accuracy" (validation, percent).
std::unique_ptr<Evaluator> make_training_evaluator(std::shared_ptr<const ImageDataset> dataset,
                                                   const Recipe& recipe, const SearchSpace& space);

/// The task a recipe means for a data set and space.
Task task_for(const SearchSpace& space, const ImageDataset& dataset, const Recipe& recipe);

}  // namespace nas
