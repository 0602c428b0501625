#pragma once

#include "core/ir/arch_graph.h"
#include "core/tflite/tflite_model.h"
#include "core/util/safetensors.h"

namespace nas {

/// A network that was read from a .tflite file.
struct TfliteNetwork {
  ArchGraph graph;
  TensorFile weights{};  ///< F32, named as in a model file; empty unless asked for
};

/// The graph that a model describes, in our operations and with channels first; costs and
/// parameters are those of our own counters. Of an int8 model the weights are dequantised and the
/// scales of activations forgotten: it is the float network that it approximates. (`to_program`,
/// core/tflite/import_program.h, is the int8 network itself.)
///
/// Throws Error(kUnsupported) that names ALL operators without a graph's operation, or what is not
/// possible of those that have one: a batch above 1, a window whose stride differs between its
/// axes, sums with constants. Throws as `to_program`.
TfliteNetwork to_graph(const TfliteModel& model, bool with_weights = false);

}  // namespace nas
