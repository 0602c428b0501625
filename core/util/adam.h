#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nas {

/// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1), bias-corrected, that descends; for plain
/// numbers. Tensors have the optimizers of core/runtime. T: float or double.
template <class T>
class Adam {
 public:
  struct Settings {
    double rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    double decay = 0;  ///< times the parameters, is added to the gradient (torch.optim.Adam)
  };
  /// All that a continued run needs.
  struct State {
    double power1 = 1, power2 = 1;  ///< of the betas: how many steps there were
    std::vector<T> first, second;   ///< moments; empty before the first step
  };
  explicit Adam(const Settings& settings) : settings_(settings) {}

  void set_rate(double rate) { settings_.rate = rate; }
  /// `decay`: decoupled weight decay (AdamW), times the rate. Requires the same size each time.
  void step(std::span<T> parameters, std::span<const T> gradient, double decay = 0);

  State& state() { return state_; }

 private:
  Settings settings_;
  State state_;
};

extern template class Adam<float>;
extern template class Adam<double>;

}  // namespace nas
