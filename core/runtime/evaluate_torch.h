#pragma once

#include "core/api/problem.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/trainer.h"

namespace nas {

/// `input`: the shape of a sample, as the network reads it.
TensorBatch tensor_batch(const Batch& batch, const Shape& input, at::Device device);

/// Gives a judge the rows [N, F] of a batch.
void judge_outputs(Judge& judge, const Batch& batch, const at::Tensor& outputs);

/// `evaluate` with the head that the network is trained with; null: there is none.
/// `batch_statistics`: batch normalisations use those of each batch, and move their running ones.
std::vector<NamedValue> judge_network(ModelImpl& model, const EvaluationSetup& setup,
                                      const LossHead* head, bool batch_statistics = false);

void recalibrate(ModelImpl& model, const Problem& problem, const Recipe& recipe,
                 const Recalibration& options);

}  // namespace nas
