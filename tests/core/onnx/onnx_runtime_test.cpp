#include "tests/core/onnx/onnx_runtime.h"

#include <doctest/doctest.h>

#include "core/ir/forms/text_form.h"
#include "searchspaces/registry.h"
#include "tests/core/onnx/every_operation.h"
#include "tests/core/onnx/exported_network.h"

// Another engine computes what LibTorch computes.

namespace nas {
namespace {

using test::ExportedNetwork;
using test::ExportForm;
using test::OnnxRun;
using test::OnnxRuntime;
using test::OutputDifference;

/// As a share of the largest output, where that is above 1.
constexpr double kTolerance = 1e-5;

}  // namespace

TEST_CASE("acceptance: ONNX Runtime computes every operation of every opset as LibTorch does") {
  const auto engine = OnnxRuntime::find();
  if (!engine) return;
  for (const std::string& lines : test::kEveryOperation) {
    const ExportedNetwork network(parse_graph("searchlight-graph 1\n" + lines));
    std::vector<OnnxRun> runs;
    for (int opset = test::first_opset(lines); opset <= kLastOnnxOpset; ++opset) {
      runs.push_back(network.run({.options = {.opset = opset, .dynamic_batch = true}}));
      runs.push_back(network.run({.options = {.opset = opset, .batch = 2}, .folded = true}));
    }
    for (const std::vector<float>& output : engine->run(runs)) {
      CHECK(network.difference(output).share() < kTolerance);
    }
  }
}

TEST_CASE("acceptance: ONNX Runtime computes a network of every space as LibTorch does") {
  const auto engine = OnnxRuntime::find();
  if (!engine) return;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;  // circuits are written as OpenQASM
    Rng rng({.seed = 6, .purpose = Purpose::kTest});
    const ExportedNetwork network(test::small_network(*space, rng));
    const ExportForm forms[] = {
        {.options = {.opset = 13, .batch = 2}},
        {.options = {.opset = 17, .dynamic_batch = true}, .simplified = true, .folded = true}};
    std::vector<OnnxRun> runs;
    for (const ExportForm& form : forms) runs.push_back(network.run(form));
    for (const std::vector<float>& output : engine->run(runs)) {
      CHECK(network.difference(output).share() < kTolerance);
    }
  }
}

}  // namespace nas
