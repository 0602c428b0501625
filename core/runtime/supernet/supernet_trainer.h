#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/runtime/supernet/weight_bank.h"
#include "core/runtime/trainer.h"

namespace nas {

/// How the subnets of a training step are drawn.
enum class PathSampling : std::uint8_t {
  kUniform,  ///< each by itself (Guo et al., Single Path One-Shot, ECCV 2020, arXiv 1904.00420)
  /// As many as it takes to train every choice of every decision equally often in a step (Chu et
  /// al., FairNAS, ICCV 2021, arXiv 1907.01845, strict fairness); `paths` is not used.
  kFair,
  /// The largest, the smallest, and the others by chance (Yu and Huang, Universally Slimmable
  /// Networks, ICCV 2019, arXiv 1903.05134); at least two paths.
  kSandwich,
};
std::string to_string(PathSampling sampling);
/// Throws Error(kUsage) with near misses.
PathSampling parse_path_sampling(std::string_view text);

/// What a supernet is trained on, step by step: subnets whose gradients add up.
struct PathTraining {
  const SearchSpace& space;
  PathSampling sampling = PathSampling::kUniform;
  std::int64_t paths = 1;  ///< in each step
  /// By decision: the choices that are drawn; empty: all.
  std::vector<std::vector<std::uint16_t>> choices{};
  /// Learn also from a teacher (Once-for-All, section 3.3): weight of the cross-entropy with its
  /// class probabilities; 0: only from labels.
  double teacher_weight = 0;
  /// Outlives the training; null: the bank's largest subnet as this training finds it.
  Model* teacher = nullptr;
  /// Subnets that are judged after every epoch; the curve has their mean.
  std::int64_t probes = 4;
};
/// What determines the result, for fidelities: "sampling=uniform; paths=1".
std::string path_training_text(const PathTraining& training);

/// Trains the bank's weights in place; a checkpoint resumes exactly as `train` does. The curve has
/// the training loss and the mean metrics of the probes, which are judged with the statistics of
/// their batches. Throws Error(kUsage) for choices that the space does not have, and as `train`.
TrainReport train_paths(WeightBank& bank, const PathTraining& training, const TrainSetup& setup);

/// Which mean and variance a subnet's batch normalisations use when it is judged.
enum class SubnetStatistics : std::uint8_t {
  kBatch,         ///< those of each batch of the judged samples
  kRecalibrated,  ///< those of training samples (`recalibrate_batch_norm`)
  kShared,        ///< the bank's running ones, a mixture over all subnets
};
std::string to_string(SubnetStatistics statistics);
SubnetStatistics parse_subnet_statistics(std::string_view text);

struct SubnetEvaluation {
  const EvaluationSetup& samples;
  SubnetStatistics statistics = SubnetStatistics::kBatch;
  Recalibration recalibration{};
};
/// The values of `evaluate` for a subnet; the bank stays as it is.
std::vector<NamedValue> evaluate_subnet(const WeightBank& bank, Choices choices,
                                        const SubnetEvaluation& setup);

}  // namespace nas
