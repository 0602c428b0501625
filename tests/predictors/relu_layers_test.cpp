#include "predictors/relu_layers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/util/rng.h"

using namespace nas;

namespace {

AffineLayer random_layer(std::size_t in, std::size_t out, Rng& rng) {
  AffineLayer layer{in, out, std::vector<float>(in * out), std::vector<float>(out)};
  for (float& weight : layer.weights) weight = static_cast<float>(rng.normal());
  for (float& bias : layer.biases) bias = static_cast<float>(rng.normal());
  return layer;
}

/// The definition, one sample at a time in double precision.
std::vector<double> plain(const std::vector<AffineLayer>& layers, std::vector<double> x) {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    std::vector<double> y;
    for (std::size_t o = 0; o < layers[l].out; ++o) {
      auto sum = static_cast<double>(layers[l].biases[o]);
      for (std::size_t i = 0; i < layers[l].in; ++i) {
        sum += static_cast<double>(layers[l].weights[o * layers[l].in + i]) * x[i];
      }
      y.push_back(l + 1 < layers.size() ? std::max(sum, 0.0) : sum);
    }
    x = y;
  }
  return x;
}

}  // namespace

TEST_CASE("relu layers: any number of samples and of outputs equals plain loops") {
  Rng rng({.seed = 5});
  const std::vector<AffineLayer> layers{random_layer(7, 13, rng), random_layer(13, 6, rng),
                                        random_layer(6, 3, rng)};
  const ReluLayers net(layers);
  CHECK(net.inputs() == 7);
  CHECK(net.outputs() == 3);
  for (const std::size_t samples : {1U, 15U, 16U, 17U, 64U, 65U, 130U}) {
    CAPTURE(samples);
    std::vector<float> inputs(samples * 7);
    for (float& value : inputs) value = static_cast<float>(rng.normal());
    const std::vector<float> outputs = net(inputs);
    REQUIRE(outputs.size() == samples * 3);
    double worst = 0;
    for (std::size_t s = 0; s < samples; ++s) {
      const auto begin = inputs.begin() + static_cast<std::ptrdiff_t>(s * 7);
      const std::vector<double> expected = plain(layers, {begin, begin + 7});
      for (std::size_t o = 0; o < 3; ++o) {
        worst = std::max(worst, std::abs(static_cast<double>(outputs[s * 3 + o]) - expected[o]));
      }
    }
    CHECK(worst < 1e-4);
  }
  CHECK(net({}).empty());
}
