#pragma once

#include <string_view>

#include "core/runtime/model.h"
#include "core/util/safetensors.h"

namespace nas {

/// The network of a graph with the weights of a file, named as `save_model` writes them. Throws
/// Error(kData), naming the file `name`, for a tensor that is missing, too many or of another
/// shape.
Model weighted_model(const ArchGraph& graph, const TensorFile& file, std::string_view name);

}  // namespace nas
