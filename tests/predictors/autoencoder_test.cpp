#include <doctest/doctest.h>

#include <cmath>

#include "predictors/autoencoder/products.h"
#include "predictors/autoencoder/training.h"
#include "predictors/dngo/bayesian_layer.h"
#include "predictors/dngo/tanh_net.h"

namespace nas {
namespace {

std::vector<float> drawn(std::size_t count, Rng& rng) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// Chains with a branch, of operations 2 ... 5 on two wires.
OperationGraphs drawn_graphs(std::size_t count) {
  OperationGraphs set{{"start", "end", "a", "b", "c", "d"}, 2, {}};
  Rng rng({.seed = 5});
  for (std::size_t i = 0; i < count; ++i) {
    OperationGraph graph;
    graph.operations = {0, 0, 0, 0, 1};
    for (std::size_t v = 1; v < 4; ++v) {
      graph.operations[v] = static_cast<std::uint16_t>(2 + rng.below(4));
    }
    graph.wires = {3, 1, 2, 3, 3};
    graph.edges = {{0, 1, 1}, {0, 2, 1}, {1, 3, 1}, {2, 3, 1}, {3, 4, 2}};
    if (rng.bernoulli(0.5)) graph.edges[3] = {2, 4, 1};
    set.graphs.push_back(graph);
  }
  return set;
}

/// The derivative along a direction against a central difference.
template <class Loss>
void check_direction(std::span<float> parameters, const std::vector<float>& gradient,
                     const Loss& loss, double tolerance) {
  Rng rng({.seed = 11});
  constexpr double kStep = 2e-3;
  for (int trial = 0; trial < 5; ++trial) {
    const std::vector<float> direction = drawn(parameters.size(), rng);
    const std::vector<float> kept(parameters.begin(), parameters.end());
    const double length = std::sqrt(static_cast<double>(parameters.size()));
    double along = 0;
    double sides[2];
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      along += static_cast<double>(gradient[i]) * static_cast<double>(direction[i]) / length;
    }
    for (const int side : {0, 1}) {
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        const double move = (side == 0 ? kStep : -kStep) * static_cast<double>(direction[i]);
        parameters[i] = kept[i] + static_cast<float>(move / length);
      }
      sides[side] = loss();
    }
    std::copy(kept.begin(), kept.end(), parameters.begin());
    CHECK(along == doctest::Approx((sides[0] - sides[1]) / (2 * kStep)).epsilon(tolerance));
  }
}

}  // namespace

TEST_CASE("products: any shape, transposed or added, equals the plain sum") {
  Rng rng({.seed = 3});
  for (const ProductShape& shape : {ProductShape{7, 5, 33}, ProductShape{13, 17, 16},
                                    ProductShape{1, 1, 1}, ProductShape{6, 20, 48}}) {
    const std::vector<float> a = drawn(shape.rows * shape.inner, rng);
    const std::vector<float> b = drawn(shape.inner * shape.columns, rng);
    std::vector<float> c(shape.rows * shape.columns, 1), transposed, d(c.size());
    multiply(shape, {a.data(), shape.inner, 1}, b.data(), c.data(), true);
    transpose(a.data(), shape.rows, shape.inner, transposed);
    multiply(shape, {transposed.data(), 1, shape.rows}, b.data(), d.data());
    for (std::size_t i = 0; i < shape.rows; ++i) {
      for (std::size_t j = 0; j < shape.columns; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < shape.inner; ++k) {
          sum += static_cast<double>(a[i * shape.inner + k] * b[k * shape.columns + j]);
        }
        CHECK(c[i * shape.columns + j] == doctest::Approx(1 + sum).epsilon(1e-4));
        CHECK(d[i * shape.columns + j] == doctest::Approx(sum).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("auto-encoder: its gradient is that of differences, for each loss") {
  const OperationGraphs set = drawn_graphs(12);
  std::vector<std::size_t> all(set.graphs.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const GraphBatch batch = graph_batch(set, all);
  const AutoencoderLoss published{.dropout = 0.3}, own{.softmax = true, .operation_weight = 2};
  for (const AutoencoderLoss& kind : {AutoencoderLoss{}, published, own}) {
    GraphAutoencoder network({.operations = 6, .wires = 2, .layers = 2, .hidden = 8, .latent = 3},
                             Rng({.seed = 1}));
    std::vector<float> gradient, ignored;
    const Rng noise({.seed = 2});
    network.loss(batch, kind, noise, gradient);
    check_direction(
        network.parameters(), gradient, [&] { return network.loss(batch, kind, noise, ignored); },
        0.05);
  }
}

TEST_CASE("auto-encoder: small graphs are learned, equal seeds place them equally") {
  const OperationGraphs set = drawn_graphs(300);
  AutoencoderOptions options = parse_autoencoder({{"latent", "6"},
                                                  {"hidden", "32"},
                                                  {"layers", "2"},
                                                  {"epochs", "200"},
                                                  {"learning_rate", "5e-3"}});
  const GraphEmbedding embedding = embed_graphs(set, options, {});
  const Reconstruction& held = embedding.report.validation;
  CHECK(embedding.report.trained == 270);
  CHECK(embedding.report.held_out == 30);
  CHECK(held.operations > 0.8 * static_cast<double>(held.vertices));
  CHECK(held.right_pairs > 0.95 * static_cast<double>(held.pairs));
  CHECK(embedding.points.size() == 300 * 6);
  CHECK(embed_graphs(set, options, {}).points == embedding.points);
  CHECK_THROWS_WITH(parse_autoencoder({{"latents", "6"}}), doctest::Contains("latent"));
}

TEST_CASE("dngo: the network's gradient is that of differences") {
  TanhNet net(4, 6, Rng({.seed = 1}));
  Rng rng({.seed = 2});
  const std::vector<float> rows = drawn(5 * 4, rng), targets = drawn(5, rng);
  std::vector<float> gradient, ignored;
  net.loss(rows, targets, gradient);
  check_direction(
      net.parameters(), gradient, [&] { return net.loss(rows, targets, ignored); }, 0.02);
}

TEST_CASE("dngo: the regression finds weights and noise of linear data") {
  Rng rng({.seed = 4});
  std::vector<double> features, targets;
  for (int i = 0; i < 400; ++i) {
    const double a = rng.normal(), b = rng.normal();
    features.insert(features.end(), {a, b});
    targets.push_back(2 * a - b + 0.1 * rng.normal());
  }
  const BayesianLayer layer =
      fit_bayesian_layer(features, targets, Evidence::kMarginal, Rng({.seed = 5}));
  CHECK(layer.weights[0] == doctest::Approx(2).epsilon(0.02));
  CHECK(layer.weights[1] == doctest::Approx(-1).epsilon(0.03));
  CHECK(1 / layer.beta == doctest::Approx(0.01).epsilon(0.2));
  const double near[] = {0.1, 0.1}, far[] = {50, 50};
  CHECK(layer.mean(near) == doctest::Approx(0.1).epsilon(0.05));
  CHECK(layer.variance(far) > 1.2 * layer.variance(near));
}

}  // namespace nas
