#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "core/int8/quantise.h"
#include "core/onnx/export_graph.h"
#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "searchspaces/registry.h"
#include "tests/core/tflite/engine_steps.h"

// A network of every space that has an int8 form, through our writer and another engine.

namespace nas {
namespace {

/// Ranges as a normalised network has them; what is compared is how engines compute, not what.
Calibration assumed_ranges(const ArchGraph& graph) {
  Calibration calibration(graph);
  for (NodeId node = 0; node < graph.size(); ++node) {
    const auto elements = static_cast<std::size_t>(graph.output_types(node)[0].shape.elements());
    std::vector<float> values(elements);
    for (std::size_t i = 0; i < elements; ++i) {
      values[i] = static_cast<float>(static_cast<double>(i * 7919 % 1000) / 250 - 2);
    }
    calibration.observe(node, values);
  }
  return calibration;
}

/// The smallest task of a space that is still one of its own.
Task small_task(const SearchSpace& space) {
  Task task = space.info().default_task;
  task.width = std::min<std::int64_t>(task.width, 8);
  task.depth = std::min<std::int64_t>(task.depth, 1);
  if (task.input.rank() == 3) {
    for (const std::size_t axis : {1U, 2U}) {
      task.input[axis] = std::min<std::int64_t>(task.input[axis], 32);
    }
  }
  return space.settle(task);
}

/// A network of the space in int8; what it says where it has no int8 form.
std::optional<MicroProgram> program_of(const SearchSpace& space, std::string& refusal) {
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  const ArchGraph graph = space.build(sample(space, rng), small_task(space));
  try {
    const WeightedGraph prepared = prepared_for_int8(graph, initial_weights(graph));
    return quantised(prepared, assumed_ranges(prepared.graph)).program;
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    refusal = error.what();
    return std::nullopt;
  }
}

/// What the engine makes of a network of every space that has an int8 form.
std::map<std::string, test::Difference> run_spaces(const test::OtherEngine& engine) {
  std::map<std::string, test::Difference> whole;
  std::size_t run = 0;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::string name(plugin->name);
    CAPTURE(name);
    std::string said;
    const auto program = program_of(*plugin->make({}), said);
    if (program && micro_macs(*program) > engine.patience()) {
      said = "left out: " + std::to_string(micro_macs(*program)) + " MACs";
    } else if (program) {
      const test::Bytes input = test::random_input(*program, 3);
      const test::Difference steps = test::step_differences(engine, *program, input);
      if (steps.refused.empty()) {
        whole[name] = test::whole_difference(engine, *program, input);
        said = test::words(whole[name]) + "; ";
      }
      said += "step by step: " + test::words(steps);
      ++run;
    }
    MESSAGE(name << ": " << said);
  }
  CHECK(run >= 5);
  return whole;
}

}  // namespace

TEST_CASE("acceptance: Arm NN runs a network of every space that can be deployed") {
  if (const test::OtherEngine* engine = test::arm_nn()) run_spaces(*engine);
}

TEST_CASE("acceptance: TensorFlow Lite runs a network of every space that can be deployed") {
  const test::OtherEngine* engine = test::tensorflow_lite();
  if (engine == nullptr) return;
  for (const auto& [name, whole] : run_spaces(*engine)) {
    CAPTURE(name);
    // Five rows of sums after one another carry a step on to two.
    CHECK(whole.largest <= (name == "transnas_micro" ? 2 : 1));
  }
}

}  // namespace nas
