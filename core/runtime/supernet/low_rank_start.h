#pragma once

#include "core/runtime/supernet/weight_bank.h"

namespace nas {

/// Gives a bank whose layers have factors the weights of one whose layers are whole, as MCUFormer
/// starts its supernets: W = U S V^T of a whole layer becomes the factors "reduce" = V^T, "core" =
/// S and those behind it = U, cut to the rank (Liang et al., NeurIPS 2023; released code,
/// supernet_load_init_weight.py). Layers that share the first two factors (queries, keys and
/// values) are decomposed together. What a rank has beyond its layer's stays as it was, behind a
/// core of 0. Tensors of equal names and shapes are copied. Throws Error(kUnsupported) that names a
/// tensor with nothing to start from.
void start_from_whole_layers(WeightBank& bank, const TensorFile& whole);

}  // namespace nas
