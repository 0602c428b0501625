#include "searchers/lstm_policy.h"

#include <cmath>

namespace nas {
namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

LstmPolicy::LstmPolicy(std::size_t width, std::size_t hidden, Rng rng)
    : width_(width), hidden_(hidden) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  parameters_.resize(head() + width_ * (hidden_ + 1));
  for (double& parameter : parameters_) parameter = rng.uniform(-bound, bound);
}

LstmPolicy::Step LstmPolicy::step(std::span<const double> input, const Step* before) const {
  Step step;
  step.input.assign(input.begin(), input.end());
  step.hidden_before = before ? before->hidden : std::vector<double>(hidden_, 0);
  step.cell_before = before ? before->cell : std::vector<double>(hidden_, 0);
  step.gates.resize(4 * hidden_);
  const double* row = parameters_.data();
  for (std::size_t i = 0; i < 4 * hidden_; ++i, row += columns()) {
    double sum = row[columns() - 1];
    for (std::size_t k = 0; k < width_; ++k) sum += row[k] * input[k];
    for (std::size_t k = 0; k < hidden_; ++k) sum += row[width_ + k] * step.hidden_before[k];
    const bool candidate = i / hidden_ == 2;
    step.gates[i] = candidate ? std::tanh(sum) : sigmoid(sum);
  }
  step.cell.resize(hidden_);
  step.hidden.resize(hidden_);
  for (std::size_t j = 0; j < hidden_; ++j) {
    const double *gate = step.gates.data() + j, in = gate[0], forget = gate[hidden_],
                 candidate = gate[2 * hidden_], out = gate[3 * hidden_];
    step.cell[j] = forget * step.cell_before[j] + in * candidate;
    step.hidden[j] = out * std::tanh(step.cell[j]);
  }
  step.mean.resize(width_);
  row = parameters_.data() + head();
  for (std::size_t i = 0; i < width_; ++i, row += hidden_ + 1) {
    double sum = row[hidden_];
    for (std::size_t j = 0; j < hidden_; ++j) sum += row[j] * step.hidden[j];
    step.mean[i] = sum;
  }
  return step;
}

std::vector<double> LstmPolicy::gradient(std::span<const Step> steps,
                                         std::span<const std::vector<double>> slopes) const {
  std::vector<double> gradient(parameters_.size(), 0);
  std::vector<double> by_hidden(hidden_, 0), by_cell(hidden_, 0);  // from the step behind
  std::vector<double> by_sum(4 * hidden_);
  for (std::size_t t = steps.size(); t-- > 0;) {
    const Step& step = steps[t];
    for (std::size_t i = 0; i < width_; ++i) {
      const double slope = slopes[t][i];
      const std::size_t first = head() + i * (hidden_ + 1);
      for (std::size_t j = 0; j < hidden_; ++j) {
        gradient[first + j] += slope * step.hidden[j];
        by_hidden[j] += slope * parameters_[first + j];
      }
      gradient[first + hidden_] += slope;
    }
    for (std::size_t j = 0; j < hidden_; ++j) {
      const double *gate = step.gates.data() + j, in = gate[0], forget = gate[hidden_],
                   candidate = gate[2 * hidden_], out = gate[3 * hidden_];
      const double squashed = std::tanh(step.cell[j]);
      const double cell = by_cell[j] + by_hidden[j] * out * (1 - squashed * squashed);
      by_sum[j] = cell * candidate * in * (1 - in);
      by_sum[hidden_ + j] = cell * step.cell_before[j] * forget * (1 - forget);
      by_sum[2 * hidden_ + j] = cell * in * (1 - candidate * candidate);
      by_sum[3 * hidden_ + j] = by_hidden[j] * squashed * out * (1 - out);
      by_cell[j] = cell * forget;
    }
    by_hidden.assign(hidden_, 0);
    for (std::size_t i = 0; i < 4 * hidden_; ++i) {
      const std::size_t first = i * columns();
      const double slope = by_sum[i];
      for (std::size_t k = 0; k < width_; ++k) gradient[first + k] += slope * step.input[k];
      for (std::size_t k = 0; k < hidden_; ++k) {
        gradient[first + width_ + k] += slope * step.hidden_before[k];
        by_hidden[k] += slope * parameters_[first + width_ + k];
      }
      gradient[first + columns() - 1] += slope;
    }
  }
  return gradient;
}

}  // namespace nas
