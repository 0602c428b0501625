#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/ir/cost.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/file.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using Json = nlohmann::json;

std::int64_t product(const std::vector<std::int64_t>& dims, std::size_t from = 0) {
  std::int64_t result = 1;
  for (std::size_t i = from; i < dims.size(); ++i) result *= dims[i];
  return result;
}

/// Counted from the shapes that onnx 1.12 inferred, without our graph: convolutions and Gemm by
/// their weights, two numbers for each channel of a batch normalisation.
GraphCost counted(const OnnxModel& model, const Json& info) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const char* kind : {"initializers", "value_shapes"}) {
    for (const auto& [name, dims] : info[kind].items()) {
      shapes[name] = dims.get<std::vector<std::int64_t>>();
    }
  }
  GraphCost cost;
  for (const OnnxNode& node : model.nodes) {
    if (node.op_type == "Identity") shapes[node.outputs[0]] = shapes.at(node.inputs[0]);
    if (node.op_type == "BatchNormalization") cost.params += 2 * product(shapes.at(node.inputs[1]));
    if (node.op_type != "Conv" && node.op_type != "Gemm") continue;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      cost.params += product(shapes.at(node.inputs[i]));
    }
    const std::int64_t weights = product(shapes.at(node.inputs[1]));
    const bool conv = node.op_type == "Conv";
    cost.macs += weights * (conv ? product(shapes.at(node.outputs[0]), 2) : 1);
  }
  return cost;
}

}  // namespace

TEST_CASE("acceptance: seven files of PyTorch's exporter: costs, accuracy and weights") {
  const auto folder = test::test_data("cg-onnx-golden");
  if (folder.empty()) return;
  const Json golden = Json::parse(read_file(folder / "golden_text.json"));
  CHECK(golden.size() == 7);
  for (const auto& [name, texts] : golden.items()) {
    CAPTURE(name);
    const OnnxModel model = read_onnx(folder / (name + ".onnx"));
    const Json& info = texts["_info"];
    CHECK(model.nodes.size() == info["nodes"].get<std::size_t>());
    CHECK(model.initializers.size() == info["initializers"].size());
    CHECK(model.metadata.at(0) ==
          std::pair<std::string, std::string>("accuracy", info["accuracy_metadata"]));
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
      CHECK(model.nodes[i].op_type == info["ops"][i].get<std::string>());
    }
    const ImportedNetwork network = to_graph(model, true);
    const GraphCost cost = graph_cost(network.graph);
    CHECK(network.batch == 1);
    std::size_t tensors = 0;
    for (NodeId node = 0; node < network.graph.size(); ++node) {
      tensors += network.graph.params(node).count;
    }
    CHECK(network.weights.tensors.size() == tensors);
    if (name == "attention") {
      // Layers q, k, v on 8 tokens of 16, two products of 8 x 8 x 16, ten classes.
      CHECK(cost.macs == 3 * 8 * 256 + 2 * 8 * 8 * 16 + 160);
      CHECK(cost.params == 3 * (256 + 16) + 2 * 16 + 170);
      continue;
    }
    const GraphCost expected = counted(model, info);
    CHECK(cost.macs == expected.macs);
    CHECK(cost.params == expected.params);
    if (name == "mbv3_block") {
      CHECK(cost.macs == 307'856);  // by hand
      CHECK(cost.params == 1'966);
    }
  }
}

TEST_CASE("acceptance: what was read of the seven files is written so that it reads the same") {
  const auto folder = test::test_data("cg-onnx-golden");
  if (folder.empty()) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    const OnnxModel model = read_onnx(entry.path());
    const OnnxModel again = parse_onnx(format_onnx(model), "again");
    CHECK(again.metadata == model.metadata);
    REQUIRE(again.nodes.size() == model.nodes.size());
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
      CHECK(again.nodes[i].inputs == model.nodes[i].inputs);
      CHECK(again.nodes[i].outputs == model.nodes[i].outputs);
      REQUIRE(again.nodes[i].attributes.size() == model.nodes[i].attributes.size());
      for (std::size_t j = 0; j < model.nodes[i].attributes.size(); ++j) {
        CHECK(again.nodes[i].attributes[j].name == model.nodes[i].attributes[j].name);
        CHECK(again.nodes[i].attributes[j].ints == model.nodes[i].attributes[j].ints);
      }
    }
    const ImportedNetwork a = to_graph(model, true), b = to_graph(again, true);
    CHECK((a.graph == b.graph));
    CHECK((a.weights.tensors == b.weights.tensors));
  }
}

}  // namespace nas
