#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "predictors/gennape/comp_graph.h"

namespace nas {

/// Nodes of a batch of graphs that a graph network cannot tell apart, layer by layer (colour
/// refinement): equal nodes have one class in layer 0; in layer l those of equal class and with
/// equal classes on their incoming edges in layer l - 1. Networks repeat their cells and share them
/// with others, so a batch has far fewer classes than nodes, and what is computed once for a class
/// is exact for all of them.
class Colouring {
 public:
  Colouring(std::span<const CompGraph* const> graphs, std::size_t layers);

  /// Classes of one layer above 0, in terms of the layer below.
  struct Layer {
    std::vector<std::uint32_t> self;   ///< by class
    std::vector<std::uint32_t> first;  ///< by class, and the end: into `in`
    std::vector<std::uint32_t> in;     ///< classes at the sources of incoming edges, with repeats
  };
  std::span<const CgNode> nodes() const { return nodes_; }  ///< by class of layer 0
  const std::vector<Layer>& layers() const { return layers_; }

  /// How often a graph has a class of the last layer.
  struct Share {
    std::uint32_t graph, colour;
    double part;  ///< of the graph's nodes
  };
  std::span<const Share> shares() const { return shares_; }
  std::size_t graphs() const { return graphs_; }

 private:
  std::size_t graphs_ = 0;
  std::vector<CgNode> nodes_;
  std::vector<Layer> layers_;
  std::vector<Share> shares_;
};

}  // namespace nas
