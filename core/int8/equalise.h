#pragma once

#include "core/ir/same/fold_batch_norm.h"

namespace nas {

/// Cross-layer equalisation (Nagel et al. 2019, "Data-free quantization", section 4.1): where one
/// convolution alone reads another, directly or through a relu, channel i of the first is divided
/// and that of the second multiplied by s = sqrt(r1 / r2), with r the largest weight of the channel
/// in each, twice over all pairs. relu(x) / s = relu(x / s): the network stays the same function.
WeightedGraph equalised(const WeightedGraph& network);

}  // namespace nas
