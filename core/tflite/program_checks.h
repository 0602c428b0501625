#pragma once

#include <cstdint>
#include <vector>

#include "core/int8/program.h"

namespace nas {

/// Whether the operands of every step that has an operator we know fit it and one another: their
/// number, shapes, windows, scales. Steps of kOther are not looked at. Throws Error(kData) or
/// Error(kUnsupported), naming the step.
void check_operands(const MicroProgram& program);

/// The numbers of a constant of int32 or int64: axes, pads, dimensions. Throws Error(kUnsupported)
/// for another type, and for a tensor that is computed.
std::vector<std::int64_t> constant_ints(const MicroProgram& program, int tensor);

}  // namespace nas
