#include <ATen/TensorOperators.h>
#include <ATen/ops/corrcoef.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/quantile.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ir/cost.h"
#include "tests/predictors/zerocost/hand_networks_torch.h"
#include "tests/predictors/zerocost/proxy_testing.h"

// Proxies against their papers' definitions, written out a second time on the networks by hand.

namespace nas {
namespace {

using namespace test;

double score(const Measured& measured, const std::string& proxy, const std::string& name = {}) {
  const auto scores = test::by_name(test::scores_of(measured.graph, proxy, measured.settings));
  return scores.at(name.empty() ? proxy.substr(0, proxy.find(':')) : name).value;
}

// Li et al. (2023), eq. 18, of two batches: their mean magnitude is (|a| + |b|) / 2, their
// deviation |a - b| / 2.
TEST_CASE("zero-cost: zico is the logarithm of (|a| + |b|) / |a - b|, summed over each layer") {
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    const Tensors tensors = measured.tensors();
    std::vector<std::vector<at::Tensor>> g;
    for (const std::size_t batch : {0U, 1U}) {
      const at::Tensor logits = example.run(tensors, measured.samples(batch), {}).logits;
      g.push_back(slopes(at::cross_entropy_loss(logits, measured.labels(batch)),
                         chosen(tensors, example.layers)));
    }
    double expected = 0;
    for (std::size_t layer = 0; layer < example.layers.size(); ++layer) {
      const at::Tensor off = (g[0][layer] - g[1][layer]).abs();
      const at::Tensor ratio = (g[0][layer].abs() + g[1][layer].abs()) / off;
      const double sum = at::nan_to_num(ratio, 0, 0, 0).sum().item<double>();
      expected += sum > 0 ? std::log(sum) : 0;
    }
    CHECK(score(measured, "zico") == doctest::Approx(expected).epsilon(1e-3));
  }
}

// Chen et al. (2021): the condition of J J^T is the square of that of J.
TEST_CASE("zero-cost: te_nas.ntk is the squared condition of the Jacobian by all weights") {
  constexpr std::int64_t kImages = 4;
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    const Tensors tensors = measured.tensors();
    std::vector<at::Tensor> weights;
    for (const std::string& name : measured.trainable) {
      if (name.ends_with(".weight")) weights.push_back(tensors.at(name));
    }
    const at::Tensor samples = measured.samples(0).narrow(0, 0, kImages);
    const at::Tensor logits =
        example.run(tensors, samples, constant_vectors(example, tensors, samples)).logits;
    std::vector<at::Tensor> rows;
    for (std::int64_t image = 0; image < kImages; ++image) {
      std::vector<at::Tensor> parts;
      for (const at::Tensor& part : slopes(logits[image].sum(), weights, true)) {
        parts.push_back(part.reshape({-1}));
      }
      rows.push_back(at::concat(parts, 0));
    }
    const at::Tensor values = at::linalg_svdvals(at::stack(rows));
    const double condition = (values[0] / values[kImages - 1]).item<double>();
    CHECK(score(measured, "te_nas:images=4", "te_nas.ntk") ==
          doctest::Approx(-condition * condition).epsilon(2e-3));
  }
}

/// "+-+..." for each row.
std::vector<std::string> sign_texts(const at::Tensor& rows) {
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    std::string text;
    for (std::int64_t k = 0; k < rows.size(1); ++k) {
      text += rows[i][k].item<double>() > 0 ? '+' : '-';
    }
    texts.push_back(text);
  }
  return texts;
}

// Three lines cut a plane into at most seven regions.
TEST_CASE("zero-cost: te_nas.regions counts the regions that points of the plane fall into") {
  const Example plane{"plane",
                      "searchlight-graph 1\n%x = input() : float[2]\n"
                      "%h = linear(%x) {out_features=3}\n%r = relu(%h)\n"
                      "%y = linear(%r) {out_features=3} @head\nreturn logits=%y\n",
                      {2},
                      nullptr,
                      {},
                      {}};
  Measured measured(plane, 200);
  const Tensors tensors = measured.tensors();
  const at::Tensor points =
      noise_tensor(measured.measurement, measured.model.impl(), 200, 0).to(at::kDouble);
  const std::vector<std::string> texts = sign_texts(linear(points, tensors, "linear"));
  const std::set<std::string> regions(texts.begin(), texts.end());
  CHECK(regions.size() >= 4);
  CHECK(regions.size() <= 7);
  CHECK(score(measured, "te_nas", "te_nas.regions") == static_cast<double>(regions.size()));
}

// Peng et al. (2024), definition 4: the set of the patterns that neurons show over the samples.
TEST_CASE("zero-cost: swap counts what the ReLUs show over the samples") {
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    redraw_weights(measured.model, WeightLaw::kGaussian, measured.measurement.key);
    const Tensors tensors = measured.tensors();
    std::set<std::string> patterns;
    for (const at::Tensor& map : example.run(tensors, measured.samples(0), {}).rectified) {
      const auto texts = sign_texts(map.flatten(1).t());
      patterns.insert(texts.begin(), texts.end());
    }
    CHECK(patterns.size() > 20);
    CHECK(score(measured, "swap") == static_cast<double>(patterns.size()));
    const double off = static_cast<double>(graph_cost(measured.graph).params) / 1000 - 0.5;
    CHECK(score(measured, "swap:regularised=true,mu=0.5,sigma=2") ==
          doctest::Approx(static_cast<double>(patterns.size()) * std::exp(-off * off / 2)));
  }
}

// Tybl and Neumann (2025): entropy of the deciles of the spectrum of the Fisher matrix,
// F = mean over samples of sum_c p_c (J_c - mean J) (J_c - mean J)^T, here by finite differences.
TEST_CASE("zero-cost: vkdnw equals the Fisher matrix of finite differences") {
  constexpr std::int64_t kImages = 16;
  constexpr double kStep = 1e-5;
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    redraw_weights(measured.model, WeightLaw::kKaimingNormal, measured.measurement.key);
    const at::Tensor noise =
        noise_tensor(measured.measurement, measured.model.impl(), kImages, 3).to(at::kDouble);
    Tensors tensors = measured.tensors();
    std::optional<c10::NoGradGuard> no_grad(std::in_place);
    const at::Tensor vectors = constant_vectors(example, tensors, noise);
    const auto size = static_cast<std::int64_t>(measured.trainable.size());
    at::Tensor fisher = at::zeros({size, size}, at::TensorOptions(at::kDouble));
    for (std::int64_t image = 0; image < kImages; ++image) {
      const at::Tensor alone = noise.narrow(0, image, 1);
      std::vector<at::Tensor> columns;
      for (const std::string& name : measured.trainable) {
        at::Tensor first = tensors.at(name).view({-1})[0];
        first += kStep;
        const at::Tensor above = example.run(tensors, alone, vectors).logits[0];
        first -= 2 * kStep;
        const at::Tensor below = example.run(tensors, alone, vectors).logits[0];
        first += kStep;
        columns.push_back((above - below) / (2 * kStep));
      }
      const at::Tensor jacobian = at::stack(columns, 1);
      at::Tensor p = at::softmax(example.run(tensors, alone, vectors).logits[0], 0);
      p = 0.95 * p + 0.05 / static_cast<double>(kClasses);
      const at::Tensor centred = jacobian - (p.unsqueeze(1) * jacobian).sum(0, true);
      for (std::int64_t c = 0; c < kClasses; ++c) {
        fisher += p[c] * centred[c].unsqueeze(1) * centred[c].unsqueeze(0) / kImages;
      }
    }
    const at::Tensor spectrum = at::linalg_eigvalsh(fisher).clamp_min(0);
    std::vector<double> at_deciles;
    for (int d = 1; d <= 9; ++d) at_deciles.push_back(d / 10.0);
    const at::Tensor deciles = at::quantile(spectrum, at::tensor(at_deciles));
    const at::Tensor share = deciles / deciles.sum();
    const double entropy = -at::nan_to_num(share * share.log(), 0).sum().item<double>();
    no_grad.reset();
    CHECK(entropy > 0.1);
    CHECK(score(measured, "vkdnw", "vkdnw.entropy") == doctest::Approx(entropy).epsilon(1e-3));
    CHECK(score(measured, "vkdnw", "vkdnw.single") ==
          doctest::Approx(entropy + static_cast<double>(size)).epsilon(1e-3));
  }
}

// Jiang, Wang and Bian (2023): the smallest eigenvalue of the correlations of each map's channels.
TEST_CASE("zero-cost: meco adds the smallest eigenvalues of all maps of one sample") {
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    const Tensors tensors = measured.tensors();
    const c10::NoGradGuard no_grad;
    std::vector<double> smallest;
    for (const at::Tensor& map :
         example.run(tensors, measured.samples(0).narrow(0, 0, 1), {}).maps) {
      const at::Tensor correlations = at::nan_to_num(at::corrcoef(map[0].flatten(1)), 0);
      smallest.push_back(at::linalg_eigvalsh(correlations)[0].item<double>());
    }
    double nodes = 0, modules = 0;
    for (const double value : smallest) nodes += value;
    for (const std::size_t last : example.last_of_scopes) modules += smallest[last];
    CHECK(nodes > 0.01);
    CHECK(score(measured, "meco:levels=nodes") == doctest::Approx(nodes).epsilon(1e-4));
    CHECK(score(measured, "meco") == doctest::Approx(nodes + modules).epsilon(1e-4));
  }
}

// Zhang and Jia (2022), eq. 9: each sample alone, the signs of its gradients added.
TEST_CASE("zero-cost: gradsign adds the signs of the gradients of each sample") {
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    const Tensors tensors = measured.tensors();
    const at::Tensor samples = measured.samples(0), labels = measured.labels(0);
    const at::Tensor vectors = constant_vectors(example, tensors, samples);
    const std::vector<at::Tensor> weights = chosen(tensors, example.layers);
    std::vector<at::Tensor> signs(weights.size());
    for (std::int64_t i = 0; i < kSamples; ++i) {
      const at::Tensor logits = example
                                    .run(tensors, samples.narrow(0, i, 1),
                                         vectors.defined() ? vectors.detach() : at::Tensor())
                                    .logits;
      const auto g = slopes(at::cross_entropy_loss(logits, labels.narrow(0, i, 1)), weights);
      for (std::size_t k = 0; k < g.size(); ++k) {
        signs[k] = signs[k].defined() ? signs[k] + g[k].sign() : g[k].sign();
      }
    }
    double sum = 0, count = 0;
    for (const at::Tensor& layer : signs) {
      CHECK(layer.abs().sum().item<double>() > 0);
      sum += layer.abs().sum().item<double>();
      count += static_cast<double>(layer.numel());
    }
    CHECK(score(measured, "gradsign:over=sum") == doctest::Approx(sum).epsilon(1e-3));
    CHECK(score(measured, "gradsign") == doctest::Approx(sum / count).epsilon(1e-3));
  }
}

/// The published score of the input gradients of the samples of each class; above 100 classes the
/// differences between the classes' means.
double class_correlations(const at::Tensor& jacobian, const std::vector<std::int64_t>& labels,
                          std::int64_t classes) {
  std::vector<double> scores;
  for (std::int64_t c = 0; c < classes; ++c) {
    std::vector<at::Tensor> rows;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == c) rows.push_back(jacobian[static_cast<std::int64_t>(i)]);
    }
    if (rows.empty() || (classes > 100 && rows.size() < 2)) continue;
    // The correlation of one row with itself is a number, not a matrix.
    const at::Tensor logs = (at::corrcoef(at::stack(rows)).abs() + 1e-5).log();
    scores.push_back((classes > 100 ? logs.mean() : logs.sum()).item<double>());
  }
  double total = 0;
  for (const double a : scores) {
    if (classes <= 100) total += std::abs(a);
    for (const double b : scores) total += classes > 100 ? std::abs(a - b) : 0;
  }
  return classes > 100 ? total / static_cast<double>(scores.size()) : total;
}

TEST_CASE("zero-cost: epe_nas is made of correlations within the classes") {
  for (const Example& example : examples()) {
    CAPTURE(example.name);
    Measured measured(example);
    const Tensors tensors = measured.tensors();
    const at::Tensor vectors = constant_vectors(example, tensors, measured.samples(0));
    at::Tensor x = measured.samples(0).set_requires_grad(true);
    const at::Tensor g = slopes(example.run(tensors, x, vectors).logits.sum(), {x})[0].flatten(1);
    const double expected = class_correlations(g, measured.batches[0].labels, kClasses);
    CHECK(expected > 1);
    CHECK(score(measured, "epe_nas") == doctest::Approx(expected).epsilon(1e-3));
  }
  constexpr std::int64_t kMany = 120, kManySamples = 80;
  Example many = examples()[0];
  std::string text = many.text;
  text.replace(text.find("out_features=3"), 14, "out_features=120");
  many.text = text.c_str();
  Measured measured(many, kManySamples, kMany);
  at::Tensor x = measured.samples(0).set_requires_grad(true);
  const Tensors tensors = measured.tensors();
  const at::Tensor g = slopes(many.run(tensors, x, {}).logits.sum(), {x})[0].flatten(1);
  const double expected = class_correlations(g, measured.batches[0].labels, kMany);
  CHECK(expected > 0.1);
  CHECK(score(measured, "epe_nas") == doctest::Approx(expected).epsilon(1e-3));
}

}  // namespace
}  // namespace nas
