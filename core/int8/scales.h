#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/int8/calibration.h"
#include "core/int8/lowering.h"
#include "core/int8/quantise.h"

namespace nas {

/// The scale and zero point of int8 that span a range and hold 0 exactly. An empty range, of a
/// value that is always 0, spans [0, 1].
Quantisation asymmetric(ValueRange range);

/// Scales of all int8 activations of a lowered network, by tensor; empty for others. Tensors that
/// must share a scale span all their ranges. `notes`: what `QuantisedNetwork::notes` says.
std::vector<Quantisation> activation_scales(const Lowering& lowering,
                                            const Calibration& calibration,
                                            const QuantisationOptions& options,
                                            std::vector<std::string>& notes);

}  // namespace nas
