#pragma once

#include "core/onnx/node_shapes.h"
#include "core/onnx/onnx_model.h"

namespace nas {

/// Shapes of the values and initializers of a model: those that it declares, and what follows from
/// them, node by node, for the operators that classifiers are exported with. Sizes that are left
/// open stay so
/// (`OnnxDim`); what cannot be known has no entry. Reads nothing but small constants. Throws
/// Error(kData) for a node whose inputs do not fit.
OnnxShapes value_shapes(const OnnxModel& model);

}  // namespace nas
