#pragma once

#include <span>
#include <vector>

#include "core/int8/program.h"
#include "core/ir/tensor_type.h"

namespace nas {

/// One sample of a data set, as graphs read it ([C, H, W], [C, T], [F]), in the order of a
/// program's input: channels last where that is an image. Throws Error(kUsage) where the shapes do
/// not fit.
std::vector<float> as_program_input(std::span<const float> sample, const Shape& shape,
                                    const MicroTensor& input);

}  // namespace nas
