#include "core/int8/lowering.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/int8/lower/lowering_rule.h"
#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/simplify.h"
#include "core/ops/registry.h"
#include "core/util/error.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::string steps_of(const MicroProgram& program) {
  std::string text;
  for (const MicroStep& step : program.steps) {
    text += (text.empty() ? "" : " ") + std::string(name_of(step));
  }
  return text;
}

MicroProgram lowered(std::string_view text, const LoweringOptions& options = {}) {
  return lower(parse_graph(text), options).program;
}

const MicroTensor& tensor_of(const MicroProgram& program, int index) {
  return program.tensors[static_cast<std::size_t>(index)];
}

}  // namespace

TEST_CASE("int8: every primitive has a rule of lowering, or its rule says why not") {
  for (const OpSchema* op : all_ops()) {
    if (op->is_macro() || op->role == OpRole::kInput || op->role == OpRole::kGate) continue;
    CAPTURE(op->name);
    const LoweringRule* rule = find_lowering(op->name);
    REQUIRE(rule != nullptr);
    CHECK((rule->lower == nullptr) == !rule->refusal.empty());
  }
}

TEST_CASE("int8: rules of lowering are of operations that exist, each once") {
  std::set<std::string_view> names;
  for (const LoweringRules* rules : lowering_rules()) {
    for (const LoweringRule& rule : *rules) {
      CAPTURE(rule.op);
      CHECK(&find_op(rule.op) != nullptr);
      CHECK(names.insert(rule.op).second);
    }
  }
}

TEST_CASE("int8: a lowered network has the graph's MACs, and its shapes with channels last") {
  std::size_t lowered_spaces = 0;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    Rng rng({.seed = 5, .purpose = Purpose::kTest});
    const Task task = space->settle(space->info().default_task);
    for (int draw = 0; draw < 3; ++draw) {
      const ArchGraph graph = space->build(sample(*space, rng), task);
      Lowering lowering;
      try {
        lowering = lower(graph);
      } catch (const Error& error) {
        CAPTURE(error.what());
        CHECK(error.kind() == ErrorKind::kUnsupported);
        continue;
      }
      ++lowered_spaces;
      lowering.program.check();
      CHECK(lowering.origins.size() == lowering.program.tensors.size());
      // Batch normalisations that fold into nothing are multiplications here; so are the mean, the
      // energy and the factor of a layer normalisation.
      std::int64_t norms = 0;
      for (NodeId node = 0; node < lowering.graph.size(); ++node) {
        const std::int64_t elements = lowering.graph.output_types(node)[0].shape.elements();
        if (has_running_statistics(lowering.graph, node)) norms += elements;
        if (normalises_rows(lowering.graph, node)) norms += 3 * elements;
      }
      CHECK(micro_macs(lowering.program) == graph_cost(simplified(graph)).macs + norms);
    }
  }
  CHECK(lowered_spaces > 20);
}

TEST_CASE("int8: normalisation and rectifier end in the convolution they alone read") {
  const MicroProgram program = lowered(R"(searchlight-graph 1
    %0 = input() : float[3,8,8]
    %1 = conv2d(%0) {out_channels=4, kernel=3, padding=1}
    %2 = batch_norm(%1)
    %3 = relu6(%2)
    %4 = global_avg_pool(%3)
    %5 = linear(%4) {out_features=10}
    return logits=%5)");
  CHECK(steps_of(program) == "CONV_2D AVERAGE_POOL_2D RESHAPE FULLY_CONNECTED");
  CHECK(program.steps[0].options.activation == MicroActivation::kRelu6);
  CHECK(program.steps[0].options.padding == MicroPadding::kSame);
  CHECK(tensor_of(program, program.inputs[0]).dims == std::vector<std::int64_t>{1, 8, 8, 3});
  CHECK(tensor_of(program, program.steps[0].inputs[1]).dims ==
        std::vector<std::int64_t>{4, 3, 3, 3});
}

TEST_CASE("int8: padding that no .tflite file can say is a step, or explicit on demand") {
  constexpr std::string_view kText = R"(searchlight-graph 1
    %0 = input() : float[3,8,8]
    %1 = conv2d(%0) {out_channels=4, kernel=3, padding=1, stride=2}
    return logits=%1)";
  const MicroProgram program = lowered(kText);
  CHECK(steps_of(program) == "PAD CONV_2D");
  // 8 positions of stride 2 read one row before the image and none behind it.
  CHECK(tensor_of(program, program.steps[0].outputs[0]).dims ==
        std::vector<std::int64_t>{1, 9, 9, 3});
  const MicroProgram whole = lowered(kText, {.explicit_padding = true});
  CHECK(steps_of(whole) == "CONV_2D");
  CHECK(whole.steps[0].options.padding == MicroPadding::kExplicit);
  CHECK(whole.steps[0].options.pad_top == 1);
  CHECK(whole.steps[0].options.pad_bottom == 0);
}

TEST_CASE("int8: what reads a flattened image has reordered weights, and nothing is transposed") {
  const Lowering lowering = lower(parse_graph(R"(searchlight-graph 1
    %0 = input() : float[3,4,4]
    %1 = flatten(%0)
    %2 = linear(%1) {out_features=5}
    return logits=%2)"));
  CHECK(steps_of(lowering.program) == "RESHAPE FULLY_CONNECTED");
  const int weight = lowering.program.steps[1].inputs[1];
  CHECK(lowering.origins[static_cast<std::size_t>(weight)].flattened_channels == 3);
}

TEST_CASE("int8: sums of many terms become sums of two, in place where sizes agree") {
  const MicroProgram program = lowered(R"(searchlight-graph 1
    %0 = input() : float[2,4,4]
    %1 = relu(%0)
    %2 = sigmoid(%0)
    %3 = add(%0, %1, %2)
    return out=%3)");
  CHECK(steps_of(program) == "RELU LOGISTIC ADD ADD");
  CHECK(may_overwrite(program, program.steps[2], 0));
  CHECK(may_overwrite(program, program.steps[3], 1));
}

TEST_CASE("int8: all operations without an int8 form are named in one error") {
  try {
    lowered(R"(searchlight-graph 1
      %0 = input() : float[4,8]
      %1 = mix(%0, %0)
      %2 = softmax(%1)
      %3 = weighted_stats(%1, %2)
      return out=%3)");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    const std::string text = error.what();
    CHECK(text.find("mix") != std::string::npos);
    CHECK(text.find("weighted_stats") != std::string::npos);
  }
}

}  // namespace nas
