#pragma once

#include <filesystem>

#include "core/api/predictor.h"

namespace nas {

/// Tensors as one file of little-endian float32 numbers, FILE.f32le, beside FILE.json that says
/// where each stands: [{"name": "model.0.weight", "shape": [48], "offset_floats": 0}, ...].
/// Throws Error(kIo) for a file that is missing, Error(kData) in one line for a list that is
/// malformed, names given twice, and tensors that do not lie in the file.
PredictorState read_flat_tensors(const std::filesystem::path& json);

}  // namespace nas
