#include "core/util/adam.h"

#include <cmath>

#include "core/util/error.h"

namespace nas {

template <class T>
void Adam<T>::step(std::span<T> parameters, std::span<const T> gradient, double decay) {
  NAS_CHECK(gradient.size() == parameters.size(), "a gradient of another size");
  first_.resize(gradient.size());
  second_.resize(gradient.size());
  power1_ *= settings_.beta1;
  power2_ *= settings_.beta2;
  const auto b1 = static_cast<T>(settings_.beta1), b2 = static_cast<T>(settings_.beta2);
  const auto rate = static_cast<T>(settings_.rate / (1 - power1_));
  const auto correction = static_cast<T>(1 / (1 - power2_));
  const auto kept = static_cast<T>(1 - settings_.rate * decay);
  constexpr T kEpsilon = static_cast<T>(1e-8);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    first_[i] = b1 * first_[i] + (1 - b1) * gradient[i];
    second_[i] = b2 * second_[i] + (1 - b2) * gradient[i] * gradient[i];
    parameters[i] =
        kept * parameters[i] - rate * first_[i] / (std::sqrt(second_[i] * correction) + kEpsilon);
  }
}

template class Adam<float>;
template class Adam<double>;

}  // namespace nas
