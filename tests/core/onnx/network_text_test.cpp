// Texts of ONNX-Net: shared/data/cg-onnx-golden holds files and what the authors' code prints.

#include "core/onnx/network_text.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/api/search_space.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/simplify.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/value_shapes.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"
#include "tests/core/onnx/every_operation.h"
#include "tests/core/onnx/onnx_bytes.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using Json = nlohmann::json;

OnnxModel model_of(const std::string& lines) {
  return to_onnx(parse_graph("searchlight-graph 1\n" + lines), nullptr, {.opset = 13});
}

const std::string kSmall =
    "%0 = input() : float[4,8,8]\n"
    "%1 = conv2d(%0) {out_channels=4, kernel=3, padding=1, groups=2}\n"
    "%2 = relu(%1)\n"
    "%3 = conv2d(%2) {out_channels=4, kernel=1, bias=true}\n"
    "%4 = relu(%2)\n"
    "%5 = add(%3, %4)\n"
    "%6 = global_avg_pool(%5)\n"
    "%7 = linear(%6) {out_features=3}\n"
    "return logits=%7\n";

}  // namespace

TEST_CASE("network text: chains, prev, and the operand that is lost behind an open chain") {
  CHECK(network_text(model_of(kSmall), NetworkText::kChain) ==
        "Conv(1x4x8x8, Param[4,2,3,3])(dilations=1,kernel_shape=3,pads=1,strides=1) --> "
        "Value1:1x4x8x8\n"
        "Relu(Value1) --> Conv(prev, Param[4,4,1,1], Param[4])(dilations=1,kernel_shape=1,pads=0,"
        "strides=1) --> Value2:1x4x8x8\n"
        "Relu() --> Value3:1x4x8x8\n"
        "Add(Value2, Value3) --> Value4:1x4x8x8\n"
        "GlobalAveragePool(Value4) --> Flatten(prev) --> Gemm(prev, Param[3,4], Param[3]) --> Out");
}

TEST_CASE("network text: the faithful text has every operand and every attribute") {
  const std::string text = network_text(model_of(kSmall), NetworkText::kFaithful);
  CHECK(split(text, '\n')[0] == "opset 13");
  CHECK(split(text, '\n')[1] == "In1:1x4x8x8");
  CHECK(text.find("Relu(Value2) --> Value4:1x4x8x8") != std::string::npos);
  CHECK(text.find("dilations=[1,1],group=2,") != std::string::npos);
  CHECK(text.ends_with("return Value8"));
  // Only the groups differ, which the authors' texts show in the parameter's shape alone.
  std::string other = kSmall;
  other.replace(other.find("groups=2"), 8, "groups=1");
  CHECK(network_text(model_of(other), NetworkText::kFaithful) != text);
}

TEST_CASE("network text: the short text says sizes as ratios and leaves out what is usual") {
  CHECK(network_text(model_of(kSmall), NetworkText::kRunLength) ==
        "in 4x8x8\nv1: in Conv 3x3 g2 =4 Relu\nv2: v1 Conv 1x1\nv3: v1 Relu\nv4: v2 v3 Add "
        "AveragePool global Flatten Gemm =3");
  const std::string strided =
      "%0 = input() : float[4,8,8]\n"
      "%1 = conv2d(%0) {out_channels=8, kernel=3, padding=1}\n"
      "%2 = conv2d(%1) {out_channels=8, kernel=3, padding=1, groups=8}\n"
      "%3 = conv2d(%2) {out_channels=12, kernel=5, padding=1, stride=2}\n"
      "return logits=%3\n";
  CHECK(network_text(model_of(strided), NetworkText::kRunLength) ==
        "in 4x8x8\nv1: in Conv 3x3 =8 Conv 3x3 dw Conv 5x5 /2 p1 *3/2");
}

TEST_CASE("network text: the short text leaves out what no input reaches, and what is not needed") {
  const std::string dead =
      "%0 = input() : float[4,8,8]\n"
      "%1 = conv2d(%0) {out_channels=4, kernel=3, padding=1}\n"
      "%2 = zero(%1)\n"
      "%3 = batch_norm(%2)\n"
      "%4 = relu(%0)\n"
      "%5 = add(%3, %4)\n"
      "%6 = sigmoid(%5)\n"
      "return logits=%6\n";
  CHECK(network_text(model_of(dead), NetworkText::kRunLength) == "in 4x8x8\nv1: in Relu Sigmoid");
}

TEST_CASE("network text: shapes that are not declared are inferred for the short text") {
  OnnxModel bare = model_of(kSmall);
  const std::string text = network_text(bare, NetworkText::kRunLength);
  bare.values.clear();
  CHECK(network_text(bare, NetworkText::kRunLength) == text);
}

TEST_CASE("network text: names of modes, and an error for a shape that is not known") {
  CHECK(network_text_mode("chain_slim") == NetworkText::kChain);
  CHECK(network_text_mode("full") == NetworkText::kFull);
  CHECK(network_text_mode("faithful") == NetworkText::kFaithful);
  CHECK_THROWS_WITH_AS(network_text_mode("chain_slm"), doctest::Contains("chain_slim"), Error);
  OnnxModel model = model_of(kSmall);
  model.values.clear();
  model.nodes[1].op_type = "Mystery";
  model.nodes[2].inputs.push_back(model.nodes[2].inputs[0]);
  CHECK_THROWS_WITH_AS(network_text(model, NetworkText::kChain), doctest::Contains("Mystery"),
                       Error);
  CHECK(network_text(model, NetworkText::kChainBase).starts_with("Conv --> Value\nMystery"));
}

TEST_CASE("network text: every operation of ours has a text in every mode and opset") {
  for (const std::string& lines : {test::kImages, test::kSequences}) {
    const ArchGraph graph = parse_graph("searchlight-graph 1\n" + lines);
    for (int opset = test::first_opset(lines); opset <= kLastOnnxOpset; ++opset) {
      const OnnxModel model = to_onnx(graph, nullptr, {.opset = opset, .dynamic_batch = true});
      for (const std::string& mode : split(kNetworkTexts, '|')) {
        CAPTURE(mode);
        CAPTURE(opset);
        CHECK_NOTHROW(network_text(model, network_text_mode(mode)));
      }
    }
  }
}

TEST_CASE("value shapes: what follows from the inputs is what the exporter declares") {
  for (const std::string& lines : {test::kImages, test::kSequences}) {
    const ArchGraph graph = parse_graph("searchlight-graph 1\n" + lines);
    for (int opset = test::first_opset(lines); opset <= kLastOnnxOpset; opset += 4) {
      const OnnxModel declared = to_onnx(graph, nullptr, {.opset = opset});
      OnnxModel bare = declared;
      bare.values.clear();
      const auto shapes = value_shapes(bare);
      std::size_t found = 0;
      for (const OnnxValueInfo& value : declared.values) {
        const auto place = shapes.find(value.name);
        if (place == shapes.end()) continue;
        ++found;
        CAPTURE(value.name);
        REQUIRE(place->second.size() == value.dims.size());
        for (std::size_t i = 0; i < value.dims.size(); ++i) {
          CHECK(place->second[i].value == value.dims[i].value);
        }
      }
      CHECK(found * 10 >= declared.values.size() * 9);
    }
  }
}

TEST_CASE("value shapes: numbers beyond every tensor are refused, not computed with") {
  for (const char* name : {"strides", "pads", "dilations"}) {
    OnnxModel model = model_of(kSmall);
    model.values.clear();
    for (OnnxAttribute& attribute : model.nodes[0].attributes) {
      if (attribute.name == name) attribute.ints[0] = INT64_MAX;
    }
    CHECK_THROWS_WITH_AS(value_shapes(model), doctest::Contains("out of range"), Error);
  }
  OnnxModel model = model_of(kSmall);
  model.values.clear();
  model.inputs[0].dims[2].value = INT64_MAX;
  CHECK_THROWS_WITH_AS(value_shapes(model), doctest::Contains("out of range"), Error);
}

TEST_CASE("acceptance: seven files have the shapes that onnx 1.12 infers and the authors' texts") {
  const auto folder = test::test_data("cg-onnx-golden");
  if (folder.empty()) return;
  const Json golden = Json::parse(read_file(folder / "golden_text.json"));
  CHECK(golden.size() == 7);
  for (const auto& [name, texts] : golden.items()) {
    const OnnxModel model = read_onnx(folder / (name + ".onnx"));
    const auto shapes = value_shapes(model);
    for (const auto& [value, dims] : texts["_info"]["value_shapes"].items()) {
      CAPTURE(value);
      REQUIRE(shapes.contains(value));
      std::vector<std::int64_t> ours;
      for (const OnnxDim& dim : shapes.at(value)) ours.push_back(dim.value);
      CHECK(ours == dims.get<std::vector<std::int64_t>>());
    }
    std::size_t modes = 0;
    for (const auto& [mode, text] : texts.items()) {
      if (mode == "_info") continue;
      ++modes;
      CAPTURE(name);
      CAPTURE(mode);
      CHECK(network_text(model, network_text_mode(mode)) == text.get<std::string>());
    }
    CHECK(modes == 6);
  }
}

TEST_CASE("network text: a graph has the text of its export in every mode, though names differ") {
  Rng rng({.seed = 6});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;  // circuits have no ONNX form
    const ArchGraph graph = space->build(sample(*space, rng), space->info().default_task);
    const OnnxModel model = to_onnx(graph, nullptr, {.opset = 13});
    for (const std::string& mode : split(kNetworkTexts, '|')) {
      CAPTURE(mode);
      const auto outcome = [&](const auto& network) -> std::string {
        try {
          return network_text(network, network_text_mode(mode));
        } catch (const Error& error) {
          return error.what();  // a shape that is not known, by the name of its value
        }
      };
      CHECK(outcome(graph) == outcome(model));
    }
  }
}

TEST_CASE("acceptance: equal faithful texts among all cells of NAS-Bench-201 are equal networks") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  Task task = space->info().default_task;
  task.depth = 1;  // one cell for each stage
  std::set<std::string> chains, faithful, run_lengths, networks;
  std::map<std::string, std::string> simpler;  // of the text, the digest of its network
  for (std::uint64_t i = 0; i < indexed.size(); ++i) {
    const ArchGraph graph = space->build(indexed.at(i), task);
    const OnnxModel model = to_onnx(graph, nullptr, {.opset = 13});
    chains.insert(sha256_hex(network_text(model, NetworkText::kChain)));
    faithful.insert(sha256_hex(network_text(model, NetworkText::kFaithful)));
    run_lengths.insert(network_text(model, NetworkText::kRunLength));
    const ArchGraph live = simplified(graph);
    const OnnxModel bare = to_onnx(live, nullptr, {.opset = 13});
    const std::string text = network_text(bare, NetworkText::kFaithful);
    const auto [place, fresh] = simpler.emplace(sha256_hex(text), to_hex(digest(live)));
    networks.insert(place->second);
    if (!fresh && place->second != to_hex(digest(live))) FAIL("another network at cell " << i);
  }
  MESSAGE("distinct texts: chain_slim " << chains.size() << ", faithful " << faithful.size()
                                        << ", faithful and simplified " << simpler.size()
                                        << ", run_length " << run_lengths.size() << "; networks "
                                        << networks.size());
  CHECK(chains.size() <= faithful.size());
  CHECK(networks.size() <= simpler.size());
  CHECK(run_lengths.size() < simpler.size());
  CHECK(simpler.size() < faithful.size());
}

TEST_CASE(
    "network text: a node without outputs is nothing, and errors are one line whatever names are") {
  OnnxModel model = test::model_of({4});
  test::add_node(model, "Relu", {"x"}, {"y"});
  const std::string plain = network_text(model, NetworkText::kRunLength);
  test::add_node(model, "Identity", {"y"}, {});
  CHECK(network_text(model, NetworkText::kRunLength) == plain);
  test::add_node(model, "Odd\nname", {"y"}, {"z\nz"});
  test::add_node(model, "Add", {"z\nz", "y"}, {"w"});
  model.outputs = {test::declared("w", {1, 4})};
  try {
    network_text(model, NetworkText::kChain);
    FAIL_CHECK("a shape that nobody knows");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
  }
}

}  // namespace nas
