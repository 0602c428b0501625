#pragma once

#include "core/ir/arch_graph.h"
#include "core/util/safetensors.h"

namespace nas {

/// A graph with its tensors, named as in a model file.
struct WeightedGraph {
  ArchGraph graph;
  TensorFile weights;
};

/// The same function in inference without the batch normalisations that alone read a layer with
/// weights: with s = scale / sqrt(variance + eps), its weights become s w and its bias
/// s (b - mean) + shift. Others stay: one behind an activation has no layer to go into.
/// Throws Error(kData) for tensors that are missing or not F32.
WeightedGraph fold_batch_norm(const ArchGraph& graph, const TensorFile& weights);
/// The graph alone.
ArchGraph fold_batch_norm(const ArchGraph& graph);

/// `simplified` (core/ir/same/simplify.h) with the tensors of the nodes that remain.
WeightedGraph simplified_with_weights(const ArchGraph& graph, const TensorFile& weights);

}  // namespace nas
