#pragma once

#include "core/problems/angle_bank.h"
#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/trainer.h"

namespace nas {

/// What circuits with shared angles are trained and judged for. Throws Error(kUsage) for a problem
/// that is not an expectation.
const CircuitProblem& circuit_problem(const Problem& problem);

/// Throws Error(kUsage) for what the training of shared angles cannot follow: another optimiser
/// than Adam, a teacher.
void check_circuit_training(const PathTraining& paths, const TrainSetup& setup);

/// Trains the angles that circuits share: `iterations` of the recipe are steps, each on the
/// circuits that `paths` draws. The curve has a hundred points at most ("epochs"): the mean
/// expectation of the circuits drawn and the mean metrics of the probes. Takes seconds and keeps no
/// checkpoint. Throws Error(kUsage, "interrupted"), else as `train_angles`.
TrainReport train_circuits(AngleBank& bank, const PathTraining& paths, const TrainSetup& setup);

}  // namespace nas
