#include "predictors/dense_net.h"

#include <Eigen/Core>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = Eigen::MatrixXf;  // a column is a sample
using Weights = Eigen::Map<const Eigen::MatrixXf>;
using Gradient = Eigen::Map<Eigen::MatrixXf>;

Eigen::Index index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

}  // namespace

DenseNet::DenseNet(const DenseNetShape& shape, Rng rng) : shape_(shape) {
  std::size_t in = shape.inputs, position = 0;
  for (std::size_t i = 0; i <= shape.layers; ++i) {
    const std::size_t out = i == shape.layers ? 1 : shape.width;
    layers_.push_back({in, out, position, position + in * out});
    position += in * out + out;
    in = out;
  }
  parameters_.assign(position, 0.0F);
  for (const Layer& layer : layers_) {
    const double bound = std::sqrt(6.0 / static_cast<double>(layer.in + layer.out));
    for (std::size_t i = layer.weights; i < layer.biases; ++i) {
      parameters_[i] = static_cast<float>(rng.uniform(-bound, bound));
    }
  }
}

std::vector<float> DenseNet::predict(std::span<const float> inputs) const {
  Matrix x = Weights(inputs.data(), index(shape_.inputs), index(inputs.size() / shape_.inputs));
  for (const Layer& layer : layers_) {
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    const Weights b(parameters_.data() + layer.biases, index(layer.out), 1);
    Matrix y = w * x;
    y.colwise() += b.col(0);
    x = layer.out == 1 && &layer == &layers_.back() ? y : Matrix(y.cwiseMax(0.0F));
  }
  return {x.data(), x.data() + x.size()};
}

double DenseNet::loss(const DenseBatch& batch, DenseLoss kind, std::vector<float>& gradient,
                      std::vector<float>* input_gradient) const {
  const std::size_t samples = batch.targets.size();
  const auto count = static_cast<float>(samples);
  std::vector<Matrix> activations;  // input of each layer, then the output
  activations.emplace_back(Weights(batch.inputs.data(), index(shape_.inputs), index(samples)));
  for (const Layer& layer : layers_) {
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    const Weights b(parameters_.data() + layer.biases, index(layer.out), 1);
    Matrix y = w * activations.back();
    y.colwise() += b.col(0);
    if (&layer != &layers_.back()) y = y.cwiseMax(0.0F).eval();
    activations.push_back(std::move(y));
  }
  double sum = 0;
  Matrix slope(1, index(samples));
  for (std::size_t i = 0; i < samples; ++i) {
    const float error = activations.back()(0, index(i)) - batch.targets[i];
    const bool squared = kind == DenseLoss::kSquared;
    const float sign = error > 0 ? 1.0F : error < 0 ? -1.0F : 0.0F;
    sum += static_cast<double>(batch.weights[i] * (squared ? error * error : std::abs(error)));
    slope(0, index(i)) = batch.weights[i] / count * (squared ? 2 * error : sign);
  }
  gradient.assign(parameters_.size(), 0.0F);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const Matrix& input = activations[i];
    Gradient(gradient.data() + layer.weights, index(layer.out), index(layer.in)) =
        slope * input.transpose();
    Gradient(gradient.data() + layer.biases, index(layer.out), 1) = slope.rowwise().sum();
    if (i == 0 && input_gradient == nullptr) break;
    const Weights w(parameters_.data() + layer.weights, index(layer.out), index(layer.in));
    const Matrix back = w.transpose() * slope;
    if (i == 0) {
      input_gradient->assign(back.data(), back.data() + back.size());
    } else {
      slope = (input.array() > 0).select(back, 0.0F);
    }
  }
  return sum / static_cast<double>(count);
}

double DenseNet::train(std::span<const float> inputs, std::span<const float> targets,
                       std::span<const float> weights, const DenseTraining& training, Rng rng,
                       const std::function<void()>& each_epoch) {
  NAS_CHECK(inputs.size() == targets.size() * shape_.inputs && weights.size() == targets.size(),
            "samples of a dense net");
  Adam<float> adam({training.learning_rate, training.beta1, training.beta2});
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<float> x, y, w, gradient;
  double mean_loss = 0;
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    each_epoch();
    rng.shuffle(std::span(order));
    mean_loss = 0;
    for (std::size_t first = 0; first < order.size(); first += training.batch) {
      const std::size_t last = std::min(order.size(), first + training.batch);
      x.clear(), y.clear(), w.clear();
      for (std::size_t i = first; i < last; ++i) {
        const auto row = inputs.subspan(order[i] * shape_.inputs, shape_.inputs);
        x.insert(x.end(), row.begin(), row.end());
        y.push_back(targets[order[i]]);
        w.push_back(weights[order[i]]);
      }
      mean_loss += loss({x, y, w}, DenseLoss::kAbsolute, gradient) *
                   static_cast<double>(last - first) / static_cast<double>(order.size());
      adam.step(parameters_, gradient);
    }
  }
  return mean_loss;
}

}  // namespace nas
