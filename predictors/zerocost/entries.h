#pragma once

#include "core/runtime/torch_module.h"
#include "predictors/zerocost/diswot_terms.h"
#include "predictors/zerocost/passes.h"

namespace nas {

/// What the engine asks of LibTorch (core/runtime/torch_module.h), filled in by passes_torch.cpp.
struct ZerocostTorch {
  static constexpr const char* kSymbol = "nas_zerocost_torch";

  decltype(&nas::measure_network) measure_network;
  decltype(&nas::network_relations) network_relations;
};

}  // namespace nas
