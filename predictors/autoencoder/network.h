#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/util/rng.h"
#include "predictors/autoencoder/graph_batch.h"

namespace nas {

struct AutoencoderShape {
  std::size_t operations = 2;  ///< one-hot columns of a vertex
  std::size_t wires = 0;       ///< flags behind them
  std::size_t layers = 4;
  std::size_t hidden = 128;
  std::size_t latent = 16;
  float epsilon = 0;  ///< of all layers at the start
  std::size_t inputs() const { return operations + wires; }
};

/// What a training minimises.
struct AutoencoderLoss {
  double dropout = 0;  ///< of z
  /// The operation of a vertex is one of several (softmax), not several independent ones
  /// (sigmoids).
  bool softmax = false;
  double operation_weight = 1;  ///< of the operations' cross-entropy
};

/// What of a batch the decoder got right.
struct Reconstruction {
  std::size_t vertices = 0, operations = 0;  ///< vertices; those with the right operation
  std::size_t flags = 0, right_flags = 0;    ///< of wires
  std::size_t pairs = 0, right_pairs = 0;    ///< of vertices; those with the right edge or none
  void add(const Reconstruction& more);
};

/// The variational auto-encoder of graphs of arch2vec (Yan et al. 2020, arXiv 2006.06936) as
/// QAS-URL uses it (Sun et al., arXiv 2401.11576, released code). Encoder: graph isomorphism
/// layers (Xu et al. 2019) H = (1 + eps) X + A X, linear, batch norm, ReLU, linear, batch norm,
/// ReLU; then a mean and the logarithm of a standard deviation for each vertex. Decoder: one linear
/// layer for the vertices, sigmoid(z z^T) for the edges. A is symmetric, without weights. The loss
/// is the cross-entropy of the vertices over all their columns, of sigmoids as in the released code
/// or as `AutoencoderLoss` says, plus that over all entries of the edges' upper triangles (the rest
/// counts as right), plus the released code's share of the KL divergence, -0.5 / rows * mean over
/// rows of sum_d (1 + 2 s - mu^2 - exp(2 s)). Single precision, one thread.
class GraphAutoencoder {
 public:
  GraphAutoencoder(const AutoencoderShape& shape, Rng rng);
  ~GraphAutoencoder();
  GraphAutoencoder(GraphAutoencoder&&) noexcept;
  GraphAutoencoder& operator=(GraphAutoencoder&&) noexcept;

  const AutoencoderShape& shape() const { return shape_; }
  std::span<float> parameters() { return parameters_; }

  /// The loss of a batch in training, and its gradient by parameter. `noise` draws the samples of z
  /// and what dropout leaves out. Moves the running statistics.
  double loss(const GraphBatch& batch, const AutoencoderLoss& kind, Rng noise,
              std::vector<float>& gradient);

  /// The means of all vertices by the running statistics: [rows, latent].
  FloatMatrix encode(const GraphBatch& batch) const;
  /// How well a batch is decoded from its means.
  Reconstruction reconstruct(const GraphBatch& batch) const;

 private:
  /// Where the tensors of an affine layer or a normalisation stand among the parameters: weights
  /// [in, out] and biases, or gains and shifts.
  struct Place {
    std::size_t first = 0, second = 0, in = 0, out = 0;
  };
  struct Layer {
    std::size_t epsilon = 0;
    Place linear1, norm1, linear2, norm2;
  };
  struct Workspace;
  struct Running;  ///< of one normalisation

  Place add_linear(std::size_t in, std::size_t out, Rng& rng);
  Place add_norm(std::size_t width);
  void apply(const Place& linear, const FloatMatrix& x, FloatMatrix& y) const;
  void apply_back(const Place& linear, const FloatMatrix& x, const FloatMatrix& dy, FloatMatrix* dx,
                  std::vector<float>& gradient);
  void normalise(const Place& norm, Running& running, const FloatMatrix& x, std::size_t slot);
  void normalise_back(const Place& norm, std::size_t slot, FloatMatrix& dy,
                      std::vector<float>& gradient);
  double vertex_loss(const GraphBatch& batch, const AutoencoderLoss& kind);
  double decode_loss(const GraphBatch& batch, const AutoencoderLoss& kind,
                     std::vector<float>& gradient);
  void encode_back(const GraphBatch& batch, std::vector<float>& gradient);

  AutoencoderShape shape_;
  std::vector<float> parameters_;
  std::vector<Layer> layers_;
  Place mean_, deviation_, decoder_;
  std::vector<Running> running_;  ///< two a layer
  std::vector<Workspace> work_;   ///< one, kept between steps
};

}  // namespace nas
