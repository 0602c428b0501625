#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/supernet/supernet_trainer.h"

namespace nas {

/// In what order the choices of a space join the training of its supernet.
enum class StageSchedule : std::uint8_t {
  kSingle,  ///< all at once
  /// Progressive shrinking (Cai et al., Once-for-All, ICLR 2020, section 3.3, and its code): the
  /// largest network, which then teaches, then kernels, depths and expansions, one size after the
  /// other; before each new width the channels are sorted. Epochs and learning rates of the later
  /// stages are the published multiples of the first one's.
  kOnceForAll,
  /// Wang et al., EfficientTDNN (2022, arXiv 2103.13581): the largest network, then kernels,
  /// depths, widths from half the largest on, all widths; as many epochs in each stage, no teacher.
  kEfficientTdnn,
};
std::string to_string(StageSchedule schedule);  ///< "single", "once_for_all", "efficient_tdnn"
/// Throws Error(kUsage) with near misses.
StageSchedule parse_stage_schedule(std::string_view text);

struct SupernetStage {
  std::string name;  ///< "kernel", "depth 1"
  PathTraining training;
  Recipe recipe;
  bool sorts_channels = false;  ///< before it begins
  bool is_taught = false;       ///< by what the first stage made
};

/// The stages of a schedule; `training` and `recipe` are those of the first one, and whole of
/// `kSingle`. Throws Error(kUsage) for a space without elastic kernels, depths and widths.
std::vector<SupernetStage> supernet_stages(StageSchedule schedule, const PathTraining& training,
                                           const Recipe& recipe);

struct SupernetReport {
  std::int64_t stages_done = 0;
  bool stopped = false;  ///< by the stop token, after a checkpoint
  /// Of all stages, epochs counted through.
  std::vector<CurvePoint> curve;
  double samples_per_second = 0;  ///< of the last stage
};

/// What determines the result, of all stages: "largest: ...; kernel: ...".
std::string supernet_text(const Problem& problem, const std::vector<SupernetStage>& stages);

/// Trains the stages one after the other. `setup.recipe` is not used; `setup.checkpoint` is a
/// folder to which everything that an exact continuation needs is written, and which is read first.
/// Throws as `train_paths`, and Error(kData) for a damaged checkpoint or one of another training.
SupernetReport train_supernet(WeightBank& bank, const std::vector<SupernetStage>& stages,
                              const TrainSetup& setup);

}  // namespace nas
