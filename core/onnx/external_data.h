#pragma once

#include <string>

#include "core/onnx/onnx_model.h"

namespace nas {

/// Throws Error(kData) unless the file that a tensor names lies in the model's folder, links
/// resolved: a model that comes from elsewhere must not read other files of this machine.
void check_external_location(const OnnxModel& model, const OnnxTensor& tensor);

/// The numbers of a tensor of kInFile or kExternal, as bytes. Throws Error(kData | kIo).
std::string stored_elsewhere(const OnnxModel& model, const OnnxTensor& tensor);

}  // namespace nas
