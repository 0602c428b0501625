#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/util/rng.h"

namespace nas {

/// A cell as graph convolutions read it: operations, and for each vertex the mean over itself and
/// its sources (`forward`) or its targets (`backward`): row-major [vertices, vertices].
struct GraphInput {
  std::vector<std::uint16_t> operations;
  std::vector<float> forward, backward;
};

struct GraphReading {
  /// Operations named `none` are dropped, `skip_connect` is folded into edges, and what is on no
  /// path from input to output is left out (BRP-NAS, arXiv:2007.08668).
  bool fold = false;
  /// A last vertex that reads all others, with an operation of its own.
  bool global = false;
};
GraphInput graph_input(const SearchSpace& space, const Architecture& architecture,
                       const GraphReading& reading);

struct GraphNetShape {
  std::size_t vocabulary = 1;
  std::size_t layers = 4;
  std::size_t width = 48;
  /// Two weights a layer, along and against the edges, averaged after their ReLUs (naszilla);
  /// otherwise one, with layer normalisation before the ReLU (BRP-NAS).
  bool bidirectional = true;
  bool last_vertex = false;  ///< read out the last vertex instead of the mean
  std::size_t head = 0;      ///< units of a fully connected layer with ReLU on top; 0 = none
  double dropout = 0;
};

/// Graph convolutions in single precision on one thread, with hand-written derivatives: an
/// embedding for each graph.
class GraphNet {
 public:
  GraphNet() = default;
  GraphNet(const GraphNetShape& shape, Rng rng);
  std::size_t outputs() const { return shape_.head > 0 ? shape_.head : shape_.width; }

  /// What the derivatives need of a forward pass.
  struct Trace;
  /// Row-major [graphs, outputs]. With `rng`, dropout is on and `trace` is filled.
  std::vector<float> forward(std::span<const GraphInput* const> graphs, Rng* rng,
                             Trace* trace) const;
  /// Adds to `gradient` the derivative of sum(slope * outputs) by each parameter.
  void backward(const Trace& trace, std::span<const float> slope, std::span<float> gradient) const;

  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }

  struct Trace {
    struct Layer {
      std::vector<float> input, first, second, normalised, deviation, mask;
    };
    std::vector<const GraphInput*> graphs;
    std::vector<Layer> layers;
    std::vector<float> pooled, head, head_mask;
  };

 private:
  struct Place {
    std::size_t in = 0, first = 0, second = 0, gain = 0, shift = 0;
  };
  GraphNetShape shape_;
  std::vector<Place> places_;
  std::size_t head_weights_ = 0, head_shift_ = 0;
  std::vector<float> parameters_;
};

}  // namespace nas
