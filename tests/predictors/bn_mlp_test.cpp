#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "predictors/encoding.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

using Tensors = std::map<std::string, std::vector<double>>;

Tensors by_name(const PredictorState& state) {
  Tensors tensors;
  for (const PredictorTensor& tensor : state.tensors) tensors[tensor.name] = tensor.data;
  return tensors;
}

/// As the sheet says: BN, three linear layers with ReLU, one without; the inverse of the target's
/// normalisation divides by (g + 1e-5), not by g.
double predicted(Tensors& t, std::vector<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = (x[i] - t["model.0.running_mean"][i]) / std::sqrt(t["model.0.running_var"][i] + 1e-5) *
               t["model.0.weight"][i] +
           t["model.0.bias"][i];
  }
  for (const std::string layer : {"model.1.", "model.3.", "model.5.", "model.7."}) {
    std::vector<double> y = t[layer + "bias"];
    for (std::size_t o = 0; o < y.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i)
        y[o] += t[layer + "weight"][o * x.size() + i] * x[i];
      if (layer != "model.7.") y[o] = std::max(y[o], 0.0);
    }
    x = y;
  }
  return (x[0] - t["ynorm.bias"][0]) / (t["ynorm.weight"][0] + 1e-5) *
             std::sqrt(t["ynorm.running_var"][0] + 1e-5) +
         t["ynorm.running_mean"][0];
}

struct Learned {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "efficient_tdnn").make({});
  std::unique_ptr<Predictor> predictor = make_predictor("bn_mlp", {{"width", "16"},
                                                                   {"epochs", "100"},
                                                                   {"batch", "50"},
                                                                   {"learning_rate", "0.01"},
                                                                   {"weight_decay", "0"}});
  Samples samples;

  Learned() {
    Rng rng({.seed = 3, .purpose = Purpose::kTest});
    std::vector<double> targets;
    for (int i = 0; i < 200; ++i) {
      samples.architectures.push_back(sample(*space, rng));
      targets.push_back(40 - 2.0 * samples.architectures.back().choices[1]);
    }
    predictor->fit(*space, samples, targets, {.seed = 1});
  }
};

}  // namespace

TEST_CASE("bn_mlp: predictions are what its tensors say, under their published names") {
  const Learned learned;
  Tensors tensors = by_name(learned.predictor->save());
  CHECK(tensors.size() == 4 + 8 + 4);
  CHECK(tensors["model.1.weight"].size() == 48 * 16);
  // A scale that shows which divisor is used, and statistics away from 0 and 1.
  PredictorState changed = learned.predictor->save();
  for (PredictorTensor& tensor : changed.tensors) {
    if (tensor.name == "ynorm.weight") tensor.data = {0.01};
    if (tensor.name == "ynorm.bias") tensor.data = {0.2};
  }
  const auto copy = make_predictor("bn_mlp", {});
  copy->restore(changed);
  tensors = by_name(changed);
  const std::vector<Prediction> predictions = copy->predict(*learned.space, learned.samples);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::vector<double> code = one_hot(*learned.space, learned.samples.architectures[i]);
    CHECK(predictions[i].mean == doctest::Approx(predicted(tensors, code)).epsilon(1e-4));
  }
}

TEST_CASE("bn_mlp: learns, in the target's unit") {
  const Learned learned;
  const std::vector<Prediction> predictions =
      learned.predictor->predict(*learned.space, learned.samples);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double target = 40 - 2.0 * learned.samples.architectures[i].choices[1];
    CHECK(std::abs(predictions[i].mean - target) < 1);
  }
}

TEST_CASE("bn_mlp: a space with other choices, and damaged tensors, are refused in one line") {
  const Learned learned;
  const auto fine =
      find_plugin(space_plugins(), "space", "efficient_tdnn").make({{"grid", "fine"}});
  Rng rng({.seed = 4, .purpose = Purpose::kTest});
  CHECK_THROWS_WITH_AS(learned.predictor->predict(*fine, {{sample(*fine, rng)}, {}, {}}),
                       doctest::Contains("sees 48 choices, space 'efficient_tdnn' has 408"), Error);
  PredictorState state = learned.predictor->save();
  for (PredictorTensor& tensor : state.tensors) {
    if (tensor.name == "model.3.weight") {
      tensor.shape = {8, 8};
      tensor.data.resize(64);
    }
  }
  CHECK_THROWS_WITH_AS(make_predictor("bn_mlp", {})->restore(state),
                       doctest::Contains("'model.3.weight' has 64 values, expected 256"), Error);
}
