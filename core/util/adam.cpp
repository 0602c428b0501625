#include "core/util/adam.h"

#include <cmath>

#include "core/util/error.h"

namespace nas {

template <class T>
void Adam<T>::step(std::span<T> parameters, std::span<const T> gradient, double decay) {
  NAS_CHECK(gradient.size() == parameters.size(), "a gradient of another size");
  state_.first.resize(gradient.size());
  state_.second.resize(gradient.size());
  state_.power1 *= settings_.beta1;
  state_.power2 *= settings_.beta2;
  const auto b1 = static_cast<T>(settings_.beta1), b2 = static_cast<T>(settings_.beta2);
  const auto rate = static_cast<T>(settings_.rate / (1 - state_.power1));
  const auto correction = static_cast<T>(1 / (1 - state_.power2));
  const auto kept = static_cast<T>(1 - settings_.rate * decay);
  const auto pull = static_cast<T>(settings_.decay), epsilon = static_cast<T>(settings_.epsilon);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const T slope = gradient[i] + pull * parameters[i];
    T& first = state_.first[i];
    T& second = state_.second[i];
    first = b1 * first + (1 - b1) * slope;
    second = b2 * second + (1 - b2) * slope * slope;
    parameters[i] =
        kept * parameters[i] - rate * first / (std::sqrt(second * correction) + epsilon);
  }
}

template class Adam<float>;
template class Adam<double>;

}  // namespace nas
