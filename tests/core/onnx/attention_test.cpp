#include <doctest/doctest.h>

#include "core/ir/forms/text_form.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/gathered_rows.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "tests/core/onnx/onnx_bytes.h"

// Vision transformers in files: embeddings that are gathered from tables of weights.

namespace nas {
namespace {

using test::add_node;
using test::floats;
using test::model_of;
using test::read_back;

const std::string kRelative =
    "%0 = input() : float[2,3,7]\n%1 = relative_scores(%0) {columns=3, reach=1} : "
    "float[2,7,7]\nreturn y=%1\n";

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

OnnxModel relative_model() {
  const ArchGraph graph = parse_graph("searchlight-graph 1\n" + kRelative);
  const TensorFile weights = initial_weights(graph);
  return parse_onnx(format_onnx(to_onnx(graph, &weights)), "m.onnx");
}

/// The tensor whose name ends so, with another number at `at`.
void change(OnnxModel& model, const std::string& ending, std::size_t at, std::int64_t number) {
  for (OnnxTensor& tensor : model.initializers) {
    if (!tensor.name.ends_with(ending)) continue;
    std::vector<std::int64_t> numbers = tensor_ints(model, tensor);
    numbers.at(at) = number;
    tensor.owned = std::make_shared<const std::string>(
        reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof numbers[0]);
    tensor.bytes = *tensor.owned;
    return;
  }
  FAIL("no tensor ends so");
}

}  // namespace

TEST_CASE("onnx: the grid of tokens is found from either axis of its relative places") {
  for (const std::int64_t rows : {1, 2, 3, 5}) {
    for (const std::int64_t columns : {1, 2, 4, 7}) {
      for (const std::int64_t reach : {1, 2, 14}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(reach);
        const TokenGrid grid{rows * columns + 1, columns, reach};
        for (const GridAxis axis : {GridAxis::kRows, GridAxis::kColumns}) {
          std::vector<std::int64_t> places = relative_places(grid, axis);
          const auto found = token_grid(places, axis, reach);
          REQUIRE(found);
          CHECK(found->tokens == grid.tokens);
          CHECK(found->columns == columns);
          places.back() += 1;
          CHECK_FALSE(token_grid(places, axis, reach));
          places.pop_back();
          CHECK_FALSE(token_grid(places, axis, reach));
        }
      }
    }
  }
}

TEST_CASE("onnx: embeddings of other places than those of a grid are refused") {
  CHECK(read_back(relative_model()) == kRelative);
  for (const char* table : {"places_of_rows", "places_of_columns"}) {
    OnnxModel model = relative_model();
    change(model, table, 10, 0);
    CHECK(has(read_back(model), "its weight is not a matrix"));
  }
}

TEST_CASE(
    "onnx: an addend for every place of every token is a position embedding, others are not") {
  OnnxModel model = model_of({4, 5}, 17);
  model.initializers = {floats("p", {1, 4, 5})};
  add_node(model, "Add", {"p", "x"}, {"y"});
  CHECK(has(read_back(model), "position_embedding(%0)"));
  model.initializers = {floats("p", {5})};
  CHECK(has(read_back(model), "adds a constant to what the network computes"));
}

TEST_CASE("onnx: before opset 13 a softmax is over all axes from its own on") {
  OnnxModel model = model_of({6, 1, 2}, 9);
  add_node(model, "Softmax", {"x"}, {"y"});
  CHECK(has(read_back(model), "%1 = flatten(%0) : float[12]\n%2 = softmax(%1) : float[12]\n"));
  CHECK(has(read_back(model), "%3 = reshape(%2) {dim0=6, dim1=1, dim2=2, dim3=0}"));
  model.nodes[0].attributes = {int_attribute("axis", 3)};
  CHECK(has(read_back(model), "%1 = softmax(%0) : float[6,1,2]\nreturn"));
  model = model_of({6, 1, 1}, 17);
  add_node(model, "Softmax", {"x"}, {"y"}, {int_attribute("axis", 1)});
  CHECK(has(read_back(model), "%2 = softmax(%1)"));
  model = model_of({6, 1, 2}, 17);
  add_node(model, "Softmax", {"x"}, {"y"}, {int_attribute("axis", 1)});
  CHECK(has(read_back(model), "only the last axis is read"));
}

TEST_CASE(
    "onnx: the scale of an attention comes back with all its digits, other factors as they are") {
  for (const double factor : {0.35355339059327373, 0.1, 0.7, 3.0}) {
    OnnxModel model = model_of({4});
    model.initializers = {floats("f", {}, static_cast<float>(factor))};
    add_node(model, "Mul", {"x", "f"}, {"y"});
    const ArchGraph graph = to_graph(parse_onnx(format_onnx(model), "m.onnx")).graph;
    const bool meant = factor < 0.5;  // 1 / sqrt(8), 1 / sqrt(100)
    CHECK(graph.get_real(1, "factor") ==
          (meant ? factor : static_cast<double>(static_cast<float>(factor))));
  }
}

}  // namespace nas
