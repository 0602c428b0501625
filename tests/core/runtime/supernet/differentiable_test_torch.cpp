// Differentiable search: gradients of the mixtures against finite differences, the second order
// against brute force, and whole searches on images of two classes.

#include "core/runtime/supernet/differentiable.h"

#include <ATen/core/Tensor.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "core/ir/arch_builder.h"
#include "core/ir/blueprint/rewrite.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/supernet/unrolled_torch.h"
#include "core/util/error.h"
#include "searchspaces/registry.h"
#include "tests/core/runtime/supernet/toy_supernet_torch.h"

namespace nas {
namespace {

using test::bright_or_dark;
using test::one_hot;
using test::toy_blueprint;
using test::ToyCells;
using Toy = test::ToySupernet;

double largest_difference(const std::vector<std::vector<double>>& a,
                          const std::vector<std::vector<double>>& b) {
  double most = 0;
  for (std::size_t g = 0; g < a.size(); ++g) {
    for (std::size_t i = 0; i < a[g].size(); ++i) {
      most = std::max(most, std::abs(a[g][i] - b[g][i]));
    }
  }
  return most;
}

TEST_CASE("mixtures: gradients of all weights are those of finite differences") {
  Toy toy(edge_normalised(without_affine(toy_blueprint())));
  const auto relaxation = make_relaxation({}, toy.groups);
  const ArchVectors parameters = initial_vectors(toy.groups, 0.5, 1);
  MixDraw draw = relaxation->weight_draw(parameters, 0, toy.chance);
  const MixedLoss loss = toy.network.loss(toy.batch, *toy.head, draw, toy.chance);
  constexpr double kStep = 2e-3;
  const auto check = [&](std::vector<double>& weights, const std::vector<double>& gradient) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double middle = weights[i];
      weights[i] = middle + kStep;
      const double above = toy.network.loss(toy.batch, *toy.head, draw, toy.chance).value;
      weights[i] = middle - kStep;
      const double below = toy.network.loss(toy.batch, *toy.head, draw, toy.chance).value;
      weights[i] = middle;
      CHECK(std::abs(gradient[i] - (above - below) / (2 * kStep)) < 5e-4);
    }
  };
  REQUIRE(toy.groups.choices.size() == 3);
  for (std::size_t g = 0; g < 3; ++g) check(draw.weights.alphas[g], loss.gradient.alphas[g]);
  for (std::size_t s = 0; s < 2; ++s) check(draw.weights.betas[s], loss.gradient.betas[s]);
}

TEST_CASE("mixtures: an architecture step leaves the weights without a gradient") {
  Toy toy(toy_blueprint());
  toy.network.loss(toy.batch, *toy.head, one_hot(toy.groups, {3, 2, 1}, true), toy.chance);
  for (const at::Tensor& tensor : toy.bank.impl().parameters())
    CHECK_FALSE(tensor.grad().defined());
}

TEST_CASE("gates: one by one gives what all at once do, and a path is the subnet") {
  Toy toy(toy_blueprint());
  const std::vector<std::size_t> active{3, 2, 1};
  const MixedLoss full =
      toy.network.loss(toy.batch, *toy.head, one_hot(toy.groups, active, true), toy.chance);
  const MixDraw path = one_hot(toy.groups, active, false);
  const MixedLoss one_by_one = toy.network.loss(toy.batch, *toy.head, path, toy.chance, true);
  CHECK(one_by_one.value == doctest::Approx(full.value).epsilon(1e-6));
  REQUIRE(one_by_one.gradient.alphas[0].size() == 4);
  CHECK(largest_difference(one_by_one.gradient.alphas, full.gradient.alphas) < 1e-5);
  CHECK(norm(full.gradient) > 1e-3);
  // The same weights as a stand-alone network.
  const std::uint16_t choices[] = {3, 2, 1};
  Model alone = toy.bank.extract(choices);
  const at::Tensor expected = alone.impl().forward(
      toy.batch.inputs, {.training = true, .batch_statistics = true, .chance = &toy.chance})[0];
  const at::Tensor found = toy.network.forward(toy.batch.inputs, path, toy.chance);
  CHECK(expected.sub(found).abs().max().item<double>() < 1e-6);
}

TEST_CASE("gates: the active alternative's gate has the gradient of its path's weight") {
  Toy toy(toy_blueprint());
  const std::vector<std::size_t> active{2, 3, 1};
  const MixedLoss full =
      toy.network.loss(toy.batch, *toy.head, one_hot(toy.groups, active, true), toy.chance);
  const MixedLoss path =
      toy.network.loss(toy.batch, *toy.head, one_hot(toy.groups, active, false), toy.chance);
  for (std::size_t g = 0; g < 3; ++g) {
    CHECK(path.gradient.alphas[g][0] ==
          doctest::Approx(full.gradient.alphas[g][active[g]]).epsilon(1e-4));
  }
}

// d/dalpha L_val(w - rate * dL_train(w, alpha)/dw, alpha) by moving each alpha; momentum and decay
// are 0, so that this is all.
TEST_CASE("second order: the gradient through a step of the weights, by brute force") {
  Toy toy(toy_blueprint());
  toy.recipe.weight_decay = 0;
  const auto relaxation = make_relaxation({}, toy.groups);
  ArchVectors parameters = initial_vectors(toy.groups, 0.5, 1);
  constexpr double kRate = 0.05;
  const StepContext context{0, 0, 0, kRate, toy.chance};
  const std::vector<at::Tensor> weights = toy.bank.impl().parameters();
  const auto losses_at = [&](const ArchVectors& at) {
    const MixDraw draw = relaxation->weight_draw(at, 0, toy.chance);
    return std::pair(unrolled_losses({toy.network, *toy.head, *toy.head, draw, toy.batch, toy.other,
                                      toy.recipe, context, weights}),
                     draw);
  };
  const at::Tensor before = weights[0].detach().clone();
  const auto [losses, draw] = losses_at(parameters);
  CHECK(before.equal(weights[0]));
  const ArchVectors direct = relaxation->gradient(parameters, draw, losses.validation);
  const ArchVectors plus = relaxation->gradient(parameters, draw, losses.plus);
  const ArchVectors minus = relaxation->gradient(parameters, draw, losses.minus);
  double through_weights = 0;
  constexpr double kStep = 0.02;
  for (std::size_t g = 0; g < 3; ++g) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double second = kRate * (plus.alphas[g][i] - minus.alphas[g][i]) / (2 * losses.epsilon);
      ArchVectors above = parameters, below = parameters;
      above.alphas[g][i] += kStep;
      below.alphas[g][i] -= kStep;
      const double exact =
          (losses_at(above).first.validation.value - losses_at(below).first.validation.value) /
          (2 * kStep);
      CAPTURE(g);
      CAPTURE(i);
      CHECK(std::abs(direct.alphas[g][i] - second - exact) < 3e-3 + 0.05 * std::abs(exact));
      through_weights = std::max(through_weights, std::abs(second));
    }
  }
  CHECK(through_weights > 5e-3);  // the part that the first order leaves out matters here
}

// The DARTS code judges the held-out batch by plain cross-entropy, after the step that its
// optimiser would make.
TEST_CASE("second order: looks one step of the optimiser ahead, and smooths no held-out label") {
  Toy toy(toy_blueprint());
  toy.recipe.weight_decay = 0.5;
  toy.recipe.momentum = 0;
  toy.recipe.nesterov = false;
  Recipe smooth = toy.recipe;
  smooth.label_smoothing = 0.3;
  const auto smoothed = make_loss_head(*toy.problem, smooth, 2, toy.bank.impl().device);
  constexpr double kRate = 0.1;
  const StepContext context{0, 0, 0, kRate, toy.chance};
  std::vector<at::Tensor> weights = toy.bank.impl().parameters();
  const MixDraw draw = make_relaxation({}, toy.groups)
                           ->weight_draw(initial_vectors(toy.groups, 0.5, 1), 0, toy.chance);
  for (const bool decay_norm : {true, false}) {
    toy.recipe.decay_norm = decay_norm;
    std::vector<at::Tensor> before, gradients;
    for (const at::Tensor& weight : weights) before.push_back(weight.detach().clone());
    const UnrolledLosses losses =
        unrolled_losses({toy.network, *smoothed, *toy.head, draw, toy.batch, toy.other, toy.recipe,
                         context, weights});
    toy.network.loss_of_both(toy.batch, *smoothed, draw, toy.chance, weights, gradients);
    Optimizer optimizer(toy.recipe, weights, AbsentGradient::kSkip);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i].mutable_grad() = gradients[i];
    optimizer.step(kRate);
    optimizer.zero_grad();
    const double stepped = toy.network.loss(toy.other, *toy.head, draw, toy.chance).value;
    CHECK(losses.validation.value == doctest::Approx(stepped).epsilon(1e-5));
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i].detach().copy_(before[i]);
  }
}

// ---- whole searches

struct Setting {
  std::string name;
  RelaxationOptions relaxation{};
  bool second_order = false, policy = false, weights_first = false;
};

std::vector<Setting> settings() {
  RelaxationOptions gates{.method = "full_v2"};
  gates.latency = {
      .kind = "mul_log", .reference = 50'000, .cost = alternative_macs(toy_blueprint())};
  return {{"darts"},
          {.name = "darts second order", .second_order = true},
          {.name = "weights first", .weights_first = true},
          {"gdas", {.method = "gumbel"}},
          {"drnas", {.method = "dirichlet"}},
          {"gates of two", {.method = "two"}},
          {"gates one by one", gates},
          {.name = "reinforce", .relaxation = gates, .policy = true}};
}

struct SearchRun {
  ArchitectureSearchReport report;
  TensorFile weights;
  std::vector<CurvePoint> live;
};

struct Interruption {
  std::filesystem::path checkpoint{};
  std::int64_t after_steps = -1;  ///< stops then
};

/// Counts steps and stops.
class StopAfter final : public ProgressSink {
 public:
  StopAfter(std::int64_t steps, std::stop_source& source) : left_(steps), source_(source) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {
    if (left_-- == 0) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}

 private:
  std::int64_t left_;
  std::stop_source& source_;
};

Recipe search_recipe() {
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 3;
  recipe.validation_fraction = 0.5;
  return recipe;
}

TrainSetup search_setup() {
  TrainSetup setup;
  setup.problem = bright_or_dark();
  setup.recipe = search_recipe();
  return setup;
}

SearchRun run_search(const Setting& setting, const Interruption& interruption = {},
                     std::int64_t share = 1) {
  const ToyCells space;
  Blueprint blueprint = edge_normalised(without_affine(toy_blueprint()));
  WeightBank bank(partial_channels(blueprint, share), {.seed = 3});
  SearchRun run;
  ArchitectureSearch search{.space = space, .relaxation = setting.relaxation};
  search.second_order = setting.second_order;
  search.policy = setting.policy;
  search.policy_paths = 3;
  search.architecture_first = !setting.weights_first;
  search.adam.rate = 0.05;
  search.eigenvalue = true;
  search.curve = [&](const CurvePoint& point) { run.live.push_back(point); };
  std::stop_source stop;
  StopAfter progress(interruption.after_steps, stop);
  TrainSetup setup = search_setup();
  setup.checkpoint = interruption.checkpoint;
  setup.progress = &progress;
  setup.stop = stop.get_token();
  run.report = search_architecture(bank, search, setup);
  run.weights = bank.weights();
  return run;
}

bool same_curve(const std::vector<CurvePoint>& a, const std::vector<CurvePoint>& b) {
  return std::ranges::equal(a, b, [](const CurvePoint& x, const CurvePoint& y) {
    return x.epoch == y.epoch && x.name == y.name &&
           (x.value == y.value || (std::isnan(x.value) && std::isnan(y.value)));
  });
}

bool same_weights(const TensorFile& a, const TensorFile& b) {
  return std::ranges::equal(a.tensors, b.tensors, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.bytes == y.second.bytes;
  });
}

TEST_CASE("searches: every relaxation trains, and says what it did") {
  for (const Setting& setting : settings()) {
    CAPTURE(setting.name);
    const SearchRun run = run_search(setting);
    CHECK(run.report.training.epochs_done == 3);
    REQUIRE(run.report.weights.size() == 3);
    REQUIRE(run.report.weights.back().size() == 3);
    const ToyCells space;
    validate(space, derive(space, run.report.weights.back()));
    bool moved = false;
    for (std::size_t g = 0; g < 3; ++g) {
      moved =
          moved || run.report.weights.front()[g].weights != run.report.weights.back()[g].weights;
    }
    CHECK(moved);
    const auto has = [&](const std::string& name) {
      return std::ranges::any_of(run.report.training.curve,
                                 [&](const CurvePoint& point) { return point.name == name; });
    };
    for (const char* name :
         {"train_loss", "search_loss", "entropy", "skip_share", "none_share", "gap", "accuracy",
          "alpha/cells.0/edge_0/conv3", "beta/cells.1/sum/1"}) {
      CAPTURE(name);
      CHECK(has(name));
    }
    CHECK(has("eigenvalue") == (setting.relaxation.method == "softmax"));
  }
}

TEST_CASE("searches: stopped at any step and resumed, they end bit for bit where they would have") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("nas_search_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const Setting& setting : settings()) {
    const SearchRun whole = run_search(setting);
    for (const std::int64_t steps : {0, 3, 4}) {
      CAPTURE(setting.name);
      CAPTURE(steps);
      const auto file = folder / "search.safetensors";
      std::filesystem::remove(file);
      const SearchRun first = run_search(setting, {file, steps});
      REQUIRE(first.report.training.stopped);
      const SearchRun second = run_search(setting, {file});
      CHECK(same_curve(second.report.training.curve, whole.report.training.curve));
      CHECK(same_weights(second.weights, whole.weights));
    }
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("searches: half of the channels pass by") {
  const SearchRun run = run_search({"pc_darts"}, {}, 2);
  CHECK(run.report.training.epochs_done == 3);
}

TEST_CASE("searches: a loss that is not finite names epoch and step") {
  const ToyCells space;
  WeightBank bank(toy_blueprint(), {.seed = 3});
  ArchitectureSearch search{.space = space};
  search.adam.rate = std::numeric_limits<double>::infinity();
  TrainSetup setup = search_setup();
  CHECK_THROWS_WITH_AS(search_architecture(bank, search, setup),
                       doctest::Contains("in epoch 1, step 1"), Error);
}

TEST_CASE("searches: what cannot be searched so is refused in one line") {
  const ToyCells space;
  WeightBank bank(toy_blueprint(), {.seed = 3});
  TrainSetup setup = search_setup();
  setup.recipe.validation_fraction = 0;
  CHECK_THROWS_WITH_AS(search_architecture(bank, {.space = space}, setup),
                       doctest::Contains("held-out samples"), Error);
  ArchitectureSearch search{.space = space, .relaxation = {.method = "gumbel"}};
  search.second_order = true;
  CHECK_THROWS_WITH_AS(search_architecture(bank, search, setup), doctest::Contains("softmax"),
                       Error);
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto other = plugin->make({});
    const auto blueprint = other->blueprint(other->info().default_task);
    const std::string name(plugin->name);
    CAPTURE(name);
    if (name == "nats_size" || name == "ofa_mobilenetv3" || name == "efficient_tdnn") {
      REQUIRE(blueprint.has_value());
      CHECK_THROWS_WITH_AS(check_searchable(*other, *blueprint),
                           doctest::Contains("cannot be searched by mixtures"), Error);
    }
    if (name == "nasbench201" || name == "darts" || name == "transnas_micro") {
      CHECK_NOTHROW(check_searchable(*other, *blueprint));
    }
  }
}

}  // namespace
}  // namespace nas
