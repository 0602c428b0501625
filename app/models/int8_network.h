#pragma once

#include <vector>

#include "core/int8/quantise.h"
#include "core/runtime/trainer.h"

namespace nas {

/// A trained network in int8, calibrated on training samples of its problem, spread evenly and as
/// networks are judged (without augmentation). Throws as `quantised`, and Error(kUsage) where the
/// network is not for the problem.
QuantisedNetwork quantised_network(const ArchGraph& graph, const TensorFile& weights,
                                   const Problem& problem, const Recipe& recipe,
                                   const QuantisationOptions& options = {},
                                   const LoweringOptions& lowering = {});

/// What a program answers to each sample, [samples, F], as `answers` (core/runtime/trainer.h).
/// Throws as `evaluate_program`.
std::vector<float> program_answers(const MicroProgram& program, const EvaluationSetup& setup,
                                   std::int64_t threads = 1);

/// The problem's metrics of a program's first output, by the same judge as `evaluate`; `threads`
/// run samples side by side. Throws Error(kUsage) where inputs do not fit, and as MicroExecutor.
std::vector<NamedValue> evaluate_program(const MicroProgram& program, const EvaluationSetup& setup,
                                         std::int64_t threads = 1);

}  // namespace nas
