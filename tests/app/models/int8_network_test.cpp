#include "app/models/int8_network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "app/study/recipe_choice.h"
#include "core/int8/executor.h"
#include "core/int8/sample_input.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/weighted_model.h"
#include "core/util/error.h"
#include "core/util/spread.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

namespace nas {
namespace {

/// What the float network gives for one sample, by node.
std::vector<std::vector<float>> exact_values(const WeightedGraph& prepared,
                                             const EvaluationSetup& setup) {
  Model model = weighted_model(prepared.graph, prepared.weights, "prepared");
  std::vector<std::vector<float>> values(prepared.graph.size());
  observe_nodes(model, setup, [&](NodeId node, std::span<const float> seen) {
    values[node].assign(seen.begin(), seen.end());
  });
  return values;
}

/// Root of the mean square of the difference of a tensor and its exact numbers, in steps of its
/// scale; the exact numbers, rounded, take their place, so that errors do not add up.
double correct_tensor(MicroExecutor& executor, int tensor, const std::vector<float>& exact) {
  const Quantisation& scale =
      executor.program().tensors[static_cast<std::size_t>(tensor)].quantisation;
  double sum = 0;
  const std::span<std::int8_t> integers = executor.int8(tensor);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double real = static_cast<double>(exact[i] / scale.scale()) + scale.zero_point();
    const double nearest = std::clamp(std::round(real), -128.0, 127.0);
    sum += std::pow(nearest - integers[i], 2);
    integers[i] = static_cast<std::int8_t>(nearest);
  }
  return std::sqrt(sum / static_cast<double>(exact.size()));
}

/// The largest such difference of any step, each run on exact inputs; `worst`: which.
double worst_step(const WeightedGraph& prepared, const MicroProgram& program,
                  const std::vector<std::vector<float>>& exact, std::string& worst) {
  const Lowering lowering = lower_prepared(prepared.graph);
  MicroExecutor executor(program);
  const NodeId input = prepared.graph.graph_inputs()[0];
  const auto exact_of = [&](NodeId node, int tensor) {
    const Shape& shape = prepared.graph.output_types(node)[0].shape;
    const MicroTensor& made = program.tensors[static_cast<std::size_t>(tensor)];
    std::vector<std::int64_t> plain{1};
    plain.insert(plain.end(), shape.dims().begin(), shape.dims().end());
    // Scores of attention, [heads, T, T], have no channels to be last.
    if (made.dims == plain && shape.rank() == 3 && shape[0] != shape[2]) return exact[node];
    // Query by query: the turned tensor after it is compared.
    const bool turned = shape.rank() == 3 && made.dims.size() == 4 && made.dims[3] != shape[0] &&
                        made.dims != plain;
    return turned ? std::vector<float>() : as_program_input(exact[node], shape, made);
  };
  executor.set_input(0, exact_of(input, program.inputs[0]));
  double most = 0;
  executor.run([&](std::size_t step) {
    const int tensor = program.steps[step].outputs[0];
    const MicroOrigin& origin = lowering.origins[static_cast<std::size_t>(tensor)];
    if (origin.kind != MicroOrigin::Kind::kValue) return;
    const std::vector<float> exactly = exact_of(origin.value.node, tensor);
    if (exactly.empty()) return;
    const double error = correct_tensor(executor, tensor, exactly);
    if (error <= most) return;
    most = error;
    worst = std::string(name_of(program.steps[step])) + " " + program.steps[step].name;
  });
  return most;
}

Recipe glyph_recipe() {
  return make_recipe({.preset = "smoke"}, "recipe", &data_kind("glyphs"));
}

const Plugin<SearchSpace>* plugin_named(std::string_view name) {
  return *std::ranges::find_if(space_plugins(),
                               [&](const auto* plugin) { return plugin->name == name; });
}

double accuracy(const std::vector<NamedValue>& values) {
  return values.at(0).value;
}

}  // namespace

TEST_CASE(
    "int8: every step of an architecture of every space is its layer, to a few steps of a scale") {
  const auto problem = open_problem("glyphs");
  const Recipe recipe = glyph_recipe();
  const EvaluationSetup setup{
      .problem = *problem, .recipe = recipe, .samples = spread_indices(100, 1)};
  int spaces = 0;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.input.rank() != 3) continue;
    const Task task = space->settle(task_for(*space, *problem, recipe));
    Rng rng({.seed = 11, .purpose = Purpose::kTest});
    const ArchGraph graph = space->build(sample(*space, rng), task);
    Model model(graph, RngKey{.seed = 2});
    // Else the numbers of untrained layers fade away.
    recalibrate_batch_norm(model, *problem, recipe, {.samples = 32, .batch = 32});
    const TensorFile weights = model_weights(model);
    QuantisedNetwork network;
    try {
      network = quantised_network(graph, weights, *problem, recipe, {.samples = 64});
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kUnsupported);
      continue;
    }
    const WeightedGraph prepared = prepared_for_int8(graph, weights);
    std::string worst;
    const double error =
        worst_step(prepared, network.program, exact_values(prepared, setup), worst);
    CAPTURE(worst);
    // Of 101 tokens that an untrained network heeds alike each weighs 2.5 steps of softmax's fixed
    // scale, 1/256, which round to 3; a product sums 101 such errors.
    CHECK(error < (plugin->name == "mcuformer" ? 8 : 2));
    ++spaces;
  }
  CHECK(spaces >= 10);
}

TEST_CASE("acceptance: a network trained on MNIST loses at most a point of accuracy in int8") {
  const auto folder = test::test_data("set-mnist");
  if (folder.empty()) return;
  const std::string data = "mnist:" + folder.string();
  const auto problem = open_problem(data);
  const Recipe recipe = make_recipe(
      {.preset = "short", .options = {{"epochs", "2"}, {"batch", "32"}, {"train_samples", "6000"}}},
      "recipe", &data_kind(data));
  const auto space = plugin_named("nasbench201")->make({});
  const Task task = space->settle(task_for(*space, *problem, recipe));
  const ArchGraph graph =
      space->build(space->parse("|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+"
                                "|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"),
                   task);
  Model model(graph, RngKey{.seed = 1});
  train(model, {.problem = problem, .recipe = recipe, .evaluate_each_epoch = false}, false);
  const EvaluationSetup setup{
      .problem = *problem,
      .recipe = recipe,
      .samples = spread_indices(problem->data().samples(Part::kTest), 2000)};
  const double exact = accuracy(evaluate(model, setup));
  CHECK(exact > 90);
  for (const QuantisationOptions& options :
       {QuantisationOptions{.samples = 256},
        QuantisationOptions{.samples = 256, .range = "percentile"},
        QuantisationOptions{.samples = 256, .equalise = true, .correct_bias = true}}) {
    const QuantisedNetwork network =
        quantised_network(graph, model_weights(model), *problem, recipe, options);
    const double rounded = accuracy(evaluate_program(network.program, setup, 2));
    CAPTURE(rounded);
    CHECK(rounded >= exact - 1);
  }
}

}  // namespace nas
