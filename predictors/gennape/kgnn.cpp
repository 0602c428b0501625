#include "predictors/gennape/kgnn.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::size_t kLabels = static_cast<std::size_t>(CgOp::kLabels);
constexpr std::size_t kRegularOp = 24, kWeightedOp = 14, kShape = 8, kKernel = 4, kBias = 2;
constexpr std::size_t kKernels = CompGraph::kLargestKernel + 1;
constexpr double kLongestSide = 256, kMostChannels = 512;
constexpr std::size_t kHead = 5;  // linear layers, a ReLU behind the second

struct Tensor {
  std::string name;
  std::size_t rows, columns, offset;  ///< row-major
  bool bias = false;
  bool embedding = false;
};

/// Where each tensor stands, under its released name.
struct Layout {
  std::vector<Tensor> tensors;
  std::size_t size = 0;
  std::size_t regular = 0, weighted = 0, kernel = 0, shape = 0, shape_bias = 0, bias = 0,
              bias_bias = 0;
  std::array<std::size_t, 6> left{}, left_bias{}, right{};
  std::array<std::size_t, kHead> head{}, head_bias{};

  Layout() {
    constexpr std::size_t w = KGnn<float>::kWidth;
    const std::string embed = "embed_layer.";
    regular = add(embed + "regular_embed_layer.weight", kLabels, kRegularOp, false, true);
    weighted = add(embed + "weighted_embed_layer.weight", kLabels, kWeightedOp, false, true);
    kernel = add(embed + "kernel_embed_layer.weight", kKernels, kKernel, false, true);
    shape = add(embed + "shape_embed_layer.weight", kShape, 6);
    shape_bias = add(embed + "shape_embed_layer.bias", kShape, 1, true);
    bias = add(embed + "bias_embed_layer.weight", kBias, kBias);
    bias_bias = add(embed + "bias_embed_layer.bias", kBias, 1, true);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::string layer = "encoder.gnn_layers." + std::to_string(i);
      left[i] = add(layer + ".lin_l.weight", w, w);
      left_bias[i] = add(layer + ".lin_l.bias", w, 1, true);
      right[i] = add(layer + ".lin_r.weight", w, w);
    }
    const std::array<const char*, kHead> names{"post_proj.0", "post_proj.1", "post_proj.3",
                                               "post_proj.4", "regressor"};
    for (std::size_t i = 0; i < kHead; ++i) {
      const std::size_t out = i + 1 == kHead ? 1 : w;
      head[i] = add(names[i] + std::string(".weight"), out, w);
      head_bias[i] = add(names[i] + std::string(".bias"), out, 1, true);
    }
  }

 private:
  std::size_t add(std::string name, std::size_t rows, std::size_t columns, bool is_bias = false,
                  bool embedding = false) {
    tensors.push_back({std::move(name), rows, columns, size, is_bias, embedding});
    size += rows * columns;
    return tensors.back().offset;
  }
};

const Layout& layout() {
  static const Layout instance;
  return instance;
}

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using Weights = Eigen::Map<const Matrix<T>>;
template <class T>
using Gradient = Eigen::Map<Matrix<T>>;
template <class T>
using Row = Eigen::Matrix<T, 1, Eigen::Dynamic>;
template <class T>
using BiasMap = Eigen::Map<const Row<T>>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

template <class T>
std::array<T, 6> scaled(const CgNode& node) {
  std::array<T, 6> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(node.resolution[i] / (i < 4 ? kLongestSide : kMostChannels));
  }
  return values;
}

constexpr std::size_t kWidth = KGnn<float>::kWidth;

/// One row for each class of nodes. `p`: the parameters.
template <class T>
Matrix<T> embed_nodes(const T* p, std::span<const CgNode> nodes) {
  const Layout& at = layout();
  Matrix<T> first(index(nodes.size()), index(kWidth));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const CgNode& node = nodes[i];
    T* row = first.data() + i * kWidth;
    const auto label = static_cast<std::size_t>(node.op);
    const std::size_t width = node.weighted ? kWeightedOp : kRegularOp;
    std::copy_n(p + (node.weighted ? at.weighted : at.regular) + label * width, width, row);
    row += width;
    const std::array<T, 6> sizes = scaled<T>(node);
    for (std::size_t out = 0; out < kShape; ++out) {
      T sum = p[at.shape_bias + out];
      for (std::size_t k = 0; k < 6; ++k) sum += p[at.shape + out * 6 + k] * sizes[k];
      *row++ = sum;
    }
    if (!node.weighted) continue;
    for (const std::uint8_t kernel : {node.kernel_h, node.kernel_w}) {
      row = std::copy_n(p + at.kernel + kernel * kKernel, kKernel, row);
    }
    for (std::size_t out = 0; out < kBias; ++out) {
      *row++ = p[at.bias + out * kBias + (node.bias ? 1 : 0)] + p[at.bias_bias + out];
    }
  }
  return first;
}

/// Adds what the embeddings' derivatives `above` say of the tables to the gradient `g`.
template <class T>
void embedding_gradient(const Matrix<T>& above, std::span<const CgNode> nodes, T* g) {
  const Layout& at = layout();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const CgNode& node = nodes[i];
    const T* row = above.data() + i * kWidth;
    const std::size_t width = node.weighted ? kWeightedOp : kRegularOp;
    T* table =
        g + (node.weighted ? at.weighted : at.regular) + static_cast<std::size_t>(node.op) * width;
    for (std::size_t k = 0; k < width; ++k) table[k] += *row++;
    const std::array<T, 6> sizes = scaled<T>(node);
    for (std::size_t out = 0; out < kShape; ++out, ++row) {
      g[at.shape_bias + out] += *row;
      for (std::size_t k = 0; k < 6; ++k) g[at.shape + out * 6 + k] += *row * sizes[k];
    }
    if (!node.weighted) continue;
    for (const std::uint8_t kernel : {node.kernel_h, node.kernel_w}) {
      for (std::size_t k = 0; k < kKernel; ++k) g[at.kernel + kernel * kKernel + k] += *row++;
    }
    for (std::size_t out = 0; out < kBias; ++out, ++row) {
      g[at.bias + out * kBias + (node.bias ? 1 : 0)] += *row;
      g[at.bias_bias + out] += *row;
    }
  }
}

}  // namespace

/// A batch on its way through: what the derivatives need.
template <class T>
struct KGnn<T>::Pass {
  Colouring colouring;
  std::vector<Matrix<T>> layers;  ///< embeddings by class, layer 0 first
  std::vector<Matrix<T>> head;    ///< inputs of the head's layers, [graphs, 32], and the output
};

template <class T>
KGnn<T>::KGnn(Rng rng) : parameters_(layout().size) {
  double fan_in = 1;
  for (const Tensor& tensor : layout().tensors) {
    if (!tensor.bias) fan_in = static_cast<double>(tensor.columns);  // a bias has its weight's
    const double bound = 1 / std::sqrt(fan_in);
    for (std::size_t i = 0; i < tensor.rows * tensor.columns; ++i) {
      parameters_[tensor.offset + i] =
          static_cast<T>(tensor.embedding ? rng.normal() : rng.uniform(-bound, bound));
    }
  }
}

template <class T>
KGnn<T>::KGnn(const PredictorState& state) : parameters_(layout().size) {
  for (const Tensor& tensor : layout().tensors) {
    const std::vector<double>& data = state_tensor(state, tensor.name).data;
    if (data.size() != tensor.rows * tensor.columns) {
      throw Error(ErrorKind::kData, "k-GNN: tensor '" + tensor.name + "' has " +
                                        std::to_string(data.size()) + " values, expected " +
                                        std::to_string(tensor.rows * tensor.columns));
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      parameters_[tensor.offset + i] = static_cast<T>(data[i]);
    }
  }
}

template <class T>
std::vector<PredictorTensor> KGnn<T>::tensors() const {
  std::vector<PredictorTensor> result;
  for (const Tensor& tensor : layout().tensors) {
    const auto first = parameters_.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
    std::vector<std::int64_t> shape{static_cast<std::int64_t>(tensor.rows)};
    if (!tensor.bias) shape.push_back(static_cast<std::int64_t>(tensor.columns));
    result.push_back(
        make_tensor(tensor.name, shape,
                    {first, first + static_cast<std::ptrdiff_t>(tensor.rows * tensor.columns)}));
  }
  return result;
}

template <class T>
typename KGnn<T>::Pass KGnn<T>::forward(std::span<const CompGraph* const> graphs) const {
  const Layout& at = layout();
  const T* p = parameters_.data();
  Pass pass{Colouring(graphs, kLayers), {}, {}};
  const std::span<const CgNode> nodes = pass.colouring.nodes();
  pass.layers.push_back(embed_nodes(p, nodes));
  for (std::size_t l = 0; l < kLayers; ++l) {
    const Colouring::Layer& layer = pass.colouring.layers()[l];
    const Matrix<T>& below = pass.layers.back();
    const Matrix<T> left = below * Weights<T>(p + at.left[l], kWidth, kWidth).transpose();
    const Matrix<T> right = below * Weights<T>(p + at.right[l], kWidth, kWidth).transpose();
    const BiasMap<T> bias(p + at.left_bias[l], kWidth);
    Matrix<T> next(index(layer.self.size()), index(kWidth));
    for (std::size_t i = 0; i < layer.self.size(); ++i) {
      auto row = next.row(index(i));
      row = right.row(layer.self[i]) + bias;
      for (std::uint32_t k = layer.first[i]; k < layer.first[i + 1]; ++k) {
        row += left.row(layer.in[k]);
      }
    }
    pass.layers.push_back(next.array().tanh().matrix());
  }
  Matrix<T>& mean =
      pass.head.emplace_back(Matrix<T>::Zero(index(pass.colouring.graphs()), index(kWidth)));
  for (const Colouring::Share& share : pass.colouring.shares()) {
    mean.row(share.graph) += static_cast<T>(share.part) * pass.layers.back().row(share.colour);
  }
  for (std::size_t i = 0; i < kHead; ++i) {
    const std::size_t out = i + 1 == kHead ? 1 : kWidth;
    Matrix<T> y =
        pass.head.back() * Weights<T>(p + at.head[i], index(out), index(kWidth)).transpose();
    y.rowwise() += BiasMap<T>(p + at.head_bias[i], index(out));
    pass.head.push_back(i == 1 ? Matrix<T>(y.cwiseMax(T(0))) : std::move(y));
  }
  return pass;
}

template <class T>
std::vector<T> KGnn<T>::predict(std::span<const CompGraph* const> graphs) const {
  if (graphs.empty()) return {};
  const Pass pass = forward(graphs);
  return {pass.head.back().data(), pass.head.back().data() + pass.head.back().size()};
}

template <class T>
std::vector<T> KGnn<T>::embed(std::span<const CompGraph* const> graphs) const {
  if (graphs.empty()) return {};
  const Pass pass = forward(graphs);
  return {pass.head.front().data(), pass.head.front().data() + pass.head.front().size()};
}

template <class T>
double KGnn<T>::loss(std::span<const CompGraph* const> graphs, std::span<const double> targets,
                     std::vector<T>& gradient) const {
  const Pass pass = forward(graphs);
  backward(pass, targets, gradient);
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double off = static_cast<double>(pass.head.back()(index(i), 0)) - targets[i];
    sum += off * off;
  }
  return sum / static_cast<double>(targets.size());
}

template <class T>
void KGnn<T>::backward(const Pass& pass, std::span<const double> targets,
                       std::vector<T>& gradient) const {
  const Layout& at = layout();
  const T* p = parameters_.data();
  gradient.assign(parameters_.size(), T(0));
  T* g = gradient.data();
  Matrix<T> back(index(targets.size()), 1);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double off = static_cast<double>(pass.head.back()(index(i), 0)) - targets[i];
    back(index(i), 0) = static_cast<T>(2 * off / static_cast<double>(targets.size()));
  }
  for (std::size_t i = kHead; i-- > 0;) {
    const std::size_t out = i + 1 == kHead ? 1 : kWidth;
    if (i == 1) back = back.cwiseProduct((pass.head[2].array() > T(0)).template cast<T>().matrix());
    Gradient<T>(g + at.head[i], index(out), index(kWidth)).noalias() =
        back.transpose() * pass.head[i];
    Gradient<T>(g + at.head_bias[i], 1, index(out)) = back.colwise().sum();
    back = back * Weights<T>(p + at.head[i], index(out), index(kWidth));
  }
  Matrix<T> above = Matrix<T>::Zero(pass.layers.back().rows(), index(kWidth));
  for (const Colouring::Share& share : pass.colouring.shares()) {
    above.row(share.colour) += static_cast<T>(share.part) * back.row(share.graph);
  }
  for (std::size_t l = kLayers; l-- > 0;) {
    const Colouring::Layer& layer = pass.colouring.layers()[l];
    const Matrix<T>& below = pass.layers[l];
    above.array() *= T(1) - pass.layers[l + 1].array().square();
    Matrix<T> left = Matrix<T>::Zero(below.rows(), index(kWidth)), right = left;
    for (std::size_t i = 0; i < layer.self.size(); ++i) {
      right.row(layer.self[i]) += above.row(index(i));
      for (std::uint32_t k = layer.first[i]; k < layer.first[i + 1]; ++k) {
        left.row(layer.in[k]) += above.row(index(i));
      }
    }
    Gradient<T>(g + at.left_bias[l], 1, index(kWidth)) = above.colwise().sum();
    Gradient<T>(g + at.left[l], kWidth, kWidth).noalias() = left.transpose() * below;
    Gradient<T>(g + at.right[l], kWidth, kWidth).noalias() = right.transpose() * below;
    above = left * Weights<T>(p + at.left[l], kWidth, kWidth) +
            right * Weights<T>(p + at.right[l], kWidth, kWidth);
  }
  embedding_gradient(above, pass.colouring.nodes(), g);
}

template class KGnn<float>;
template class KGnn<double>;

void train(KGnn<float>& net, std::span<const CompGraph> graphs, std::span<const double> targets,
           const KGnnTraining& training, Rng rng,
           const std::function<void(int epoch, double loss)>& each_epoch) {
  std::vector<std::size_t> order(graphs.size());
  std::iota(order.begin(), order.end(), 0);
  Adam<float> adam({.rate = training.learning_rate});
  std::vector<float> gradient;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    rng.shuffle(std::span(order));
    double sum = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += training.batch) {
      std::vector<const CompGraph*> batch;
      std::vector<double> labels;
      for (std::size_t i = begin; i < std::min(begin + training.batch, order.size()); ++i) {
        batch.push_back(&graphs[order[i]]);
        labels.push_back(targets[order[i]]);
      }
      sum += net.loss(batch, labels, gradient) * static_cast<double>(batch.size());
      double squares = 0;
      for (const float value : gradient) squares += static_cast<double>(value) * value;
      const double norm = std::sqrt(squares);
      if (norm > training.largest_norm) {
        const auto factor = static_cast<float>(training.largest_norm / norm);
        for (float& value : gradient) value *= factor;
      }
      adam.step(net.parameters(), gradient);
    }
    each_epoch(epoch, sum / static_cast<double>(order.size()));
  }
}

}  // namespace nas
