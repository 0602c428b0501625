#include "core/onnx/export_graph.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/ir/same/simplify.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/mapping.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/ops/registry.h"
#include "core/util/error.h"
#include "tests/core/onnx/every_operation.h"

namespace nas {
namespace {

using test::first_opset;
using test::kEveryOperation;
using test::kImages;

ArchGraph graph_of(const std::string& lines) {
  return parse_graph("searchlight-graph 1\n" + lines);
}

ImportedNetwork through_file(const OnnxModel& model) {
  return to_graph(parse_onnx(format_onnx(model), "m.onnx"), true);
}

}  // namespace

TEST_CASE("onnx: every operation comes back from a file of every opset, weights bit by bit") {
  for (const std::string& lines : kEveryOperation) {
    const ArchGraph graph = graph_of(lines);
    const TensorFile weights = initial_weights(graph);
    for (int opset = first_opset(lines); opset <= kLastOnnxOpset; ++opset) {
      CAPTURE(opset);
      const OnnxExportOptions options{.opset = opset, .dynamic_batch = opset % 2 == 0, .batch = 3};
      const ImportedNetwork read = through_file(to_onnx(graph, &weights, options));
      CHECK(to_text(read.graph) == to_text(graph));
      CHECK((read.weights.tensors == weights.tensors));
      CHECK(read.batch == (options.dynamic_batch ? 0 : 3));
    }
  }
  CHECK_THROWS_WITH_AS(to_onnx(graph_of(kImages), nullptr, {.opset = 8}),
                       doctest::Contains("gelu 'gelu' needs opset 9"), Error);
}

TEST_CASE("onnx: the networks of these tests have every operation with a mapping") {
  std::string all;
  for (const std::string& lines : kEveryOperation) all += lines;
  for (const OnnxMappings* mappings : onnx_mappings()) {
    for (const OnnxWriting& writing : mappings->writings) {
      const bool absent = writing.op == "identity" || writing.op == "dropout" ||
                          writing.op == "zero" || writing.write == nullptr;
      CAPTURE(writing.op);
      const std::string use = " = " + std::string(writing.op) + "(";
      CHECK((absent || all.find(use) != std::string::npos));
    }
  }
}

TEST_CASE("onnx: zeros, identities and dropout give the same function") {
  const ArchGraph graph = graph_of(R"(%0 = input() : float[4,8,8]
%z = zero(%0) {stride=2}
%i = identity(%0)
%d = dropout(%i)
%c = conv2d(%d) {out_channels=4, kernel=1, stride=2}
%n = zero(%c)
%a = add(%z, %c, %n)
%s = identity(%a)
return y=%s, same=%a
)");
  const ArchGraph plain = graph_of(R"(%0 = input() : float[4,8,8]
%c = conv2d(%0) {out_channels=4, kernel=1, stride=2}
return y=%c, same=%c
)");
  const TensorFile weights = initial_weights(graph);
  const ArchGraph read = through_file(to_onnx(graph, &weights)).graph;
  CHECK(digest(read) == digest(plain));
  CHECK(graph_cost(read).macs == graph_cost(graph).macs);
}

TEST_CASE("onnx: a network without weights is read with its shapes, not with numbers") {
  for (const std::string& lines : kEveryOperation) {
    const ArchGraph graph = graph_of(lines);
    for (const int opset : {13, 20}) {
      const OnnxModel model = to_onnx(graph, nullptr, {.opset = opset});
      CHECK(to_text(to_graph(parse_onnx(format_onnx(model), "m.onnx")).graph) == to_text(graph));
      CHECK_THROWS_WITH_AS(through_file(model), doctest::Contains("without numbers"), Error);
    }
  }
}

TEST_CASE("onnx: names, metadata and declared shapes of an export") {
  const ArchGraph graph = graph_of(kImages);
  const TensorFile weights = initial_weights(graph);
  const OnnxModel model =
      to_onnx(graph, &weights,
              {.opset = 13, .dynamic_batch = true, .metadata = {{"accuracy", "93.1"}, {"b", "c"}}});
  const OnnxModel read = parse_onnx(format_onnx(model), "m.onnx");
  CHECK(read.metadata == model.metadata);
  CHECK(read.opset() == 13);
  CHECK(read.inputs.at(0).name == "input");
  CHECK(read.inputs[0].dims.at(0).name == "N");
  CHECK(read.outputs.at(0).name == "logits");
  CHECK(read.nodes.at(0).name == "stem/conv2d");
  CHECK(read.nodes[0].inputs ==
        std::vector<std::string>{"input", "stem/conv2d.weight", "stem/conv2d.bias"});
  CHECK(find_attribute(read.nodes[0], "strides")->ints == std::vector<std::int64_t>{2, 2});
  CHECK(read.values.size() > 20);
}

TEST_CASE("onnx: what has no form in ONNX is named") {
  const ArchGraph graph = graph_of(
      "%0 = input() : float[4,8,8]\n%1 = mix(%0, %0)\n%2 = avg_pool(%1) {kernel=3, stride=2, "
      "padding=1}\nreturn y=%2\n");
  CHECK_THROWS_WITH_AS(to_onnx(graph, nullptr), doctest::Contains("mix (an open choice"), Error);
  CHECK_THROWS_WITH_AS(to_onnx(graph_of(kImages), nullptr, {.opset = 22}),
                       doctest::Contains("expected 7 to 21"), Error);
  TensorFile weights = initial_weights(graph_of(kImages));
  weights.tensors.erase("head/linear.bias");
  CHECK_THROWS_WITH_AS(to_onnx(graph_of(kImages), &weights),
                       doctest::Contains("no tensor 'head/linear.bias'"), Error);
}

TEST_CASE("onnx: folded batch normalisation: the bias and scale of the closed form") {
  const ArchGraph graph = graph_of(R"(%0 = input() : float[2,4,4]
%c = conv2d(%0) {out_channels=1, kernel=1} @a
%b = batch_norm(%c) {eps=0.5} @a
%d = conv2d(%b) {out_channels=3, kernel=1} @b
%r = relu(%d) @b
%e = batch_norm(%r) @b
return y=%e
)");
  TensorFile weights = initial_weights(graph);
  const auto set = [&](const std::string& name, std::vector<float> values) {
    weights.tensors.at(name).bytes.assign(reinterpret_cast<const char*>(values.data()),
                                          values.size() * 4);
  };
  set("a/conv2d.weight", {2, -4});
  set("a/batch_norm.weight", {3});
  set("a/batch_norm.bias", {5});
  set("a/batch_norm.running_mean", {7});
  set("a/batch_norm.running_var", {3.5});  // + eps = 4
  const WeightedGraph folded = fold_batch_norm(graph, weights);
  CHECK(to_text(folded.graph) == to_text(graph_of(R"(%0 = input() : float[2,4,4]
%c = conv2d(%0) {out_channels=1, kernel=1, bias=true} @a
%d = conv2d(%c) {out_channels=3, kernel=1} @b
%r = relu(%d) @b
%e = batch_norm(%r) @b
return y=%e
)")));
  const auto values = [&](const std::string& name) {
    const std::string& bytes = folded.weights.tensors.at(name).bytes;
    std::vector<float> result(bytes.size() / 4);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(result.data()));
    return result;
  };
  CHECK(values("a/conv2d.weight") == std::vector<float>{3, -6});  // times 3 / sqrt 4
  CHECK(values("a/conv2d.bias") == std::vector<float>{5 - 7 * 1.5F});
  CHECK(folded.weights.tensors.at("b/conv2d.weight") == weights.tensors.at("b/conv2d.weight"));
  CHECK(folded.weights.tensors.size() == 7);
  CHECK_NOTHROW(to_onnx(folded.graph, &folded.weights));
}

}  // namespace nas
