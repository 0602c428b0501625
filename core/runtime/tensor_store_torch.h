#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

#include "core/util/safetensors.h"

namespace nas {

/// Row-major copy of a tensor, whatever its layout and device.
StoredTensor store_tensor(const at::Tensor& tensor);

/// Copies the stored values into `target` (its layout, type and device stay).
/// Throws Error(kData), naming file and tensor, when it is missing or has another shape or type.
void restore_tensor(const TensorFile& file, std::string_view file_name, const std::string& name,
                    at::Tensor& target);

}  // namespace nas
