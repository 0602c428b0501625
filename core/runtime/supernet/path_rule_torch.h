#pragma once

#include "core/runtime/step_rule_torch.h"
#include "core/runtime/supernet/path_draw.h"
#include "core/runtime/supernet/weight_bank_torch.h"

namespace nas {

/// A step draws subnets and adds up their gradients. The outcome is that of the first one.
std::unique_ptr<StepRule> path_rule(WeightBankImpl& bank, const LossHead& head,
                                    const PathTraining& training, std::uint64_t seed);

}  // namespace nas
