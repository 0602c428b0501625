#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/onnx/node_shapes.h"

namespace nas {

/// The shape of a node's first output, or nothing where it cannot be known.
using ShapeRule = std::optional<std::vector<OnnxDim>> (*)(const NodeShapes&);

/// Null for an operator without one.
ShapeRule find_shape_rule(std::string_view op_type);

}  // namespace nas
