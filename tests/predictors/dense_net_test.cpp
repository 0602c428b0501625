#include "predictors/dense_net.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace nas;

TEST_CASE("dense net: the gradients equal differences, for both losses") {
  for (const DenseLoss kind : {DenseLoss::kAbsolute, DenseLoss::kSquared}) {
    DenseNet net({.inputs = 3, .layers = 2, .width = 5}, Rng({.seed = 2}));
    Rng rng({.seed = 3});
    std::vector<float> x(12), y(4), w{1, 2, 0.5F, 1}, gradient, by_input, unused;
    for (float& value : x) value = static_cast<float>(rng.normal());
    for (float& value : y) value = static_cast<float>(rng.normal());
    for (float& value : net.parameters()) value += static_cast<float>(0.1 * rng.normal());
    net.loss({x, y, w}, kind, gradient, &by_input);
    const auto check = [&](float& variable, float slope) {
      constexpr float kStep = 1e-2F;
      const float before = variable;
      variable = before + kStep;
      const double up = net.loss({x, y, w}, kind, unused);
      variable = before - kStep;
      const double down = net.loss({x, y, w}, kind, unused);
      variable = before;
      const double difference = (up - down) / (2.0 * static_cast<double>(kStep));
      CHECK(std::abs(static_cast<double>(slope) - difference) < 0.02);
    };
    for (std::size_t i = 0; i < gradient.size(); ++i) check(net.parameters()[i], gradient[i]);
    REQUIRE(by_input.size() == x.size());
    for (std::size_t i = 0; i < x.size(); ++i) check(x[i], by_input[i]);
  }
}

TEST_CASE("dense net: learns a line") {
  DenseNet net({.inputs = 1, .layers = 2, .width = 16}, Rng({}));
  std::vector<float> x, y;
  for (int i = 0; i < 64; ++i) {
    x.push_back(static_cast<float>(i) / 32 - 1);
    y.push_back(2 * x.back() - 0.5F);
  }
  const std::vector<float> w(64, 1.0F);
  const double loss = net.train(x, y, w, {.epochs = 200}, Rng({.seed = 1}), [] {});
  CHECK(loss < 0.05);
  CHECK(std::abs(net.predict(std::vector<float>{0.5F})[0] - 0.5F) < 0.1F);
}
