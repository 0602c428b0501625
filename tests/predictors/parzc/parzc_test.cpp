#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "predictors/parzc/node_statistics.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

const double kMissing = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<SearchSpace> nb201() {
  return find_plugin(space_plugins(), "space", "nasbench201").make({});
}

/// Cells with two vectors of ten statistics; the target grows with the length of the first one.
struct Toy {
  Samples samples;
  std::vector<double> targets;
};

Toy toy(const SearchSpace& space, std::size_t count) {
  Rng rng({.seed = 3, .purpose = Purpose::kTest});
  Toy result;
  for (const char* column : {"a", "b:dataset=x"}) {
    for (int i = 0; i < 10; ++i) {
      result.samples.feature_names.push_back(std::string(column) + "[" + std::to_string(i) + "]");
    }
  }
  for (std::size_t row = 0; row < count; ++row) {
    result.samples.architectures.push_back(sample(space, rng));
    const std::size_t length = 2 + rng.below(9);
    for (std::size_t i = 0; i < 20; ++i) {
      const bool padding = i < 10 && i >= length;
      result.samples.features.push_back(padding ? kMissing : rng.uniform(0, 5));
    }
    result.targets.push_back(80 + static_cast<double>(length) + rng.uniform(0, 0.1));
  }
  return result;
}

std::vector<double> means(const std::vector<Prediction>& predictions) {
  std::vector<double> values;
  for (const Prediction& prediction : predictions) values.push_back(prediction.mean);
  return values;
}

OptionMap quick(const std::string& name) {
  OptionMap options{{"epochs", "25"},
                    {"learning_rate", "0.004"},
                    {"mixer_width", "32"},
                    {"mixer_hidden", "64"},
                    {"mixer_depth", "1"}};
  if (name == "parzc_host") {
    options.insert({{"width", "24"},
                    {"layers", "1"},
                    {"attention", "8"},
                    {"feed_forward", "32"},
                    {"structure", "4"}});
  }
  return options;
}

TEST_CASE("parzc: statistics are scaled by architecture and vector, and padding becomes zero") {
  Samples samples;
  samples.feature_names = {"a[0]", "a[1]", "a[2]", "b[0]", "b[1]", "b[2]"};
  samples.architectures.resize(2);
  samples.features = {2, 4, kMissing, 7, 7, 7, -1, 3, 1, 0, 1e9, kMissing};
  RankSamples rows;
  NodeStatistics(samples.feature_names).fill(samples, rows);
  CHECK(rows.statistics == std::vector<float>{0, 1, 0, 0, 0, 0, 0, 1, 0.5F, 0, 1, 0});
}

TEST_CASE("parzc: features that are not vectors of statistics are refused") {
  CHECK_THROWS_WITH_AS(NodeStatistics({"synflow"}),
                       doctest::Contains("'synflow' is a single number"), Error);
  CHECK_THROWS_WITH_AS(NodeStatistics(std::vector<std::string>{}),
                       doctest::Contains("none are given"), Error);
  Samples other;
  other.feature_names = {"a[1]"};
  RankSamples rows;
  CHECK_THROWS_AS(NodeStatistics({"a[0]"}).fill(other, rows), Error);
}

TEST_CASE("parzc: learns a rank, repeats itself exactly and survives saving") {
  set_intra_op_threads(1);
  const auto space = nb201();
  const Toy training = toy(*space, 60);
  for (const std::string name : {"parzc", "parzc_host"}) {
    CAPTURE(name);
    const auto fitted = [&](std::uint64_t seed) {
      auto predictor = make_predictor(name, quick(name));
      predictor->fit(*space, training.samples, training.targets, {.seed = seed});
      return predictor;
    };
    const auto predictor = fitted(1);
    const std::vector<double> first = means(predictor->predict(*space, training.samples));
    CHECK(kendall_tau_b(first, training.targets).value() > 0.8);
    CHECK(first == means(fitted(1)->predict(*space, training.samples)));
    CHECK(first != means(fitted(2)->predict(*space, training.samples)));
    auto restored = make_predictor(name, quick(name));
    restored->restore(predictor->save());
    CHECK(first == means(restored->predict(*space, training.samples)));
  }
}

TEST_CASE("parzc: averaged draws stay near the mean weights and know a deviation") {
  const auto space = nb201();
  const Toy training = toy(*space, 30);
  OptionMap options = quick("parzc");
  auto mean_weights = make_predictor("parzc", options);
  mean_weights->fit(*space, training.samples, training.targets, {.seed = 5});
  options["draws"] = "50";
  auto drawn = make_predictor("parzc", options);
  drawn->restore(mean_weights->save());
  const auto a = mean_weights->predict(*space, training.samples);
  const auto b = drawn->predict(*space, training.samples);
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].deviation == 0);
    CHECK(b[i].deviation > 0);
    CHECK(std::abs(a[i].mean - b[i].mean) < b[i].deviation);
  }
}

TEST_CASE("parzc: a state of other sizes is refused") {
  const auto space = nb201();
  const Toy training = toy(*space, 12);
  auto predictor = make_predictor("parzc", quick("parzc"));
  predictor->fit(*space, training.samples, training.targets, {});
  PredictorState state = predictor->save();
  OptionMap wider = quick("parzc");
  wider["mixer_width"] = "40";
  CHECK_THROWS_WITH_AS(make_predictor("parzc", wider)->restore(state),
                       doctest::Contains("another shape"), Error);
  CHECK_THROWS_AS(make_predictor("parzc_host", quick("parzc_host"))->restore(state), Error);
  state.text = "{";
  CHECK_THROWS_WITH_AS(make_predictor("parzc", quick("parzc"))->restore(state),
                       doctest::Contains("damaged description"), Error);
}

TEST_CASE("parzc: wrong options are named") {
  CHECK_THROWS_WITH_AS(make_predictor("parzc", {{"loss", "pairwise+diffkendal"}}),
                       doctest::Contains("did you mean 'diffkendall'"), Error);
  CHECK_THROWS_WITH_AS(make_predictor("parzc", {{"mixer_hidden", "100"}}),
                       doctest::Contains("multiple of 16"), Error);
}

}  // namespace
}  // namespace nas
