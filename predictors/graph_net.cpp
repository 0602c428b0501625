#include "predictors/graph_net.h"

#include <Eigen/Core>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

// Matrices are row-major with a row for each vertex (of all graphs of a batch) or graph.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Read = Eigen::Map<const Matrix>;
using Write = Eigen::Map<Matrix>;
constexpr float kNormEpsilon = 1e-5F;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}
Read read(std::span<const float> values, std::size_t columns) {
  return {values.data(), index(values.size() / columns), index(columns)};
}
std::vector<float> flat(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

// Multiplies the rows of each graph by its matrix, or by its transpose.
Matrix mixed(std::span<const GraphInput* const> graphs, const Matrix& rows, bool along,
             bool transposed) {
  Matrix result(rows.rows(), rows.cols());
  Eigen::Index first = 0;
  for (const GraphInput* graph : graphs) {
    const Eigen::Index n = index(graph->operations.size());
    const Read a((along ? graph->forward : graph->backward).data(), n, n);
    if (transposed) {
      result.middleRows(first, n).noalias() = a.transpose() * rows.middleRows(first, n);
    } else {
      result.middleRows(first, n).noalias() = a * rows.middleRows(first, n);
    }
    first += n;
  }
  return result;
}

std::vector<float> dropout_mask(std::size_t size, double rate, Rng* rng) {
  std::vector<float> mask(size, 1.0F);
  if (rng == nullptr || rate <= 0) return mask;
  const auto kept = static_cast<float>(1 / (1 - rate));
  for (float& value : mask) value = rng->uniform() < rate ? 0.0F : kept;
  return mask;
}

Matrix positive(const Matrix& values, const Matrix& slope) {
  return (values.array() > 0).select(slope, 0.0F);
}

}  // namespace

GraphNet::GraphNet(const GraphNetShape& shape, Rng rng) : shape_(shape) {
  const auto add_weights = [&](std::size_t in, std::size_t out) {
    const std::size_t place = parameters_.size();
    const double bound = std::sqrt(6.0 / static_cast<double>(in + out));
    for (std::size_t i = 0; i < in * out; ++i) {
      parameters_.push_back(static_cast<float>(rng.uniform(-bound, bound)));
    }
    return place;
  };
  const auto add_constant = [&](std::size_t size, float value) {
    parameters_.insert(parameters_.end(), size, value);
    return parameters_.size() - size;
  };
  for (std::size_t i = 0; i < shape.layers; ++i) {
    Place place{.in = i == 0 ? shape.vocabulary : shape.width};
    place.first = add_weights(place.in, shape.width);
    if (shape.bidirectional) {
      place.second = add_weights(place.in, shape.width);
    } else {
      place.gain = add_constant(shape.width, 1);
      place.shift = add_constant(shape.width, 0);
    }
    places_.push_back(place);
  }
  if (shape.head > 0) {
    head_weights_ = add_weights(shape.width, shape.head);
    head_shift_ = add_constant(shape.head, 0);
  }
}

std::vector<float> GraphNet::forward(std::span<const GraphInput* const> graphs, Rng* rng,
                                     Trace* trace) const {
  std::size_t vertices = 0;
  for (const GraphInput* graph : graphs) vertices += graph->operations.size();
  Matrix x = Matrix::Zero(index(vertices), index(shape_.vocabulary));
  Eigen::Index row = 0;
  for (const GraphInput* graph : graphs) {
    for (const std::uint16_t operation : graph->operations) x(row++, operation) = 1;
  }
  if (trace != nullptr) trace->graphs.assign(graphs.begin(), graphs.end());
  for (const Place& place : places_) {
    Trace::Layer layer;
    const Read w(parameters_.data() + place.first, index(place.in), index(shape_.width));
    Matrix first = mixed(graphs, x * w, true, false), second;
    Matrix y;
    if (shape_.bidirectional) {
      const Read v(parameters_.data() + place.second, index(place.in), index(shape_.width));
      second = mixed(graphs, x * v, false, false);
      y = 0.5F * (first.cwiseMax(0.0F) + second.cwiseMax(0.0F));
    } else {
      const Read gain(parameters_.data() + place.gain, 1, index(shape_.width));
      const Read shift(parameters_.data() + place.shift, 1, index(shape_.width));
      Matrix centred = first.colwise() - first.rowwise().mean();
      const Eigen::VectorXf deviation =
          (centred.array().square().rowwise().mean() + kNormEpsilon).sqrt();
      centred.array().colwise() /= deviation.array();
      second = (centred.array().rowwise() * gain.row(0).array()).rowwise() + shift.row(0).array();
      y = second.cwiseMax(0.0F);
      layer.normalised = flat(centred);
      layer.deviation.assign(deviation.data(), deviation.data() + deviation.size());
    }
    layer.mask = dropout_mask(static_cast<std::size_t>(y.size()), shape_.dropout, rng);
    y = y.cwiseProduct(read(layer.mask, shape_.width)).eval();
    if (trace != nullptr) {
      layer.input = flat(x);
      layer.first = flat(first);
      layer.second = flat(second);
      trace->layers.push_back(std::move(layer));
    }
    x = std::move(y);
  }
  Matrix pooled(index(graphs.size()), index(shape_.width));
  row = 0;
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    const Eigen::Index n = index(graphs[g]->operations.size());
    if (shape_.last_vertex) {
      pooled.row(index(g)) = x.row(row + n - 1);
    } else {
      pooled.row(index(g)) = x.middleRows(row, n).colwise().mean();
    }
    row += n;
  }
  if (trace != nullptr) trace->pooled = flat(pooled);
  if (shape_.head == 0) return flat(pooled);
  const Read w(parameters_.data() + head_weights_, index(shape_.width), index(shape_.head));
  const Read b(parameters_.data() + head_shift_, 1, index(shape_.head));
  Matrix head = pooled * w;
  head.rowwise() += b.row(0);
  const std::vector<float> mask =
      dropout_mask(static_cast<std::size_t>(head.size()), shape_.dropout, rng);
  if (trace != nullptr) {
    trace->head = flat(head);
    trace->head_mask = mask;
  }
  return flat(head.cwiseMax(0.0F).cwiseProduct(read(mask, shape_.head)));
}

void GraphNet::backward(const Trace& trace, std::span<const float> slope,
                        std::span<float> gradient) const {
  NAS_CHECK(gradient.size() == parameters_.size(), "gradient of a graph net");
  const std::span<const GraphInput* const> graphs(trace.graphs);
  Matrix d = read(slope, outputs());
  if (shape_.head > 0) {
    const Matrix back =
        positive(read(trace.head, shape_.head), d.cwiseProduct(read(trace.head_mask, shape_.head)));
    Write(gradient.data() + head_weights_, index(shape_.width), index(shape_.head)) +=
        read(trace.pooled, shape_.width).transpose() * back;
    Write(gradient.data() + head_shift_, 1, index(shape_.head)) += back.colwise().sum();
    const Read w(parameters_.data() + head_weights_, index(shape_.width), index(shape_.head));
    d = back * w.transpose();
  }
  Matrix dy =
      Matrix::Zero(index(trace.layers.back().mask.size() / shape_.width), index(shape_.width));
  Eigen::Index row = 0;
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    const Eigen::Index n = index(graphs[g]->operations.size());
    if (shape_.last_vertex) {
      dy.row(row + n - 1) = d.row(index(g));
    } else {
      dy.middleRows(row, n).rowwise() = d.row(index(g)) / static_cast<float>(n);
    }
    row += n;
  }
  for (std::size_t i = places_.size(); i-- > 0;) {
    const Place& place = places_[i];
    const Trace::Layer& layer = trace.layers[i];
    const Read x = read(layer.input, place.in);
    const Read w(parameters_.data() + place.first, index(place.in), index(shape_.width));
    Write dw(gradient.data() + place.first, index(place.in), index(shape_.width));
    dy = dy.cwiseProduct(read(layer.mask, shape_.width)).eval();
    if (shape_.bidirectional) {
      const Read v(parameters_.data() + place.second, index(place.in), index(shape_.width));
      Write dv(gradient.data() + place.second, index(place.in), index(shape_.width));
      const Matrix a =
          mixed(graphs, positive(read(layer.first, shape_.width), 0.5F * dy), true, true);
      const Matrix b =
          mixed(graphs, positive(read(layer.second, shape_.width), 0.5F * dy), false, true);
      dw += x.transpose() * a;
      dv += x.transpose() * b;
      dy = a * w.transpose() + b * v.transpose();
      continue;
    }
    const Read gain(parameters_.data() + place.gain, 1, index(shape_.width));
    const Read normal = read(layer.normalised, shape_.width);
    const Matrix active = positive(read(layer.second, shape_.width), dy);
    Write(gradient.data() + place.gain, 1, index(shape_.width)) +=
        active.cwiseProduct(normal).colwise().sum();
    Write(gradient.data() + place.shift, 1, index(shape_.width)) += active.colwise().sum();
    // Layer normalisation: (g - mean(g) - n mean(g n)) / deviation
    Matrix g = active.array().rowwise() * gain.row(0).array();
    const Eigen::VectorXf mean = g.rowwise().mean();
    const Eigen::VectorXf along = g.cwiseProduct(normal).rowwise().mean();
    g.colwise() -= mean;
    g -= (normal.array().colwise() * along.array()).matrix();
    const Eigen::Map<const Eigen::VectorXf> deviation(layer.deviation.data(), g.rows());
    g.array().colwise() /= deviation.array();
    const Matrix a = mixed(graphs, g, true, true);
    dw += x.transpose() * a;
    dy = a * w.transpose();
  }
}

}  // namespace nas
