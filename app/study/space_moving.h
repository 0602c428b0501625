#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/memory/space_movement.h"
#include "app/supernets/supernet_training.h"
#include "hwmodels/mcu/mcu_device.h"

namespace nas {

/// A movement of a space by supernets: one for each point, trained where a point is visited.
struct SpaceMoving {
  /// Space, data, recipe and so on of every supernet; `name` is the start of their names.
  SupernetRequest supernet;
  std::vector<MovementAxis> axes;  ///< decisions that the space has options of the same name for
  MovementOptions movement{};
  const McuDevice& device;
  std::int64_t subnets = 50;   ///< judged of each supernet
  std::int64_t samples = 500;  ///< networks drawn for the share that does not fit
  std::function<void(const MovementVisit& visit, const std::string& supernet)> report{};
};

struct SpaceMoved {
  std::vector<MovementVisit> visits;
  std::vector<std::string> supernets;  ///< beside them
  bool stopped = false;                ///< a training was interrupted; the same call continues
};

/// The axis of a decision of a space, whose choices are numbers. `scales`: tau of the error and of
/// the memory. Throws Error(kUsage) for a decision without numbers.
MovementAxis movement_axis(const SearchSpace& space, DecisionId decision, double error_scale,
                           double memory_scale);

/// Trains and judges. The error of a point is 100 - (best + mean of the first metric, %) / 2 over
/// random subnets on held-out samples (the released code adds the mean of 1 - top-1, in %, instead
/// of the mean top-1). A visited point resumes from its supernet. Supernets that are there already
/// are not trained again. Throws as `train_supernet` and `move_space`.
SpaceMoved move_by_supernets(Session& session, const SpaceMoving& moving);

}  // namespace nas
