#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nas {

/// How HELP reads architectures.
enum class HelpEncoder : std::uint8_t {
  kGraph,   ///< NAS-Bench-201: four graph convolutions over nine nodes
  kVector,  ///< FBNet (132 numbers), Once-for-All (145), one-hot choices: two layers
};

constexpr std::size_t kHelpReferences = 10;  ///< architectures that represent a device

/// HELP's network (Lee et al., NeurIPS 2021, arXiv 2106.08630) as a function of one flat vector of
/// parameters, with the exact gradient and the product of the Hessian with a direction: what steps
/// that are themselves differentiated need. Real: double for the released numbers, float for
/// meta-training. Const methods are safe from several threads.
template <class Real>
class HelpLayers {
 public:
  using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
  using Row = Eigen::Matrix<Real, 1, Eigen::Dynamic>;

  struct Layer {
    std::string name;              ///< "gc1", "fc3"
    bool graph = false;            ///< of a graph convolution
    Eigen::Index in = 0, out = 0;  ///< weight: row-major [in, out]
    Eigen::Index weight = 0, bias = 0;
  };

  /// `inputs`: numbers of an encoding (kVector); features of a node (kGraph).
  HelpLayers(HelpEncoder encoder, std::size_t inputs);

  HelpEncoder encoder() const { return encoder_; }
  /// Encoder, device encoder (2), head (3), in this order.
  const std::vector<Layer>& layers() const { return layers_; }
  Eigen::Index parameters() const { return parameters_; }

  /// Which rows of a layer are summed to the input of a row of the next; row i has
  /// rows[first[i] .. first[i + 1]). Without rows: each row is its own input.
  struct RowSums {
    std::vector<std::size_t> first, rows;
  };
  /// Architectures as the encoder reads them. The graph of a cell is always the same, so the state
  /// of a node depends only on the operations before it: nodes that see the input alone have five
  /// states, those behind one such node 25; only the last three are each sample's own.
  struct Batch {
    Matrix inputs;    ///< of the first layer, neighbours summed
    RowSums between;  ///< of the layers but the first and the last of the encoder
    RowSums last;     ///< of the last: the global node reads all nodes
    Eigen::Index samples = 0;
  };
  Batch batch(std::span<const std::vector<double>* const> encodings) const;

  /// What derivatives need, by layer: inputs, results after the rectifier, slopes before it.
  struct Trace {
    std::vector<Matrix> input, active, slope;
  };

  /// Predictions [samples, 1]; they live in the trace. `device`: the hardware embedding.
  const Matrix& forward(const Vector& theta, const Batch& batch, const Row& device,
                        Trace& trace) const;
  /// Gradient of sum(slopes * predictions) at a traced point. `slopes`: [samples, 1].
  void backward(const Vector& theta, const Batch& batch, const Matrix& slopes, Trace& trace,
                Vector& gradient) const;
  /// Hessian of curvature / 2 * |predictions - labels|^2 times `direction`, at a point that
  /// `backward` has traced with the slopes of that loss. `tangent` is scratch.
  void hessian_product(const Vector& theta, const Batch& batch, Real curvature,
                       const Vector& direction, const Trace& trace, Trace& tangent,
                       Vector& product) const;

  /// Rescales the head for a device by z (600 factors of input columns, 3 shifts of biases):
  /// w <- w (1 + 0.01 z_w), b <- b + 0.01 z_b.
  void modulate(std::span<const double> z, Vector& theta) const;
  /// Takes the gradient at modulated parameters to that at `theta`, in place; gives that at z.
  std::vector<double> modulation_gradient(std::span<const double> z, const Vector& theta,
                                          Vector& gradient) const;

 private:
  using Weight = Eigen::Map<const Matrix>;
  Weight weight(const Vector& theta, std::size_t layer) const;
  Eigen::Map<Matrix> weight(Vector& theta, std::size_t layer) const;
  Eigen::Map<const Row> bias(const Vector& theta, std::size_t layer) const;
  Eigen::Map<Row> bias(Vector& theta, std::size_t layer) const;
  std::size_t device_layer() const { return layers_.size() - 5; }
  std::size_t head_layer() const { return layers_.size() - 3; }
  const RowSums& sums(const Batch& batch, std::size_t layer) const {
    return layer + 1 == device_layer() ? batch.last : batch.between;
  }
  /// Weight and bias of one layer, from its input and slope.
  void parameter_gradient(const Matrix& input, const Matrix& slope, std::size_t layer,
                          Vector& gradient) const;
  void graph_batch(std::span<const std::vector<double>* const> encodings, Batch& batch) const;

  HelpEncoder encoder_;
  std::vector<Layer> layers_;
  Eigen::Index parameters_ = 0;
};

extern template class HelpLayers<float>;
extern template class HelpLayers<double>;

}  // namespace nas
