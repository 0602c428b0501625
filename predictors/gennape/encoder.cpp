#include "predictors/gennape/encoder.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nas {
namespace {

constexpr std::size_t kLabels = static_cast<std::size_t>(CgOp::kLabels);
constexpr std::size_t kRegularOp = 24, kWeightedOp = 14, kShape = 8, kKernel = 4, kBias = 2;
constexpr std::size_t kKernels = CompGraph::kLargestKernel + 1;
constexpr double kLongestSide = 256, kMostChannels = 512;
constexpr std::size_t kWidth = CgEncoder::kWidth, kLayers = CgEncoder::kLayers;

struct Layout {
  CgTensors tensors;
  std::size_t regular = 0, weighted = 0, kernel = 0, shape = 0, shape_bias = 0, bias = 0,
              bias_bias = 0;
  std::array<std::size_t, kLayers> left{}, left_bias{}, right{};

  Layout() {
    const std::string embed = "embed_layer.";
    regular = tensors.add(embed + "regular_embed_layer.weight", kLabels, kRegularOp, false, true);
    weighted =
        tensors.add(embed + "weighted_embed_layer.weight", kLabels, kWeightedOp, false, true);
    kernel = tensors.add(embed + "kernel_embed_layer.weight", kKernels, kKernel, false, true);
    shape = tensors.add(embed + "shape_embed_layer.weight", kShape, 6);
    shape_bias = tensors.add(embed + "shape_embed_layer.bias", kShape, 1, true);
    bias = tensors.add(embed + "bias_embed_layer.weight", kBias, kBias);
    bias_bias = tensors.add(embed + "bias_embed_layer.bias", kBias, 1, true);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::string layer = "encoder.gnn_layers." + std::to_string(i);
      left[i] = tensors.add(layer + ".lin_l.weight", kWidth, kWidth);
      left_bias[i] = tensors.add(layer + ".lin_l.bias", kWidth, 1, true);
      right[i] = tensors.add(layer + ".lin_r.weight", kWidth, kWidth);
    }
  }
};

const Layout& layout() {
  static const Layout instance;
  return instance;
}

template <class T>
using Weights = Eigen::Map<const CgMatrix<T>>;
template <class T>
using Gradient = Eigen::Map<CgMatrix<T>>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

template <class T>
void add_row(T* __restrict to, const T* __restrict from) {
  for (std::size_t k = 0; k < kWidth; ++k) to[k] += from[k];
}

template <class T>
const T* row_of(const CgMatrix<T>& matrix, std::size_t i) {
  return matrix.data() + i * kWidth;
}
template <class T>
T* row_of(CgMatrix<T>& matrix, std::size_t i) {
  return matrix.data() + i * kWidth;
}

template <class T>
std::array<T, 6> scaled(const CgNode& node) {
  std::array<T, 6> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(node.resolution[i] / (i < 4 ? kLongestSide : kMostChannels));
  }
  return values;
}

/// One row for each class of nodes. `p`: the parameters.
template <class T>
CgMatrix<T> embed_nodes(const T* p, std::span<const CgNode> nodes) {
  const Layout& at = layout();
  CgMatrix<T> first(index(nodes.size()), index(kWidth));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const CgNode& node = nodes[i];
    T* row = row_of(first, i);
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
void embedding_gradient(const CgMatrix<T>& above, std::span<const CgNode> nodes, T* g) {
  const Layout& at = layout();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const CgNode& node = nodes[i];
    const T* row = row_of(above, i);
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

/// Factors of dropout: 0, or what keeps the mean.
template <class T>
CgMatrix<T> draw_factors(std::size_t rows, CgDropout& dropout) {
  CgMatrix<T> kept(index(rows), index(kWidth));
  const auto factor = static_cast<T>(1 / (1 - dropout.part));
  const auto limit = static_cast<std::uint32_t>(dropout.part * 65536);  // of 16 random bits
  for (std::size_t i = 0; i < rows * kWidth; i += 2) {
    const std::uint32_t bits = dropout.rng();
    kept.data()[i] = (bits & 0xffffU) < limit ? T(0) : factor;
    kept.data()[i + 1] = (bits >> 16U) < limit ? T(0) : factor;
  }
  return kept;
}

template <class T>
void drop(CgPass<T>& pass, CgDropout* dropout) {
  if (dropout == nullptr) return;
  const CgMatrix<T>& value = pass.values.back();
  pass.kept.push_back(draw_factors<T>(static_cast<std::size_t>(value.rows()), *dropout));
  pass.inputs.push_back(value.cwiseProduct(pass.kept.back()));
}

/// By share and part: the class that the nodes have in it.
std::vector<std::array<std::uint32_t, CgEncoder::kParts>> colours_of(const Colouring& colouring) {
  std::vector<std::array<std::uint32_t, CgEncoder::kParts>> result;
  result.reserve(colouring.shares().size());
  for (const Colouring::Share& share : colouring.shares()) {
    auto& colours = result.emplace_back();
    colours[kLayers] = share.colour;
    for (std::size_t l = kLayers; l-- > 0;) {
      colours[l] = colouring.layers()[l].self[colours[l + 1]];
    }
  }
  return result;
}

}  // namespace

std::size_t CgTensors::add(std::string name, std::size_t rows, std::size_t columns, bool bias,
                           bool embedding) {
  list.push_back({std::move(name), rows, columns, size, bias, embedding});
  size += rows * columns;
  return list.back().offset;
}

const CgTensors& CgEncoder::tensors() {
  return layout().tensors;
}

template <class T>
void initialise(std::span<const CgTensor> tensors, Rng& rng, std::span<T> parameters) {
  double fan_in = 1;
  for (const CgTensor& tensor : tensors) {
    if (!tensor.bias) fan_in = static_cast<double>(tensor.columns);  // a bias has its weight's
    const double bound = 1 / std::sqrt(fan_in);
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      parameters[tensor.offset + i] =
          static_cast<T>(tensor.embedding ? rng.normal() : rng.uniform(-bound, bound));
    }
  }
}

template <class T>
CgPass<T> encode(std::span<const T> parameters, const Colouring& colouring, CgDropout* dropout) {
  const Layout& at = layout();
  const T* p = parameters.data();
  CgPass<T> pass;
  pass.values.push_back(embed_nodes<T>(p, colouring.nodes()));
  drop(pass, dropout);
  for (std::size_t l = 0; l < kLayers; ++l) {
    const Colouring::Layer& layer = colouring.layers()[l];
    const CgMatrix<T>& below = pass.read(l);
    const CgMatrix<T> left = below * Weights<T>(p + at.left[l], kWidth, kWidth).transpose();
    const CgMatrix<T> right = below * Weights<T>(p + at.right[l], kWidth, kWidth).transpose();
    const T* bias = p + at.left_bias[l];
    CgMatrix<T> next(index(layer.self.size()), index(kWidth));
    for (std::size_t i = 0; i < layer.self.size(); ++i) {
      T* row = row_of(next, i);
      const T* own = row_of(right, layer.self[i]);
      for (std::size_t k = 0; k < kWidth; ++k) row[k] = own[k] + bias[k];
      for (std::uint32_t k = layer.first[i]; k < layer.first[i + 1]; ++k) {
        add_row(row, row_of(left, layer.in[k]));
      }
    }
    pass.values.push_back(next.array().tanh().matrix());
    drop(pass, dropout);
  }
  return pass;
}

template <class T>
CgMatrix<T> read_out(const Colouring& colouring, const CgPass<T>& pass, std::size_t first) {
  const std::size_t width = (CgEncoder::kParts - first) * kWidth;
  CgMatrix<T> means = CgMatrix<T>::Zero(index(colouring.graphs()), index(width));
  const auto colours = colours_of(colouring);
  for (std::size_t s = 0; s < colours.size(); ++s) {
    const Colouring::Share& share = colouring.shares()[s];
    const auto part = static_cast<T>(share.part);
    for (std::size_t l = first; l < CgEncoder::kParts; ++l) {
      T* to = means.data() + share.graph * width + (l - first) * kWidth;
      const T* from = row_of(pass.read(l), colours[s][l]);
      for (std::size_t k = 0; k < kWidth; ++k) to[k] += part * from[k];
    }
  }
  return means;
}

template <class T>
void encode_back(std::span<const T> parameters, const Colouring& colouring, const CgPass<T>& pass,
                 const CgMatrix<T>& by_read_out, std::size_t first, std::span<T> gradient) {
  const Layout& at = layout();
  const T* p = parameters.data();
  T* g = gradient.data();
  const std::size_t width = (CgEncoder::kParts - first) * kWidth;
  std::vector<CgMatrix<T>> slopes;
  for (const CgMatrix<T>& value : pass.values) {
    slopes.push_back(CgMatrix<T>::Zero(value.rows(), index(kWidth)));
  }
  const auto colours = colours_of(colouring);
  for (std::size_t s = 0; s < colours.size(); ++s) {
    const Colouring::Share& share = colouring.shares()[s];
    const auto part = static_cast<T>(share.part);
    for (std::size_t l = first; l < CgEncoder::kParts; ++l) {
      const T* from = by_read_out.data() + share.graph * width + (l - first) * kWidth;
      T* to = row_of(slopes[l], colours[s][l]);
      for (std::size_t k = 0; k < kWidth; ++k) to[k] += part * from[k];
    }
  }
  for (std::size_t l = kLayers; l-- > 0;) {
    const Colouring::Layer& layer = colouring.layers()[l];
    CgMatrix<T>& above = slopes[l + 1];
    if (!pass.kept.empty()) above = above.cwiseProduct(pass.kept[l + 1]).eval();
    above.array() *= T(1) - pass.values[l + 1].array().square();
    const CgMatrix<T>& below = pass.read(l);
    CgMatrix<T> left = CgMatrix<T>::Zero(below.rows(), index(kWidth)), right = left;
    for (std::size_t i = 0; i < layer.self.size(); ++i) {
      const T* from = row_of(above, i);
      add_row(row_of(right, layer.self[i]), from);
      for (std::uint32_t k = layer.first[i]; k < layer.first[i + 1]; ++k) {
        add_row(row_of(left, layer.in[k]), from);
      }
    }
    Gradient<T>(g + at.left_bias[l], 1, index(kWidth)) += above.colwise().sum();
    Gradient<T>(g + at.left[l], kWidth, kWidth).noalias() += left.transpose() * below;
    Gradient<T>(g + at.right[l], kWidth, kWidth).noalias() += right.transpose() * below;
    slopes[l].noalias() += left * Weights<T>(p + at.left[l], kWidth, kWidth);
    slopes[l].noalias() += right * Weights<T>(p + at.right[l], kWidth, kWidth);
  }
  if (!pass.kept.empty()) slopes[0] = slopes[0].cwiseProduct(pass.kept[0]).eval();
  embedding_gradient<T>(slopes[0], colouring.nodes(), g);
}

#define NAS_INSTANTIATE(T)                                                             \
  template void initialise<T>(std::span<const CgTensor>, Rng&, std::span<T>);          \
  template CgPass<T> encode<T>(std::span<const T>, const Colouring&, CgDropout*);      \
  template CgMatrix<T> read_out<T>(const Colouring&, const CgPass<T>&, std::size_t);   \
  template void encode_back<T>(std::span<const T>, const Colouring&, const CgPass<T>&, \
                               const CgMatrix<T>&, std::size_t, std::span<T>);
NAS_INSTANTIATE(float)
NAS_INSTANTIATE(double)
#undef NAS_INSTANTIATE

}  // namespace nas
