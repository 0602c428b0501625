#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/optimizer_torch.h"
#include "tests/core/runtime/noise_torch.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {

TEST_CASE("optimizer: SGD with Nesterov momentum and weight decay follows its formula") {
  Recipe recipe;
  recipe.momentum = 0.9;
  recipe.weight_decay = 0.01;
  at::Tensor w = at::empty({1}, at::TensorOptions(at::kFloat)).fill_(2.0).set_requires_grad(true);
  Optimizer optimizer(recipe, {w});
  double value = 2.0;
  double buffer = 0;
  for (int i = 0; i < 4; ++i) {
    optimizer.zero_grad();
    w.square().sum().backward();
    optimizer.step(0.05);
    const double gradient = 2 * value + 0.01 * value;
    buffer = i == 0 ? gradient : 0.9 * buffer + gradient;
    value -= 0.05 * (gradient + 0.9 * buffer);
    CHECK(w.item<double>() == doctest::Approx(value));
  }
}

TEST_CASE("optimizer: Adam couples weight decay with the gradient, AdamW does not") {
  for (const bool decoupled : {false, true}) {
    Recipe recipe;
    recipe.optimizer = decoupled ? "adamw" : "adam";
    recipe.weight_decay = 0.1;
    at::Tensor w = at::empty({1}, at::TensorOptions(at::kFloat)).fill_(2.0).set_requires_grad(true);
    Optimizer optimizer(recipe, {w});
    double value = 2.0, m = 0, v = 0;
    for (int t = 1; t <= 4; ++t) {
      optimizer.zero_grad();
      w.square().sum().backward();
      optimizer.step(0.05);
      // Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019), algorithm 2.
      const double gradient = 2 * value + (decoupled ? 0 : 0.1 * value);
      if (decoupled) value -= 0.05 * 0.1 * value;
      m = 0.9 * m + 0.1 * gradient;
      v = 0.999 * v + 0.001 * gradient * gradient;
      value -=
          0.05 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
      CHECK(w.item<double>() == doctest::Approx(value).epsilon(1e-5));
    }
  }
}

TEST_CASE("optimizer: RMSProp and Adagrad divide by the size of past gradients") {
  for (const bool sums : {false, true}) {
    Recipe recipe;
    recipe.optimizer = sums ? "adagrad" : "rmsprop";
    recipe.weight_decay = 0.1;
    recipe.momentum = 0.9;
    at::Tensor w = at::empty({1}, at::TensorOptions(at::kFloat)).fill_(2.0).set_requires_grad(true);
    Optimizer optimizer(recipe, {w});
    double value = 2.0, square = 0, buffer = 0;
    for (int t = 1; t <= 4; ++t) {
      optimizer.zero_grad();
      w.square().sum().backward();
      optimizer.step(0.05);
      const double gradient = 2 * value + 0.1 * value;
      // Tieleman and Hinton (2012), lecture 6.5, with momentum; Duchi et al. (2011).
      square = sums ? square + gradient * gradient : 0.99 * square + 0.01 * gradient * gradient;
      const double scaled = gradient / (std::sqrt(square) + (sums ? 1e-10 : 1e-8));
      buffer = sums ? scaled : 0.9 * buffer + scaled;
      value -= 0.05 * buffer;
      CHECK(w.item<double>() == doctest::Approx(value).epsilon(1e-5));
    }
  }
}

TEST_CASE("optimizer: what has one dimension decays unless the recipe spares it") {
  const auto after_one_step = [](bool decay_norm) {
    Recipe recipe;
    recipe.weight_decay = 0.5;
    recipe.momentum = 0;
    recipe.decay_norm = decay_norm;
    at::Tensor weight = at::empty({1, 1}, at::TensorOptions(at::kFloat));
    at::Tensor bias = at::empty({1}, at::TensorOptions(at::kFloat));
    for (at::Tensor* tensor : {&weight, &bias}) tensor->fill_(2.0).set_requires_grad(true);
    Optimizer optimizer(recipe, {weight, bias});
    optimizer.zero_grad();
    optimizer.step(0.1);
    return std::pair(weight.item<double>(), bias.item<double>());
  };
  CHECK(after_one_step(true).first == doctest::Approx(1.9));
  CHECK(after_one_step(true).second == doctest::Approx(1.9));
  CHECK(after_one_step(false).first == doctest::Approx(1.9));
  CHECK(after_one_step(false).second == 2.0);
}

TEST_CASE("optimizer: an absent gradient is zero, or leaves its tensor and state alone") {
  for (const AbsentGradient absent : {AbsentGradient::kZero, AbsentGradient::kSkip}) {
    Recipe recipe;
    recipe.weight_decay = 0.5;
    at::Tensor used = at::empty({1}, at::TensorOptions(at::kFloat));
    at::Tensor unused = at::empty({1}, at::TensorOptions(at::kFloat));
    for (at::Tensor* tensor : {&used, &unused}) tensor->fill_(2.0).set_requires_grad(true);
    Optimizer optimizer(recipe, {used, unused}, absent);
    optimizer.zero_grad();
    used.square().add(unused.square()).sum().backward();
    optimizer.step(0.01);
    const double before = unused.item<double>();
    CHECK(before < 2);
    optimizer.zero_grad();
    used.square().sum().backward();
    CHECK(optimizer.clip(1e9) == doctest::Approx(2 * used.item<double>()));
    optimizer.step(0.01);
    const bool moved = unused.item<double>() != before;
    CHECK(moved == (absent == AbsentGradient::kZero));
  }
}

TEST_CASE("optimizer: clipping scales all gradients to the global norm") {
  at::Tensor a = at::empty({1}, at::TensorOptions(at::kFloat)).fill_(1.5).set_requires_grad(true);
  at::Tensor b = at::empty({1}, at::TensorOptions(at::kFloat)).fill_(2.0).set_requires_grad(true);
  Optimizer optimizer(Recipe{}, {a, b});
  optimizer.zero_grad();
  a.square().add(b.square()).sum().backward();  // gradient (3, 4)
  CHECK(optimizer.clip(10) == doctest::Approx(5));
  CHECK(a.grad().item<double>() == doctest::Approx(3));
  CHECK(optimizer.clip(1) == doctest::Approx(5));
  CHECK(a.grad().item<double>() == doctest::Approx(0.6));
  CHECK(b.grad().item<double>() == doctest::Approx(0.8));
}

}  // namespace nas
