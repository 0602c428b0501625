#pragma once

#include "core/api/problem.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/trainer.h"

namespace nas {

/// On the device of the network that reads it.
TensorBatch tensor_batch(const Batch& batch, const ModelImpl& model);

/// Gives a judge the rows [N, F] of a batch.
void judge_outputs(Judge& judge, const Batch& batch, const at::Tensor& outputs);

/// `evaluate` with the head that the network is trained with; null: there is none.
std::vector<NamedValue> judge_network(Model& model, const EvaluationSetup& setup,
                                      const LossHead* head);

}  // namespace nas
