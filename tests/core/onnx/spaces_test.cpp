#include <doctest/doctest.h>

#include <algorithm>

#include "core/ir/cost.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "searchspaces/registry.h"

namespace nas {

TEST_CASE("onnx: an architecture of every space goes through a file and stays what it is") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;  // circuits are written as OpenQASM
    Rng rng({.seed = 5, .purpose = Purpose::kTest});
    const Task task = space->settle(space->info().default_task);
    for (int draw = 0; draw < 2; ++draw) {
      const ArchGraph graph = space->build(sample(*space, rng), task);
      const OnnxModel model = to_onnx(graph, nullptr, {.opset = draw == 0 ? 13 : 17});
      const ImportedNetwork read = to_graph(parse_onnx(format_onnx(model), "m.onnx"));
      CHECK(digest(read.graph) == digest(graph));
      CHECK(graph_cost(read.graph).params == graph_cost(graph).params);
      CHECK(graph_cost(read.graph).macs == graph_cost(graph).macs);
    }
  }
}

TEST_CASE("onnx: a simplified network keeps the tensors of what remains") {
  const auto& plugins = space_plugins();
  const auto found = std::ranges::find_if(
      plugins, [](const auto* plugin) { return plugin->name == "nasbench201"; });
  const auto space = (*found)->make({});
  Task task = space->info().default_task;
  task.width = 4;
  task.depth = 1;
  const ArchGraph graph = space->build(
      space->parse("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"),
      space->settle(task));
  const TensorFile weights = initial_weights(graph);
  const WeightedGraph simple = simplified_with_weights(graph, weights);
  CHECK(digest(simple.graph) == digest(graph));
  CHECK(graph_cost(simple.graph).params < graph_cost(graph).params);
  std::size_t tensors = 0;
  for (NodeId node = 0; node < simple.graph.size(); ++node) {
    const ParamList params = simple.graph.params(node);
    for (const ParamSpec& spec : params) {
      ++tensors;
      const std::string name = simple.graph.path(node) + "." + std::string(spec.name);
      REQUIRE(simple.weights.tensors.contains(name));
      CHECK(simple.weights.tensors.at(name).bytes.size() ==
            static_cast<std::size_t>(4 * spec.shape.elements()));
    }
  }
  CHECK(simple.weights.tensors.size() == tensors);
  CHECK_NOTHROW(to_onnx(simple.graph, &simple.weights));
}

}  // namespace nas
