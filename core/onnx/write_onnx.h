#pragma once

#include <string>

#include "core/onnx/onnx_model.h"

namespace nas {

/// The bytes of an ONNX file. Tensors of `kNowhere` among the initializers become inputs of the
/// graph, which whoever runs it must give; external data are copied into the file. Throws
/// Error(kUnsupported) above 2 GiB, which protobuf does not allow, and as the readers of tensors.
std::string format_onnx(const OnnxModel& model);

}  // namespace nas
