// The tape's derivatives and those of NASFLAT's network against finite differences.

#include "predictors/nasflat/training.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/util/statistics.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

using Parameters = std::vector<float>;

Parameters random_numbers(std::size_t count, Rng& rng) {
  Parameters values(count);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// Whether the derivative of sum(slope * result) along a direction is that of differences.
void check_derivative(Parameters parameters, const std::function<Tape::Value(Tape&)>& build,
                      Rng& rng) {
  Tape tape(parameters, true);
  const Tape::Value result = build(tape);
  Tape::Matrix slope = tape.value(result);
  for (Eigen::Index i = 0; i < slope.size(); ++i) {
    slope.data()[i] = static_cast<float>(rng.normal());
  }
  Parameters gradient(parameters.size(), 0.0F);
  tape.backward(result, slope, gradient);
  const Parameters direction = random_numbers(parameters.size(), rng);
  const auto at = [&](float step) {
    Parameters moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
    Tape other(moved, false);
    return static_cast<double>(other.value(build(other)).cwiseProduct(slope).sum());
  };
  constexpr float kStep = 2e-3F;
  const double expected = (at(kStep) - at(-kStep)) / (2 * static_cast<double>(kStep));
  const double along = std::inner_product(gradient.begin(), gradient.end(), direction.begin(), 0.0);
  CHECK(along == doctest::Approx(expected).epsilon(0.02).scale(1));
}

}  // namespace

TEST_CASE("nasflat: each step of a tape has the derivative of differences") {
  Rng rng({.seed = 1});
  const TensorPlace x{0, 4, 3}, w{12, 3, 2}, one{18, 1, 3}, two{21, 1, 3}, y{24, 4, 3},
      own{36, 4, 1}, other{40, 4, 1};
  const Parameters parameters = random_numbers(44, rng);
  const RowLinks links{{{0, 0, 1}, {1, 0, 0.5F}, {1, 1, 1}, {2, 2, 1}, {3, 2, 2}, {0, 2, 1}}, 3};
  const std::vector<std::size_t> rows{2, 0, 2};
  const auto check = [&](const std::function<Tape::Value(Tape&)>& build) {
    check_derivative(parameters, build, rng);
  };
  check([&](Tape& t) { return t.shifted(t.parameter(x), t.parameter(one)); });
  check([&](Tape& t) { return t.product(t.parameter(x), t.parameter(w)); });
  check([&](Tape& t) { return t.sum(t.parameter(x), t.parameter(y), 0.5F); });
  check([&](Tape& t) { return t.times(t.parameter(x), t.parameter(y)); });
  check([&](Tape& t) { return t.times(t.parameter(x), t.parameter(x)); });
  check([&](Tape& t) { return t.beside(t.parameter(x), t.parameter(y)); });
  check([&](Tape& t) { return t.rectified(t.parameter(x)); });
  check([&](Tape& t) { return t.sigmoid(t.parameter(x)); });
  check([&](Tape& t) { return t.rows_of(t.parameter(x), rows); });
  check([&](Tape& t) { return t.linked(t.parameter(x), links); });
  check([&](Tape& t) {
    return t.attention(t.parameter(x), t.parameter(own), t.parameter(other), links);
  });
  check([&](Tape& t) { return t.normalised(t.parameter(x), t.parameter(one), t.parameter(two)); });
}

TEST_CASE("nasflat: attention is a mean weighted by the soft-max of its scores") {
  const Parameters parameters{1, 10, 100, /*own*/ 0.5F, 0, 0, /*other*/ 0, 1, -2};
  const RowLinks links{{{0, 0}, {1, 0}, {2, 0}}, 1};
  Tape tape(parameters, false);
  const Tape::Value at = tape.attention(tape.parameter({0, 3, 1}), tape.parameter({3, 3, 1}),
                                        tape.parameter({6, 3, 1}), links);
  const double a = std::exp(0.5), b = std::exp(1.5), c = std::exp(0.2 * -1.5);
  CHECK(tape.value(at)(0, 0) == doctest::Approx((a + 10 * b + 100 * c) / (a + b + c)));
}

TEST_CASE("nasflat: the network's gradient equals finite differences, and it learns an order") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  Rng rng({.seed = 2});
  NasflatSamples samples;
  for (int i = 0; i < 48; ++i) {
    const Architecture cell = sample(*space, rng);
    samples.graphs.push_back({cell_graph_of(*space, cell), {0.5F, static_cast<float>(i % 3)}});
    double sum = 0;
    for (const std::uint16_t choice : cell.choices) sum += choice == 3 ? 2 : choice == 2 ? 1 : 0;
    samples.targets.push_back(sum);
  }
  NasflatNet net({cell_vocabulary(*space), 2, 16, 2}, rng);
  const std::vector<const NasflatGraph*> graphs = samples.pointers();
  std::vector<NasflatNet::Pair> pairs;
  for (std::size_t i = 0; i + 1 < 12; ++i) pairs.emplace_back(i, i + 1);
  Parameters gradient, unused;
  const auto some = std::span(graphs).first(12);
  net.loss(some, 1, pairs, gradient);
  const double square = std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0);
  const Parameters before = net.parameters();
  const auto at = [&](double step) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      net.parameters()[i] = before[i] + static_cast<float>(step) * gradient[i];
    }
    return net.loss(some, 1, pairs, unused);
  };
  const double step = 1e-3 / square;
  CHECK((at(step) - at(-step)) / (2 * step) == doctest::Approx(square).epsilon(0.03));
  net.parameters() = before;
  for (const float value : net.device(1)) CHECK(std::isfinite(value));

  int epochs = 0;
  train_nasflat(net, std::span(&samples, 1),
                {.epochs = 15, .batch = 16, .pairs = 4, .rate = 3e-3, .decay = 0}, rng,
                [&](std::size_t) { ++epochs; });
  CHECK(epochs == 15);
  const std::vector<float> scores = net.scores(graphs, 0);
  CHECK(spearman(samples.targets, std::vector<double>(scores.begin(), scores.end())).value() > 0.9);
}

TEST_CASE("nasflat: it reads costs beside the graph, and states that were saved without them") {
  const auto space = find_plugin(space_plugins(), "space", "fbnet").make({});
  Rng rng({.seed = 6});
  std::vector<Architecture> networks;
  std::vector<double> latencies;
  for (int i = 0; i < 12; ++i) {
    networks.push_back(sample(*space, rng));
    latencies.push_back(
        static_cast<double>(std::ranges::count(networks.back().choices, std::uint16_t{3})) + i % 2);
  }
  const auto means = [&](const Predictor& predictor) {
    std::vector<double> values;
    for (const Prediction& one : predictor.predict(*space, {networks, {}, {}})) {
      values.push_back(one.mean);
    }
    return values;
  };
  const OptionMap small{{"width", "8"}, {"epochs", "2"}};
  const auto fitted = [&](const std::string& supplement) {
    OptionMap options = small;
    options["supplement"] = supplement;
    auto predictor = make_predictor("nasflat", options);
    predictor->fit(*space, {networks, {}, {}}, latencies, {});
    return predictor;
  };
  const auto with = fitted("costs"), without = fitted("none");
  CHECK(with->save().tensors.front().data.size() == without->save().tensors.front().data.size() +
                                                        6 * 128 + 128 + 128 * 128 + 128 + 128 * 48 +
                                                        48 + 48 * 200);
  PredictorState old = without->save();
  const std::string entry = R"("supplement":0,)";
  REQUIRE(old.text.find(entry) != std::string::npos);
  old.text.erase(old.text.find(entry), entry.size());
  const auto restored = make_predictor("nasflat", small);
  restored->restore(old);
  CHECK(means(*restored) == means(*without));
  restored->restore(with->save());
  CHECK(means(*restored) == means(*with));
}
