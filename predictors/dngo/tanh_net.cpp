#include "predictors/dngo/tanh_net.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "predictors/autoencoder/products.h"

namespace nas {

TanhNet::TanhNet(std::size_t inputs, std::size_t width, Rng rng) : inputs_(inputs), width_(width) {
  const auto add = [&](std::size_t count, std::size_t in) {
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    for (std::size_t i = 0; i < count; ++i) {
      parameters_.push_back(static_cast<float>(rng.uniform(-bound, bound)));
    }
  };
  add((inputs + 1) * width, inputs);
  add(width + 1, width);
}

std::vector<float> TanhNet::features(std::span<const float> rows) const {
  const std::size_t count = rows.size() / inputs_;
  const float* bias = parameters_.data() + inputs_ * width_;
  std::vector<float> hidden(count * width_);
  for (std::size_t i = 0; i < count; ++i) std::copy_n(bias, width_, hidden.data() + i * width_);
  multiply({count, inputs_, width_}, {rows.data(), inputs_, 1}, parameters_.data(), hidden.data(),
           true);
  // Eigen's tanh works on several numbers at once: most of the time of a prediction.
  Eigen::Map<Eigen::ArrayXf> units(hidden.data(), static_cast<Eigen::Index>(hidden.size()));
  units = units.tanh();
  return hidden;
}

double TanhNet::loss(std::span<const float> rows, std::span<const float> targets,
                     std::vector<float>& gradient) const {
  gradient.assign(parameters_.size(), 0);
  std::vector<float> hidden = features(rows);
  const std::size_t output = (inputs_ + 1) * width_;
  const auto count = static_cast<float>(targets.size());
  double loss = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    float* unit = hidden.data() + i * width_;
    float sum = parameters_[output + width_];
    for (std::size_t k = 0; k < width_; ++k) sum += unit[k] * parameters_[output + k];
    const float slope = (sum - targets[i]) / count;
    loss += 0.5 * static_cast<double>(slope) * static_cast<double>(sum - targets[i]);
    gradient[output + width_] += slope;
    for (std::size_t k = 0; k < width_; ++k) {
      gradient[output + k] += slope * unit[k];
      unit[k] = slope * parameters_[output + k] * (1 - unit[k] * unit[k]);
      gradient[inputs_ * width_ + k] += unit[k];
    }
  }
  multiply({inputs_, targets.size(), width_}, {rows.data(), 1, inputs_}, hidden.data(),
           gradient.data());
  return loss;
}

void TanhNet::train(std::span<const float> rows, std::span<const float> targets,
                    const TanhTraining& training, Rng rng,
                    const std::function<void()>& each_epoch) {
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t batch = std::min(training.batch, targets.size());
  std::vector<float> inputs(batch * inputs_), labels(batch), gradient;
  Adam<float> adam({.rate = training.learning_rate});
  for (std::int64_t epoch = 0; epoch < training.epochs; ++epoch) {
    each_epoch();
    rng.shuffle(std::span(order));
    for (std::size_t first = 0; first + batch <= order.size(); first += batch) {
      for (std::size_t i = 0; i < batch; ++i) {
        const std::size_t row = order[first + i];
        std::copy_n(rows.data() + row * inputs_, inputs_, inputs.data() + i * inputs_);
        labels[i] = targets[row];
      }
      loss(inputs, labels, gradient);
      // Half the squared error is what `loss` differentiates; the published one is the whole.
      for (float& value : gradient) value *= 2;
      adam.step(parameters_, gradient);
    }
  }
}

}  // namespace nas
