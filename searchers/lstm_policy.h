#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/util/rng.h"

namespace nas {

/// A recurrent policy over points: an LSTM cell (Hochreiter and Schmidhuber, 1997) and a linear
/// layer that gives the mean of the next action. Double precision, one thread.
class LstmPolicy {
 public:
  LstmPolicy() = default;
  /// Inputs and actions have `width` numbers. Weights are uniform within 1 / sqrt(hidden), as
  /// LibTorch starts them.
  LstmPolicy(std::size_t width, std::size_t hidden, Rng rng);

  /// One step, with all that its derivative needs.
  struct Step {
    std::vector<double> input, hidden_before, cell_before;
    std::vector<double> gates;  ///< input, forget, candidate, output: 4 x hidden, squashed
    std::vector<double> cell, hidden;
    std::vector<double> mean;
  };
  /// `before`: the step before it; null: the first of an episode, from zeros.
  Step step(std::span<const double> input, const Step* before) const;

  /// The derivative by parameter of sum over steps of slopes[t] . mean[t], back through time.
  std::vector<double> gradient(std::span<const Step> steps,
                               std::span<const std::vector<double>> slopes) const;

  std::span<double> parameters() { return parameters_; }
  std::span<const double> parameters() const { return parameters_; }

 private:
  std::size_t columns() const { return width_ + hidden_ + 1; }
  std::size_t head() const { return 4 * hidden_ * columns(); }

  std::size_t width_ = 0, hidden_ = 0;
  /// 4 hidden rows of weights of input, hidden state and 1; then `width` rows of weights of the
  /// hidden state and 1.
  std::vector<double> parameters_;
};

}  // namespace nas
