// The laws of the interface Predictor, for every registered predictor that can learn from
// architectures or a few features: a new one is tested without a line here.

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/util/statistics.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/predictors/light_options.h"

using namespace nas;

namespace {

using test::light_options;

struct Toy {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "nasbench201").make({});
  Samples train, test;
  std::vector<double> targets, truth;

  explicit Toy(bool features) {
    Rng rng({.seed = 11});
    fill(60, features, rng, train, targets);
    fill(40, features, rng, test, truth);
  }

  void fill(int count, bool features, Rng& rng, Samples& samples, std::vector<double>& values) {
    if (features) samples.feature_names = {"good", "noise"};
    for (int i = 0; i < count; ++i) {
      samples.architectures.push_back(sample(*space, rng));
      double value = 0;
      for (const std::uint16_t choice : samples.architectures.back().choices) {
        value += choice == 3 ? 2 : choice == 2 ? 1 : choice == 0 ? -2 : 0;
      }
      values.push_back(value + 0.01 * rng.normal());
      if (!features) continue;
      samples.features.push_back(value);
      samples.features.push_back(rng.normal());
    }
  }
};

std::vector<double> means(const std::vector<Prediction>& predictions) {
  std::vector<double> values;
  for (const Prediction& prediction : predictions) values.push_back(prediction.mean);
  return values;
}

const Toy& plain_toy() {
  static const Toy toy(false);
  return toy;
}

/// Fitted on the toy without features.
std::unique_ptr<Predictor> fitted(const Plugin<Predictor>& plugin, std::uint64_t seed) {
  auto predictor = plugin.make(light_options(plugin.name));
  predictor->fit(*plain_toy().space, plain_toy().train, plain_toy().targets, {.seed = seed});
  return predictor;
}

/// What such a predictor saves; fitted once for all cases. `now`: of this one, if given.
const PredictorState& saved_state(const Plugin<Predictor>& plugin, const Predictor* now = nullptr) {
  static std::map<std::string_view, PredictorState> states;
  if (now != nullptr) states[plugin.name] = now->save();
  const auto found = states.find(plugin.name);
  if (found != states.end()) return found->second;
  return states[plugin.name] = fitted(plugin, 1)->save();
}

// ParZC reads node-wise statistics: its tests are its own.
bool learns_from_toys(std::string_view name) {
  return !name.starts_with("parzc");
}

}  // namespace

TEST_CASE("predictors: every record is complete and its resolved options can be used again") {
  std::set<std::string_view> names;
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    CAPTURE(plugin->name);
    CHECK(names.insert(plugin->name).second);
    CHECK_FALSE(plugin->summary.empty());
    CHECK_FALSE(plugin->paper.empty());
    const OptionMap defaults = plugin->resolve({});
    CHECK(plugin->resolve(defaults) == defaults);
    CHECK(plugin->fields().size() == defaults.size());
    CHECK_THROWS_AS(plugin->make({{"no_such_option", "1"}}), Error);
  }
  CHECK_THROWS_WITH_AS(make_predictor("xgbost", {}), doctest::Contains("did you mean 'xgboost'"),
                       Error);
}

TEST_CASE("predictors: they learn, equal seeds give equal predictions, and saving loses nothing") {
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    if (!learns_from_toys(plugin->name)) continue;
    CAPTURE(plugin->name);
    const Toy& toy = plain_toy();
    const auto first = fitted(*plugin, 1);
    const std::vector<double> predictions = means(first->predict(*toy.space, toy.test));
    CHECK(predictions.size() == 40);
    CHECK(spearman(predictions, toy.truth).value() > 0.6);
    CHECK(means(fitted(*plugin, 1)->predict(*toy.space, toy.test)) == predictions);
    const auto copy = plugin->make(light_options(plugin->name));
    copy->restore(saved_state(*plugin, first.get()));
    CHECK(means(copy->predict(*toy.space, toy.test)) == predictions);
    CHECK(first->predict(*toy.space, {}).empty());
  }
}

TEST_CASE("predictors: bad samples, other features and damaged states are refused in one line") {
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    if (!learns_from_toys(plugin->name)) continue;
    CAPTURE(plugin->name);
    const Toy& toy = plain_toy();
    const auto predictor = plugin->make(light_options(plugin->name));
    std::vector<double> bad = toy.targets;
    bad[3] = std::nan("");
    CHECK_THROWS_AS(predictor->fit(*toy.space, toy.train, bad, {}), Error);
    const Samples one{{toy.train.architectures[0]}, {}, {}};
    CHECK_THROWS_AS(predictor->fit(*toy.space, one, std::vector<double>{1}, {}), Error);
    std::stop_source stop;
    stop.request_stop();
    FitContext context;
    context.stop = stop.get_token();
    CHECK_THROWS_WITH_AS(predictor->fit(*toy.space, toy.train, toy.targets, context),
                         doctest::Contains("interrupted"), Error);
    PredictorState state = saved_state(*plugin);
    state.tensors.pop_back();
    CHECK_THROWS_AS(plugin->make(light_options(plugin->name))->restore(state), Error);
  }
}

TEST_CASE("predictors: features that are missing or failed are taken, other names are not") {
  for (const std::string name : {"gp", "xgboost", "mlp"}) {
    CAPTURE(name);
    Toy toy(true);
    toy.train.features[0] = std::nan("");
    toy.train.features[6] = -INFINITY;
    const auto predictor = make_predictor(name, light_options(name));
    predictor->fit(*toy.space, toy.train, toy.targets, {});
    CHECK(spearman(means(predictor->predict(*toy.space, toy.test)), toy.truth).value() > 0.8);
    Samples other = toy.test;
    other.feature_names[0] = "bad";
    CHECK_THROWS_WITH_AS(predictor->predict(*toy.space, other), doctest::Contains("good, noise"),
                         Error);
    CHECK_THROWS_WITH_AS(make_predictor(name, {{"encoding", "features"}})
                             ->fit(*toy.space, Toy(false).train, toy.targets, {}),
                         doctest::Contains("needs features"), Error);
  }
}
