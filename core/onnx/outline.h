#pragma once

#include <string>

#include "core/util/random_access_file.h"

namespace nas {

/// In the outline of a model, the field of a TensorProto that stands for its raw numbers: a packed
/// list of where they begin in the file and how many bytes they take. ONNX has no field of this
/// number.
inline constexpr int kNumbersElsewhere = 1000;

/// The bytes of a model without the raw numbers of its large tensors, so that reading its structure
/// takes little memory. Throws Error(kData) for a file whose messages reach beyond their end, or
/// with more than 128 MB besides such numbers; Error(kIo).
std::string model_outline(const RandomAccessFile& file);

}  // namespace nas
