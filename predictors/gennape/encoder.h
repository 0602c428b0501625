#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/util/rng.h"
#include "predictors/gennape/colouring.h"
#include "predictors/gennape/comp_graph.h"

namespace nas {

// The graph encoder of GENNAPE: nodes embedded by label, sizes, kernels and bias, then layers
//   x_i <- tanh(W_l sum over edges j -> i of x_j + b + W_r x_i).
// The k-GNN reads the last layer, the contrastive encoder all of them. Sizes enter as H, W / 256
// and C / 512. Equal nodes of a batch (Colouring) are computed once; a row is a class of nodes.

template <class T>
using CgMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Where a tensor stands among the parameters, row-major.
struct CgTensor {
  std::string name;
  std::size_t rows = 0, columns = 0, offset = 0;
  bool bias = false;
  bool embedding = false;
  std::size_t size() const { return rows * columns; }
};

/// Tensors of a network, one behind the other.
struct CgTensors {
  std::vector<CgTensor> list;
  std::size_t size = 0;  ///< parameters

  /// Puts one more behind them and returns its offset.
  std::size_t add(std::string name, std::size_t rows, std::size_t columns, bool bias = false,
                  bool embedding = false);
};

struct CgEncoder {
  static constexpr std::size_t kWidth = 32, kLayers = 6;
  static constexpr std::size_t kParts = kLayers + 1;  ///< embeddings and layers

  /// The encoder's tensors under their released names, from offset 0.
  static const CgTensors& tensors();
  static std::size_t size() { return tensors().size; }  ///< parameters
};

/// Embeddings N(0, 1), layers U(+-1/sqrt(fan in)), as the released code starts.
template <class T>
void initialise(std::span<const CgTensor> tensors, Rng& rng, std::span<T> parameters);

/// What is left out in training. Nodes that are equal in a batch share their fate, so that they
/// stay equal.
struct CgDropout {
  double part = 0;
  Rng rng;
};

/// A batch on its way through: what the derivatives need.
template <class T>
struct CgPass {
  std::vector<CgMatrix<T>> values;  ///< by part: embeddings, then what each tanh gave
  std::vector<CgMatrix<T>> kept;    ///< factors of dropout by part; empty without
  std::vector<CgMatrix<T>> inputs;  ///< values times factors; empty without dropout
  const CgMatrix<T>& read(std::size_t part) const {
    return kept.empty() ? values[part] : inputs[part];
  }
};

/// Requires a colouring with CgEncoder::kLayers layers. `dropout` may be null.
template <class T>
CgPass<T> encode(std::span<const T> parameters, const Colouring& colouring, CgDropout* dropout);

/// Means over the nodes of each graph, of the parts from `first` on side by side:
/// [graphs, (kParts - first) * kWidth].
template <class T>
CgMatrix<T> read_out(const Colouring& colouring, const CgPass<T>& pass, std::size_t first);

/// Adds to `gradient` the derivatives by the encoder's parameters, from those by `read_out`.
template <class T>
void encode_back(std::span<const T> parameters, const Colouring& colouring, const CgPass<T>& pass,
                 const CgMatrix<T>& by_read_out, std::size_t first, std::span<T> gradient);

}  // namespace nas
