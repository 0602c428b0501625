#include "predictors/help/help_layers.h"

#include <algorithm>
#include <array>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr Eigen::Index kFeatures = 8, kWidth = 100;
constexpr std::size_t kOperations = 5, kEdges = 6;
constexpr double kModulation = 0.01;

// Columns of a node's features: input, five operations, output, global.
constexpr Eigen::Index kInputColumn = 0, kOutputColumn = 6, kGlobalColumn = 7;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

template <class Sums, class Matrix>
void gather(const Sums& sums, const Matrix& rows, Matrix& summed) {
  if (sums.first.empty()) {
    summed = rows;
    return;
  }
  summed.resize(index(sums.first.size() - 1), rows.cols());
  for (std::size_t i = 0; i + 1 < sums.first.size(); ++i) {
    auto target = summed.row(index(i));
    target = rows.row(index(sums.rows[sums.first[i]]));
    for (std::size_t k = sums.first[i] + 1; k < sums.first[i + 1]; ++k) {
      target += rows.row(index(sums.rows[k]));
    }
  }
}

/// The transpose of `gather`; `rows` has its size already.
template <class Sums, class Matrix>
void scatter(const Sums& sums, const Matrix& summed, Matrix& rows) {
  if (sums.first.empty()) {
    rows = summed;
    return;
  }
  rows.setZero();
  for (std::size_t i = 0; i + 1 < sums.first.size(); ++i) {
    for (std::size_t k = sums.first[i]; k < sums.first[i + 1]; ++k) {
      rows.row(index(sums.rows[k])) += summed.row(index(i));
    }
  }
}

/// Keeps what passed the rectifier.
template <class Matrix>
void keep_active(const Matrix& active, Matrix& values) {
  values = (active.array() > 0).select(values, typename Matrix::Scalar(0));
}

/// The operation of each edge, out of the one-hot rows of its node.
std::array<std::size_t, kEdges> operations_of(const std::vector<double>& encoding) {
  std::array<std::size_t, kEdges> operations{};
  for (std::size_t edge = 0; edge < kEdges; ++edge) {
    const auto* row = encoding.data() + (edge + 1) * static_cast<std::size_t>(kFeatures);
    const auto* found = std::find(row + 1, row + 1 + kOperations, 1.0);
    operations[edge] = static_cast<std::size_t>(found - row) - 1;
    NAS_CHECK(operations[edge] < kOperations, "an operation on each edge of an encoded cell");
  }
  return operations;
}

// Rows of a batch of cells: the input; nodes that read it alone, by operation; nodes behind such a
// node, by both operations; then nodes 6 (edge 2->3), 7 (output) and 8 (global) of each sample.
constexpr std::size_t kDirect = 1, kSecond = kDirect + kOperations,
                      kOwn = kSecond + kOperations * kOperations;

std::size_t direct_row(std::size_t operation) {
  return kDirect + operation;
}
std::size_t second_row(std::size_t before, std::size_t operation) {
  return kSecond + before * kOperations + operation;
}

}  // namespace

template <class Real>
HelpLayers<Real>::HelpLayers(HelpEncoder encoder, std::size_t inputs) : encoder_(encoder) {
  const bool graph = encoder == HelpEncoder::kGraph;
  NAS_CHECK(inputs > 0 && (!graph || index(inputs) == kFeatures), "inputs of the encoder");
  const auto add = [this](const char* name, bool of_graph, Eigen::Index in, Eigen::Index out) {
    layers_.push_back({name, of_graph, in, out, parameters_, parameters_ + in * out});
    parameters_ += in * out + out;
  };
  if (graph) {
    add("gc1", true, kFeatures, kWidth);
    for (const char* name : {"gc2", "gc3", "gc4"}) add(name, true, kWidth, kWidth);
  } else {
    add("fc1", false, index(inputs), kWidth);
    add("fc2", false, kWidth, kWidth);
  }
  add("fc_hw1", false, index(kHelpReferences), kWidth);
  add("fc_hw2", false, kWidth, kWidth);
  add("fc3", false, 2 * kWidth, 2 * kWidth);
  add("fc4", false, 2 * kWidth, 2 * kWidth);
  add("fc5", false, 2 * kWidth, 1);
}

template <class Real>
auto HelpLayers<Real>::weight(const Vector& theta, std::size_t layer) const -> Weight {
  const Layer& one = layers_[layer];
  return {theta.data() + one.weight, one.in, one.out};
}
template <class Real>
auto HelpLayers<Real>::weight(Vector& theta, std::size_t layer) const -> Eigen::Map<Matrix> {
  const Layer& one = layers_[layer];
  return {theta.data() + one.weight, one.in, one.out};
}
template <class Real>
auto HelpLayers<Real>::bias(const Vector& theta, std::size_t layer) const -> Eigen::Map<const Row> {
  return {theta.data() + layers_[layer].bias, layers_[layer].out};
}
template <class Real>
auto HelpLayers<Real>::bias(Vector& theta, std::size_t layer) const -> Eigen::Map<Row> {
  return {theta.data() + layers_[layer].bias, layers_[layer].out};
}

template <class Real>
auto HelpLayers<Real>::batch(std::span<const std::vector<double>* const> encodings) const -> Batch {
  Batch batch;
  batch.samples = index(encodings.size());
  if (encoder_ == HelpEncoder::kGraph) {
    graph_batch(encodings, batch);
    return batch;
  }
  batch.inputs.resize(batch.samples, layers_.front().in);
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    NAS_CHECK(index(encodings[i]->size()) == layers_.front().in, "an encoding of this width");
    batch.inputs.row(index(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(encodings[i]->data(), layers_.front().in)
            .template cast<Real>();
  }
  return batch;
}

template <class Real>
void HelpLayers<Real>::graph_batch(std::span<const std::vector<double>* const> encodings,
                                   Batch& batch) const {
  constexpr std::size_t kNodes = 9;
  Matrix features = Matrix::Zero(index(kOwn + 3 * encodings.size()), kFeatures);
  const auto row = [&batch](std::initializer_list<std::size_t> sources) {
    if (batch.between.first.empty()) batch.between.first.push_back(0);
    batch.between.rows.insert(batch.between.rows.end(), sources);
    batch.between.first.push_back(batch.between.rows.size());
  };
  features(0, kInputColumn) = 1;
  row({0});
  for (std::size_t a = 0; a < kOperations; ++a) {
    features(index(direct_row(a)), index(1 + a)) = 1;
    row({0, direct_row(a)});
  }
  for (std::size_t a = 0; a < kOperations; ++a) {
    for (std::size_t b = 0; b < kOperations; ++b) {
      features(index(second_row(a, b)), index(1 + b)) = 1;
      row({direct_row(a), second_row(a, b)});
    }
  }
  batch.last.first.push_back(0);
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    NAS_CHECK(encodings[i]->size() == kNodes * static_cast<std::size_t>(kFeatures),
              "the encoding of a cell");
    // Edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 are nodes 1 to 6.
    const std::array<std::size_t, kEdges> op = operations_of(*encodings[i]);
    const std::size_t node1 = direct_row(op[0]), node2 = direct_row(op[1]),
                      node3 = second_row(op[0], op[2]), node4 = direct_row(op[3]),
                      node5 = second_row(op[0], op[4]), node6 = kOwn + 3 * i;
    features(index(node6), index(1 + op[5])) = 1;
    features(index(node6 + 1), kOutputColumn) = 1;
    features(index(node6 + 2), kGlobalColumn) = 1;
    const std::array<std::size_t, kNodes> all{0,     node1, node2,     node3,    node4,
                                              node5, node6, node6 + 1, node6 + 2};
    row({node2, node3, node6});
    row({node4, node5, node6, node6 + 1});
    row({all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8]});
    batch.last.rows.insert(batch.last.rows.end(), all.begin(), all.end());
    batch.last.first.push_back(batch.last.rows.size());
  }
  gather(batch.between, features, batch.inputs);
}

template <class Real>
auto HelpLayers<Real>::forward(const Vector& theta, const Batch& batch, const Row& device,
                               Trace& trace) const -> const Matrix& {
  trace.input.resize(layers_.size());
  trace.active.resize(layers_.size());
  trace.slope.resize(layers_.size());
  const auto run = [&](std::size_t layer, bool rectified) {
    Matrix& y = trace.active[layer];
    y.noalias() = trace.input[layer] * weight(theta, layer);
    y.rowwise() += bias(theta, layer);
    if (rectified) y = y.cwiseMax(Real(0));
  };
  const std::size_t first_device = device_layer(), head = head_layer(), last = layers_.size() - 1;
  for (std::size_t i = 0; i < first_device; ++i) {
    if (i == 0) {
      trace.input[0] = batch.inputs;
    } else {
      gather(sums(batch, i), trace.active[i - 1], trace.input[i]);
    }
    run(i, true);
  }
  trace.input[first_device] = device;
  run(first_device, true);
  trace.input[first_device + 1] = trace.active[first_device];
  run(first_device + 1, true);
  // The head reads both encodings; that of the device is the same in every row.
  const Weight w = weight(theta, head);
  const Row shared = trace.active[head - 1].row(0) * w.bottomRows(kWidth) + bias(theta, head);
  trace.input[head] = trace.active[first_device - 1];
  trace.active[head].noalias() = trace.input[head] * w.topRows(kWidth);
  trace.active[head].rowwise() += shared;
  trace.active[head] = trace.active[head].cwiseMax(Real(0));
  for (std::size_t i = head + 1; i <= last; ++i) {
    trace.input[i] = trace.active[i - 1];
    run(i, i != last);
  }
  return trace.active[last];
}

template <class Real>
void HelpLayers<Real>::parameter_gradient(const Matrix& input, const Matrix& slope,
                                          std::size_t layer, Vector& gradient) const {
  weight(gradient, layer).noalias() = input.transpose() * slope;
  bias(gradient, layer) = slope.colwise().sum();
}

template <class Real>
void HelpLayers<Real>::backward(const Vector& theta, const Batch& batch, const Matrix& slopes,
                                Trace& trace, Vector& gradient) const {
  gradient.resize(parameters_);
  const std::size_t first_device = device_layer(), head = head_layer(), last = layers_.size() - 1;
  std::vector<Matrix>& slope = trace.slope;
  slope[last] = slopes;
  for (std::size_t i = last; i > head; --i) {
    parameter_gradient(trace.input[i], slope[i], i, gradient);
    slope[i - 1].noalias() = slope[i] * weight(theta, i).transpose();
    keep_active(trace.active[i - 1], slope[i - 1]);
  }
  const Row all = slope[head].colwise().sum();
  weight(gradient, head).topRows(kWidth).noalias() = trace.input[head].transpose() * slope[head];
  weight(gradient, head).bottomRows(kWidth).noalias() = trace.active[head - 1].transpose() * all;
  bias(gradient, head) = all;
  slope[head - 1].noalias() = all * weight(theta, head).bottomRows(kWidth).transpose();
  keep_active(trace.active[head - 1], slope[head - 1]);
  parameter_gradient(trace.input[head - 1], slope[head - 1], head - 1, gradient);
  slope[first_device].noalias() = slope[head - 1] * weight(theta, head - 1).transpose();
  keep_active(trace.active[first_device], slope[first_device]);
  parameter_gradient(trace.input[first_device], slope[first_device], first_device, gradient);
  slope[first_device - 1].noalias() = slope[head] * weight(theta, head).topRows(kWidth).transpose();
  keep_active(trace.active[first_device - 1], slope[first_device - 1]);
  Matrix back;
  for (std::size_t i = first_device; i-- > 0;) {
    parameter_gradient(trace.input[i], slope[i], i, gradient);
    if (i == 0) break;
    back.noalias() = slope[i] * weight(theta, i).transpose();
    slope[i - 1].resize(trace.active[i - 1].rows(), trace.active[i - 1].cols());
    scatter(sums(batch, i), back, slope[i - 1]);
    keep_active(trace.active[i - 1], slope[i - 1]);
  }
}

// The derivative of `forward` and `backward` along `direction`, line by line (Pearlmutter's
// R-operator, Neural Computation 6, 1994). Rectifiers are linear where they are differentiable.
template <class Real>
void HelpLayers<Real>::hessian_product(const Vector& theta, const Batch& batch, Real curvature,
                                       const Vector& direction, const Trace& trace, Trace& tangent,
                                       Vector& product) const {
  product.resize(parameters_);
  tangent.input.resize(layers_.size());
  tangent.active.resize(layers_.size());
  tangent.slope.resize(layers_.size());
  const std::size_t first_device = device_layer(), head = head_layer(), last = layers_.size() - 1;
  const auto run = [&](std::size_t layer, bool moved, bool rectified) {
    Matrix& y = tangent.active[layer];
    y.noalias() = trace.input[layer] * weight(direction, layer);
    if (moved) y.noalias() += tangent.input[layer] * weight(theta, layer);
    y.rowwise() += bias(direction, layer);
    if (rectified) keep_active(trace.active[layer], y);
  };
  for (std::size_t i = 0; i < first_device; ++i) {
    if (i > 0) gather(sums(batch, i), tangent.active[i - 1], tangent.input[i]);
    run(i, i > 0, true);
  }
  run(first_device, false, true);
  tangent.input[first_device + 1] = tangent.active[first_device];
  run(first_device + 1, true, true);
  const Weight w = weight(theta, head), u = weight(direction, head);
  const Row shared = tangent.active[head - 1].row(0) * w.bottomRows(kWidth) +
                     trace.active[head - 1].row(0) * u.bottomRows(kWidth) + bias(direction, head);
  tangent.input[head] = tangent.active[first_device - 1];
  tangent.active[head].noalias() = tangent.input[head] * w.topRows(kWidth);
  tangent.active[head].noalias() += trace.input[head] * u.topRows(kWidth);
  tangent.active[head].rowwise() += shared;
  keep_active(trace.active[head], tangent.active[head]);
  for (std::size_t i = head + 1; i <= last; ++i) {
    tangent.input[i] = tangent.active[i - 1];
    run(i, true, i != last);
  }

  std::vector<Matrix>& slope = tangent.slope;
  const auto add_parameters = [&](std::size_t layer, bool moved) {
    parameter_gradient(trace.input[layer], slope[layer], layer, product);
    if (moved) {
      weight(product, layer).noalias() += tangent.input[layer].transpose() * trace.slope[layer];
    }
  };
  slope[last] = curvature * tangent.active[last];
  for (std::size_t i = last; i > head; --i) {
    add_parameters(i, true);
    slope[i - 1].noalias() = slope[i] * weight(theta, i).transpose();
    slope[i - 1].noalias() += trace.slope[i] * weight(direction, i).transpose();
    keep_active(trace.active[i - 1], slope[i - 1]);
  }
  const Row all = slope[head].colwise().sum(), all_before = trace.slope[head].colwise().sum();
  auto of_head = weight(product, head);
  of_head.topRows(kWidth).noalias() = trace.input[head].transpose() * slope[head];
  of_head.topRows(kWidth).noalias() += tangent.input[head].transpose() * trace.slope[head];
  of_head.bottomRows(kWidth).noalias() = trace.active[head - 1].transpose() * all;
  of_head.bottomRows(kWidth).noalias() += tangent.active[head - 1].transpose() * all_before;
  bias(product, head) = all;
  slope[head - 1].noalias() = all * w.bottomRows(kWidth).transpose();
  slope[head - 1].noalias() += all_before * u.bottomRows(kWidth).transpose();
  keep_active(trace.active[head - 1], slope[head - 1]);
  add_parameters(head - 1, true);
  slope[first_device].noalias() = slope[head - 1] * weight(theta, head - 1).transpose();
  slope[first_device].noalias() += trace.slope[head - 1] * weight(direction, head - 1).transpose();
  keep_active(trace.active[first_device], slope[first_device]);
  add_parameters(first_device, false);
  slope[first_device - 1].noalias() = slope[head] * w.topRows(kWidth).transpose();
  slope[first_device - 1].noalias() += trace.slope[head] * u.topRows(kWidth).transpose();
  keep_active(trace.active[first_device - 1], slope[first_device - 1]);
  Matrix back;
  for (std::size_t i = first_device; i-- > 0;) {
    add_parameters(i, i > 0);
    if (i == 0) break;
    back.noalias() = slope[i] * weight(theta, i).transpose();
    back.noalias() += trace.slope[i] * weight(direction, i).transpose();
    slope[i - 1].resize(trace.active[i - 1].rows(), trace.active[i - 1].cols());
    scatter(sums(batch, i), back, slope[i - 1]);
    keep_active(trace.active[i - 1], slope[i - 1]);
  }
}

template <class Real>
void HelpLayers<Real>::modulate(std::span<const double> z, Vector& theta) const {
  std::size_t next = 0;
  for (std::size_t i = head_layer(); i < layers_.size(); ++i) {
    auto w = weight(theta, i);
    for (Eigen::Index column = 0; column < layers_[i].in; ++column) {
      w.row(column) *= static_cast<Real>(1 + kModulation * z[next++]);
    }
  }
  for (std::size_t i = head_layer(); i < layers_.size(); ++i) {
    bias(theta, i).array() += static_cast<Real>(kModulation * z[next++]);
  }
}

template <class Real>
std::vector<double> HelpLayers<Real>::modulation_gradient(std::span<const double> z,
                                                          const Vector& theta,
                                                          Vector& gradient) const {
  std::vector<double> at_z;
  for (std::size_t i = head_layer(); i < layers_.size(); ++i) {
    auto g = weight(gradient, i);
    const Weight w = weight(theta, i);
    for (Eigen::Index column = 0; column < layers_[i].in; ++column) {
      const auto factor = static_cast<Real>(1 + kModulation * z[at_z.size()]);
      at_z.push_back(kModulation * static_cast<double>(g.row(column).dot(w.row(column))));
      g.row(column) *= factor;
    }
  }
  for (std::size_t i = head_layer(); i < layers_.size(); ++i) {
    at_z.push_back(kModulation * static_cast<double>(bias(gradient, i).sum()));
  }
  return at_z;
}

template class HelpLayers<float>;
template class HelpLayers<double>;

}  // namespace nas
