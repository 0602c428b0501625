#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/onnx/onnx_model.h"
#include "core/util/safetensors.h"

namespace nas {

inline constexpr int kFirstOnnxOpset = 7, kLastOnnxOpset = 21;

struct OnnxExportOptions {
  int opset = 17;  ///< kFirstOnnxOpset to kLastOnnxOpset
  /// The batch is left open, as "N"; otherwise it is `batch`.
  bool dynamic_batch = false;
  std::int64_t batch = 1;
  /// metadata_props, in this order. Readers of ONNX-Bench take the first for the accuracy.
  std::vector<std::pair<std::string, std::string>> metadata{};
  /// Values are numbered instead of named by paths, and weights of convolutions, normalisations and
  /// linear layers are not declared: what run_length texts need (core/onnx/network_text.h), at two
  /// thirds of the cost. The model is incomplete: do not write it to a file.
  bool sketch = false;
};

/// A network in inference mode as an ONNX model: input and outputs have the graph's names, every
/// value the path of its node, every initializer the name that a model file (safetensors) gives it.
/// Dropout and identities leave no node. `weights`: F32 tensors by such names, all of the graph's;
/// null: initializers are only declared. The model borrows from `weights`. Throws
/// Error(kUnsupported) that names all operations without an ONNX form in this opset, Error(kUsage)
/// for an opset out of range, Error(kData) for weights that are missing or of another shape.
OnnxModel to_onnx(const ArchGraph& graph, const TensorFile* weights,
                  const OnnxExportOptions& options = {});

/// The weights that a training of the graph begins with: those of `Model(graph, RngKey{})`
/// (core/runtime/model.h), for exports of untrained networks.
TensorFile initial_weights(const ArchGraph& graph);

}  // namespace nas
