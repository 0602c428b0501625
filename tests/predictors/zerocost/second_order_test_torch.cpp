#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ones_like.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/taps_torch.h"
#include "tests/predictors/zerocost/proxy_testing.h"

// Scores that come from derivatives, against finite differences in double precision. LibTorch's
// own first-order passes in double are the reference; the engine runs in float32 with second-order
// formulas of its own.

namespace nas {
namespace {

struct DoubleNetwork {
  DoubleNetwork(const ArchGraph& graph, const ScoreSettings& settings)
      : model(graph, {.seed = settings.seed, .purpose = Purpose::kInit}),
        batch(make_batches(settings, nullptr, {3, 16, 16}, 10, 1)[0]) {
    model.impl().set_precision(at::kDouble);
    for (const WeightLayer& layer : weight_layers(graph)) {
      weights.push_back(weight_of(model.impl(), layer));
    }
  }

  at::Tensor loss() {
    const at::Tensor images =
        image_tensor(batch.inputs, {3, 16, 16}, batch.size(), at::kCPU).to(at::kDouble);
    const at::Tensor logits = model.impl().forward(images, {.batch_statistics = true})[0];
    return at::cross_entropy_loss(logits, label_tensor(batch));
  }

  std::vector<at::Tensor> gradient() {
    const at::Tensor value = loss();
    auto found = gradients(value, at::ones_like(value), weights, {});
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i].defined()) found[i] = weights[i].detach() * 0;
    }
    return found;
  }

  void move(const std::vector<at::Tensor>& direction, double step) {
    const c10::NoGradGuard no_grad;
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i].add_(direction[i], step);
  }

  std::vector<at::Tensor> values() const {
    std::vector<at::Tensor> copies;
    for (const at::Tensor& weight : weights) copies.push_back(weight.detach().clone());
    return copies;
  }

  Model model;
  Batch batch;
  std::vector<at::Tensor> weights;
};

double inner_product_of(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum().item<double>();
}

ScoreSettings settings_of_test() {
  ScoreSettings settings;
  settings.batch = 6;
  settings.seed = 5;
  return settings;
}

TEST_CASE("zero-cost: first-order scores equal finite differences of the loss") {
  const ArchGraph graph = test::small_cell(test::kCell);
  DoubleNetwork network(graph, settings_of_test());
  const auto theta = network.values();
  constexpr double kStep = 1e-5;
  network.move(theta, kStep);
  const double above = network.loss().item<double>();
  network.move(theta, -2 * kStep);
  const double below = network.loss().item<double>();
  const double slope = (above - below) / (2 * kStep);
  const double plain = test::scores_of(graph, "plain", settings_of_test())[0].value;
  CHECK(plain == doctest::Approx(slope).epsilon(1e-3));
}

TEST_CASE("zero-cost: grasp equals finite differences of gradients, layer by layer") {
  for (const std::string& cell : {test::kCell, test::kDeadCell}) {
    const ArchGraph graph = test::small_cell(cell);
    DoubleNetwork network(graph, settings_of_test());
    const auto theta = network.values();
    const auto g = network.gradient();
    constexpr double kStep = 1e-8;
    network.move(g, kStep);
    const auto above = network.gradient();
    network.move(g, -2 * kStep);
    const auto below = network.gradient();
    double total = 0, scale = 0;
    std::vector<double> expected;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      expected.push_back(-inner_product_of(theta[i], above[i] - below[i]) / (2 * kStep));
      total += expected.back();
      scale = std::max(scale, std::abs(expected.back()));
    }
    // By default only the layers that no normalisation follows are differentiated twice.
    for (const std::string proxy : {"grasp", "grasp:exact=true", "snip,jacov,grasp"}) {
      const ProxyScore grasp = test::scores_of(graph, proxy, settings_of_test()).back();
      CAPTURE(proxy);
      REQUIRE(grasp.layers.size() == theta.size());
      for (std::size_t i = 0; i < theta.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(grasp.layers[i] - expected[i]) < 2e-3 * scale);
      }
      CHECK(std::abs(grasp.value - total) < 2e-3 * scale);
    }
  }
}

TEST_CASE("zero-cost: layers that only batch normalisation reads are told apart") {
  std::vector<std::string> others;
  for (const WeightLayer& layer : weight_layers(test::small_cell(test::kCell))) {
    if (!layer.normalised) others.push_back(layer.name);
  }
  REQUIRE(others.size() == 3);
  CHECK(others[0].find("shortcut") != std::string::npos);
  CHECK(others[1].find("shortcut") != std::string::npos);
  CHECK(others[2].find("linear") != std::string::npos);
}

TEST_CASE("zero-cost: norms, snip and synflow equal double precision written out") {
  const ArchGraph graph = test::small_cell(test::kCell);
  DoubleNetwork network(graph, settings_of_test());
  const auto g = network.gradient();
  double norms = 0, snip = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    norms += g[i].norm().item<double>();
    snip += (g[i] * network.weights[i].detach()).abs().sum().item<double>();
  }
  const auto scores = test::by_name(
      test::scores_of(graph, "grad_norm,snip,synflow,logsynflow", settings_of_test()));
  CHECK(scores.at("grad_norm").value == doctest::Approx(norms).epsilon(1e-4));
  CHECK(scores.at("snip").value == doctest::Approx(snip).epsilon(1e-4));
  // By the outputs (alone) and by the weights (with logsynflow): the same number.
  const double alone = test::scores_of(graph, "synflow", settings_of_test())[0].value;
  CHECK(scores.at("synflow").value == doctest::Approx(alone).epsilon(1e-10));
}

}  // namespace
}  // namespace nas
