#pragma once

#include "core/runtime/torch_module.h"
#include "predictors/parzc/regressor.h"

namespace nas {

/// What ParZC asks of LibTorch (core/runtime/torch_module.h), filled in by regressor_torch.cpp.
struct ParzcTorch {
  static constexpr const char* kSymbol = "nas_parzc_torch";

  decltype(&nas::make_rank_regressor) make_rank_regressor;
};

}  // namespace nas
