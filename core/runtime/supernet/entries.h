#pragma once

#include <memory>
#include <string>

#include "core/runtime/supernet/differentiable.h"
#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/supernet/weight_bank.h"
#include "core/runtime/torch_module.h"

namespace nas {

/// What this folder asks of LibTorch (core/runtime/torch_module.h), filled in by entries_torch.cpp.
struct SupernetTorch {
  static constexpr const char* kSymbol = "nas_supernet_torch";

  std::shared_ptr<WeightBankImpl> (*make_bank)(std::shared_ptr<const Blueprint> blueprint,
                                               std::shared_ptr<const SharedTensors> tensors,
                                               const RngKey& key);
  std::shared_ptr<ModelImpl> (*extract_subnet)(const WeightBankImpl& bank,
                                               const TracedGraph& traced);
  TensorFile (*read_bank)(WeightBankImpl& bank);
  void (*write_bank)(WeightBankImpl& bank, const TensorFile& file, const std::string& name);
  decltype(&nas::train_paths) train_paths;
  decltype(&nas::evaluate_subnet) evaluate_subnet;
  TrainReport (*search_architecture)(WeightBank& bank, const ArchitectureSearch& search,
                                     const TrainSetup& setup);
};

}  // namespace nas
