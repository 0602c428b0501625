#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/util/rng.h"
#include "predictors/nasflat/tape.h"

namespace nas {

struct NasflatShape {
  std::size_t vocabulary = 1;  ///< operations of the space's cell graphs
  std::size_t devices = 1;
  std::size_t width = 64;      ///< of all layers; 128 in the released code
  std::size_t supplement = 0;  ///< numbers of each network beside its graph
};

/// A network as NASFLAT reads it.
struct NasflatGraph {
  CellGraph cell;
  std::vector<float> supplement;  ///< standardised
};

/// The network of NASFLAT (Akhauri, Abdelfattah, MLSys 2024, arXiv 2403.02446): an embedding of the
/// operation (40) and one of the device (8) at each vertex; two layers of message passing refine
/// the operations, three more score; each is the mean of a gated graph flow from the sources of a
/// vertex and a gated attention over them and itself.
/// The score of a graph is a perceptron of the mean over its vertices, beside which stand what
/// layers of 128, 128 and 48 make of the supplementary encoding, if there is one; larger = slower.
/// Single precision, one thread. No dropout.
class NasflatNet {
 public:
  NasflatNet() = default;
  NasflatNet(const NasflatShape& shape, Rng rng);

  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }
  /// The embedding of a device among the parameters.
  std::span<float> device(std::size_t number);

  /// Scores on a device.
  std::vector<float> scores(std::span<const NasflatGraph* const> graphs, std::size_t device) const;
  /// Pairwise hinge loss, margin 0.1, over pairs of (faster, slower) graphs of one device, and its
  /// gradient by parameter.
  using Pair = std::pair<std::size_t, std::size_t>;
  double loss(std::span<const NasflatGraph* const> graphs, std::size_t device,
              std::span<const Pair> pairs, std::vector<float>& gradient) const;

 private:
  struct Dense {
    TensorPlace weight, bias;
  };
  struct Layer {
    Dense flow, gate;  ///< gates: by operation
    TensorPlace attend, own, other, gain, shift;
    Dense attend_gate;
  };
  enum class Start : std::uint8_t { kGlorot, kZero, kOne, kNormal };
  TensorPlace place(std::size_t rows, std::size_t columns, Start start, Rng& rng);
  Layer layer(std::size_t in, std::size_t operation, Rng& rng);
  Dense dense(std::size_t in, std::size_t out, Rng& rng);
  Tape::Value run(Tape& tape, const Dense& dense, Tape::Value x) const;
  Tape::Value run(Tape& tape, const Layer& layer, Tape::Value x, Tape::Value operation,
                  const RowLinks& before, const RowLinks& around) const;
  Tape::Value run(Tape& tape, const std::vector<Dense>& layers, Tape::Value x) const;
  Tape::Value score(Tape& tape, std::span<const NasflatGraph* const> graphs,
                    std::size_t device) const;

  NasflatShape shape_;
  TensorPlace operations_, devices_;
  Dense node_, refine_, join_;  ///< to vertices; refined operations
  std::vector<Layer> first_, second_;
  std::vector<Dense> supplement_, head_;
  std::vector<float> parameters_;
};

}  // namespace nas
