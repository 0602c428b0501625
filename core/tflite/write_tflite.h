#pragma once

#include <string>

#include "core/tflite/tflite_model.h"

namespace nas {

/// The bytes of a .tflite file; equal models give equal bytes, and reading them gives the same
/// model (`same_model`). Numbers of constants begin at multiples of 16 bytes, as devices that read
/// them in place need it. Throws Error(kUnsupported) above 2 GB and for an operator without a
/// record (core/tflite/operators.h) that has options.
std::string format_tflite(const TfliteModel& model);

}  // namespace nas
