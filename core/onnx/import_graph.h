#pragma once

#include <cstdint>

#include "core/ir/arch_graph.h"
#include "core/onnx/onnx_model.h"
#include "core/util/safetensors.h"

namespace nas {

/// A network that was read from an ONNX model.
struct ImportedNetwork {
  ArchGraph graph;
  TensorFile weights{};    ///< F32, named as in a model file; empty unless asked for
  std::int64_t batch = 0;  ///< of the file's input; 0: it is left open
};

/// The graph that an ONNX model describes, in our operations: exporters' patterns are recognised
/// (MatMul + Add, HardSigmoid * x, arithmetic of shapes, ...), identities and dropout leave
/// nothing, node names give scopes. Costs and parameters are then those of our own counters. The
/// first dimension of every input is the batch, which may be open; all others must be numbers.
///
/// Throws Error(kUnsupported) that names ALL operators that we do not know, or what is not possible
/// of those that we know; Error(kData) for a model that contradicts itself: a cycle, a value that
/// two nodes give or none, shapes that do not fit the declared ones, no output.
ImportedNetwork to_graph(const OnnxModel& model, bool with_weights = false);

}  // namespace nas
