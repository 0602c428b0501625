#include "predictors/graph_net.h"

#include <doctest/doctest.h>

#include <cmath>

#include "searchspaces/registry.h"

using namespace nas;

namespace {

std::unique_ptr<SearchSpace> nb201() {
  return find_plugin(space_plugins(), "space", "nasbench201").make({});
}

double weighted(const GraphNet& net, std::span<const GraphInput* const> graphs,
                std::span<const float> slope) {
  const std::vector<float> outputs = net.forward(graphs, nullptr, nullptr);
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    sum += static_cast<double>(outputs[i]) * static_cast<double>(slope[i]);
  }
  return sum;
}

}  // namespace

TEST_CASE("graph net: the gradient equals differences, both kinds of layers") {
  const auto space = nb201();
  Rng rng({.seed = 9});
  for (const bool bidirectional : {true, false}) {
    CAPTURE(bidirectional);
    const GraphReading reading{.fold = !bidirectional, .global = !bidirectional};
    std::vector<GraphInput> inputs;
    for (int i = 0; i < 4; ++i) inputs.push_back(graph_input(*space, sample(*space, rng), reading));
    std::vector<const GraphInput*> graphs;
    for (const GraphInput& input : inputs) graphs.push_back(&input);
    GraphNet net({.vocabulary = 8,
                  .layers = 2,
                  .width = 6,
                  .bidirectional = bidirectional,
                  .last_vertex = !bidirectional,
                  .head = bidirectional ? 5U : 0U},
                 Rng({.seed = 4}));
    std::vector<float> slope(graphs.size() * net.outputs());
    for (float& value : slope) value = static_cast<float>(rng.normal());
    GraphNet::Trace trace;
    net.forward(graphs, nullptr, &trace);
    std::vector<float> gradient(net.parameters().size(), 0.0F);
    net.backward(trace, slope, gradient);
    int wrong = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      constexpr float kStep = 2e-3F;
      const float before = net.parameters()[i];
      net.parameters()[i] = before + kStep;
      const double up = weighted(net, graphs, slope);
      net.parameters()[i] = before - kStep;
      const double down = weighted(net, graphs, slope);
      net.parameters()[i] = before;
      const double difference = (up - down) / (2.0 * static_cast<double>(kStep));
      const double error = std::abs(difference - static_cast<double>(gradient[i]));
      wrong += error > 0.02 + 0.02 * std::abs(difference) ? 1 : 0;
    }
    // A step across the corner of a ReLU gives another difference.
    CHECK(wrong <= static_cast<int>(gradient.size() / 50));
  }
}

TEST_CASE("graph input: none is dropped, skips are folded, what leads nowhere is left out") {
  const auto space = nb201();
  const Architecture architecture =
      space->parse("|nor_conv_1x1~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|");
  const GraphInput input = graph_input(*space, architecture, {.fold = true, .global = true});
  // input -> 1x1 -> (skip) -> 3x3 -> output, and the global vertex
  CHECK(input.operations == std::vector<std::uint16_t>{0, 4, 5, 1, 7});
  const std::size_t n = 5;
  CHECK(input.forward[0] == 1);
  CHECK(input.forward[2 * n + 1] == 0.5F);
  CHECK(input.forward[2 * n + 2] == 0.5F);
  for (std::size_t k = 0; k < n; ++k) CHECK(input.forward[4 * n + k] == doctest::Approx(0.2F));
  CHECK(graph_input(*space, architecture, {}).operations.size() == 8);
}
