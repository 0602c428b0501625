#include "predictors/gennape/cluster_heads.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/util/adam.h"

namespace nas {
namespace {

using Matrix = CgMatrix<float>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

double squared_error(const Matrix& scores, std::span<const double> targets, Matrix& slope) {
  const auto count = static_cast<double>(targets.size());
  double sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double off = static_cast<double>(scores(index(i), 0)) - targets[i];
    sum += off * off;
    slope(index(i), 0) = static_cast<float>(2 * off / count);
  }
  return sum / count;
}

double pair_entropy(const Matrix& scores, const HeadBatch& batch, Matrix& slope) {
  double sum = 0, pairs = 0;
  const std::vector<double>& targets = batch.targets;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t j = 0; j < targets.size(); ++j) {
      if (!(targets[i] > targets[j]) || batch.groups[i] != batch.groups[j]) continue;
      pairs += 1;
      const float by = scores(index(i), 0) - scores(index(j), 0);
      const float e = std::exp(-std::abs(by));
      sum += static_cast<double>(std::log1p(e) + std::max(-by, 0.0F));
      const float wrong = by > 0 ? e / (1 + e) : 1 / (1 + e);  // sigmoid(-by)
      slope(index(i), 0) -= wrong;
      slope(index(j), 0) += wrong;
    }
  }
  if (pairs == 0) return 0;
  slope /= static_cast<float>(pairs);
  return sum / pairs;
}

}  // namespace

HeadBatch HeadBatch::rows(std::span<const std::size_t> which) const {
  HeadBatch part{Matrix(index(which.size()), inputs.cols()),
                 Matrix(index(which.size()), shares.cols()),
                 {},
                 {}};
  for (std::size_t i = 0; i < which.size(); ++i) {
    part.inputs.row(index(i)) = inputs.row(index(which[i]));
    part.shares.row(index(i)) = shares.row(index(which[i]));
    part.targets.push_back(targets[which[i]]);
    part.groups.push_back(groups[which[i]]);
  }
  return part;
}

ClusterHeads::ClusterHeads(const ClusterHeadsShape& shape, Rng rng) : shape_(shape) {
  const std::size_t width = shape.clusters * shape.hidden;
  std::size_t at = 0;
  const auto place = [&at](std::size_t rows, std::size_t columns) {
    const TensorPlace made{at, index(rows), index(columns)};
    at += rows * columns;
    return made;
  };
  first_ = place(shape.inputs, width);
  first_bias_ = place(1, width);
  second_ = place(width, 1);
  second_bias_ = place(shape.clusters, 1);
  parameters_.resize(at);
  const double first_bound = 1 / std::sqrt(static_cast<double>(shape.inputs)),
               second_bound = 1 / std::sqrt(static_cast<double>(shape.hidden));
  for (std::size_t i = 0; i < at; ++i) {
    const double bound = i < second_.first ? first_bound : second_bound;
    parameters_[i] = static_cast<float>(rng.uniform(-bound, bound));
  }
}

Tape::Value ClusterHeads::run(Tape& tape, const Matrix& inputs, const Matrix& shares) const {
  const Tape::Value x = tape.constant(inputs);
  Tape::Value hidden = tape.rectified(
      tape.shifted(tape.product(x, tape.parameter(first_)), tape.parameter(first_bias_)));
  if (shape_.clusters > 1) {
    Matrix weights(shares.rows(), shares.cols() * index(shape_.hidden));
    for (Eigen::Index k = 0; k < shares.cols(); ++k) {
      weights.middleCols(k * index(shape_.hidden), index(shape_.hidden)) =
          shares.col(k).replicate(1, index(shape_.hidden));
    }
    hidden = tape.times(hidden, tape.constant(std::move(weights)));
  }
  return tape.sum(tape.product(hidden, tape.parameter(second_)),
                  tape.product(tape.constant(shares), tape.parameter(second_bias_)));
}

std::vector<double> ClusterHeads::predict(const Matrix& inputs, const Matrix& shares) const {
  constexpr Eigen::Index kChunk = 512;
  std::vector<double> result;
  for (Eigen::Index first = 0; first < inputs.rows(); first += kChunk) {
    const Eigen::Index count = std::min(kChunk, inputs.rows() - first);
    Tape tape(parameters_, false);
    const Tape::Value y =
        run(tape, inputs.middleRows(first, count), shares.middleRows(first, count));
    for (Eigen::Index i = 0; i < count; ++i) {
      result.push_back(static_cast<double>(tape.value(y)(i, 0)));
    }
  }
  return result;
}

double ClusterHeads::loss(const HeadBatch& batch, HeadLoss kind,
                          std::vector<float>& gradient) const {
  Tape tape(parameters_, true);
  const Tape::Value y = run(tape, batch.inputs, batch.shares);
  Matrix slope = Matrix::Zero(index(batch.targets.size()), 1);
  const double mean = kind == HeadLoss::kSquared
                          ? squared_error(tape.value(y), batch.targets, slope)
                          : pair_entropy(tape.value(y), batch, slope);
  gradient.assign(parameters_.size(), 0.0F);
  tape.backward(y, slope, gradient);
  return mean;
}

void train(ClusterHeads& heads, const HeadBatch& samples, const HeadTraining& training, Rng rng,
           const std::function<void()>& each_epoch) {
  std::vector<std::size_t> order(samples.targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Adam<float> adam({.rate = training.learning_rate});
  std::vector<float> gradient;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    each_epoch();
    rng.shuffle(std::span(order));
    const double at = static_cast<double>(epoch) / training.epochs;
    adam.set_rate(training.learning_rate * (1 + std::cos(std::numbers::pi * at)) / 2);
    for (std::size_t begin = 0; begin < order.size(); begin += training.batch) {
      const std::size_t count = std::min(training.batch, order.size() - begin);
      const HeadBatch batch = samples.rows(std::span(order).subspan(begin, count));
      heads.loss(batch, training.loss, gradient);
      adam.step(heads.parameters(), gradient, training.weight_decay);
    }
  }
}

}  // namespace nas
