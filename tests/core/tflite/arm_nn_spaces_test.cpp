#include <doctest/doctest.h>

#include "core/int8/quantise.h"
#include "core/onnx/export_graph.h"
#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "searchspaces/registry.h"
#include "tests/core/tflite/arm_nn.h"
#include "tests/core/tflite/arm_nn_steps.h"

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

}  // namespace

TEST_CASE("acceptance: Arm NN runs a network of every space that can be deployed") {
  if (!test::arm_nn_is_here()) return;
  std::string deployed, others;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const std::string name(plugin->name);
    CAPTURE(name);
    const auto space = plugin->make({});
    Task task = space->info().default_task;
    task.width = std::min<std::int64_t>(task.width, 8);
    Rng rng({.seed = 7, .purpose = Purpose::kTest});
    const ArchGraph graph = space->build(sample(*space, rng), space->settle(task));
    MicroProgram program;
    try {
      const WeightedGraph prepared = prepared_for_int8(graph, initial_weights(graph));
      program = quantised(prepared, assumed_ranges(prepared.graph)).program;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kUnsupported);
      others += "\n  " + name + ": " + error.what();
      continue;
    }
    const test::Bytes input = test::random_input(program, 3);
    test::Difference whole;
    std::string said;
    try {
      whole.add(test::our_answer(program, input),
                test::arm_nn_answer(format_tflite(to_tflite(program)), input));
      said = test::words(whole);
    } catch (const std::exception& error) {
      said = error.what();
    }
    const test::Difference steps = test::step_differences(program, input);
    deployed += "\n  " + name + ": " + said + "; step by step: " + test::words(steps);
  }
  MESSAGE("run:" << deployed);
  MESSAGE("not in int8:" << others);
}

}  // namespace nas
