#pragma once

#include "core/runtime/supernet/entries.h"

namespace nas::on_torch {

// The functions behind SupernetTorch, one for each entry.

// weight_bank_torch.cpp
std::shared_ptr<WeightBankImpl> make_bank(std::shared_ptr<const Blueprint> blueprint,
                                          std::shared_ptr<const SharedTensors> tensors,
                                          const RngKey& key);
std::shared_ptr<ModelImpl> extract_subnet(const WeightBankImpl& bank, const TracedGraph& traced);
TensorFile read_bank(WeightBankImpl& bank);
void write_bank(WeightBankImpl& bank, const TensorFile& file, const std::string& name);
// differentiable_torch.cpp
TrainReport search_architecture(WeightBank& bank, const ArchitectureSearch& search,
                                const TrainSetup& setup);
// supernet_trainer_torch.cpp
TrainReport train_paths(WeightBank& bank, const PathTraining& training, const TrainSetup& setup);
std::vector<NamedValue> evaluate_subnet(const WeightBank& bank, Choices choices,
                                        const SubnetEvaluation& setup);

}  // namespace nas::on_torch
