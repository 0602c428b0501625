#include "predictors/across/pairwise_net.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"

namespace nas {
namespace {

using Matrix = Eigen::MatrixXf;  // a column is a sample
using Weights = Eigen::Map<const Matrix>;
using Gradient = Eigen::Map<Matrix>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

/// By sample the derivative of the mean hinge loss; the loss itself is returned.
double hinge(const Matrix& scores, std::span<const double> labels,
             std::span<const std::uint32_t> groups, double margin, Matrix& derivative) {
  derivative = Matrix::Zero(1, scores.cols());
  double sum = 0, pairs = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if (!(labels[i] > labels[j]) || groups[i] != groups[j]) continue;
      pairs += 1;
      const double lacking =
          margin - static_cast<double>(scores(0, index(i)) - scores(0, index(j)));
      if (lacking <= 0) continue;
      sum += lacking;
      derivative(0, index(i)) -= 1;
      derivative(0, index(j)) += 1;
    }
  }
  if (pairs == 0) return 0;
  derivative /= static_cast<float>(pairs);
  return sum / pairs;
}

}  // namespace

PairwiseNet::PairwiseNet(std::size_t inputs, Rng rng) {
  std::size_t in = inputs, position = 0;
  for (const std::size_t out : {kHidden[0], kHidden[1], std::size_t{1}}) {
    layers_.push_back({in, out, position, position + in * out});
    position += in * out + out;
    in = out;
  }
  parameters_.assign(position, 0.0F);
  for (const Layer& layer : layers_) {
    const double bound = 1 / std::sqrt(static_cast<double>(layer.in));
    for (std::size_t i = layer.weights; i < layer.biases + layer.out; ++i) {
      parameters_[i] = static_cast<float>(rng.uniform(-bound, bound));
    }
  }
}

std::vector<double> PairwiseNet::predict(std::span<const float> rows) const {
  const std::size_t inputs = layers_.front().in;
  Matrix x = Weights(rows.data(), index(inputs), index(rows.size() / inputs));
  for (const Layer& layer : layers_) {
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    const Weights b(parameters_.data() + layer.biases, index(layer.out), 1);
    Matrix y = w * x;
    y.colwise() += b.col(0);
    x = layer.out == 1 ? y : Matrix(y.cwiseMax(0.0F));
  }
  std::vector<double> scores;
  for (Eigen::Index i = 0; i < x.cols(); ++i) scores.push_back(static_cast<double>(x(0, i)));
  return scores;
}

double PairwiseNet::loss(std::span<const float> rows, std::span<const double> labels,
                         std::span<const std::uint32_t> groups, double margin,
                         std::vector<float>& gradient) const {
  std::vector<Matrix> inputs;  // of each layer, then the scores
  inputs.emplace_back(Weights(rows.data(), index(layers_.front().in), index(labels.size())));
  for (const Layer& layer : layers_) {
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    const Weights b(parameters_.data() + layer.biases, index(layer.out), 1);
    Matrix y = w * inputs.back();
    y.colwise() += b.col(0);
    inputs.push_back(layer.out == 1 ? y : Matrix(y.cwiseMax(0.0F)));
  }
  Matrix back;
  const double mean = hinge(inputs.back(), labels, groups, margin, back);
  gradient.assign(parameters_.size(), 0.0F);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    Gradient(gradient.data() + layer.weights, index(layer.out), index(layer.in)).noalias() =
        back * inputs[i].transpose();
    Gradient(gradient.data() + layer.biases, index(layer.out), 1) = back.rowwise().sum();
    if (i == 0) break;
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    back = (w.transpose() * back).cwiseProduct((inputs[i].array() > 0.0F).cast<float>().matrix());
  }
  return mean;
}

void PairwiseNet::train(std::span<const float> rows, std::span<const double> labels,
                        std::span<const std::uint32_t> groups, const PairwiseTraining& training,
                        Rng rng, const std::function<void()>& each_epoch) {
  const std::size_t inputs = layers_.front().in;
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  Adam<float> adam({.rate = training.learning_rate});
  std::vector<float> gradient, batch_rows;
  std::vector<double> batch_labels;
  std::vector<std::uint32_t> batch_groups;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    each_epoch();
    rng.shuffle(std::span(order));
    for (std::size_t begin = 0; begin < order.size(); begin += training.batch) {
      const std::size_t end = std::min(begin + training.batch, order.size());
      batch_rows.clear();
      batch_labels.clear();
      batch_groups.clear();
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = rows.subspan(order[i] * inputs, inputs);
        batch_rows.insert(batch_rows.end(), row.begin(), row.end());
        batch_labels.push_back(labels[order[i]]);
        batch_groups.push_back(groups[order[i]]);
      }
      loss(batch_rows, batch_labels, batch_groups, training.margin, gradient);
      adam.step(parameters_, gradient);
    }
  }
}

}  // namespace nas
