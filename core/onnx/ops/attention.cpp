#include "core/ops/attention.h"

#include "core/onnx/mapping.h"
#include "core/onnx/node_writer.h"

// Vision transformers. What is computed from weights alone is written before the node that reads
// it, where core/onnx/ops/attention_patterns.cpp looks for it.
namespace nas {
namespace {

/// [N, C, T]: zeros of the batch's size plus the token, then the tokens.
void write_class_token(NodeWriter& node) {
  const std::vector<std::int64_t> column{node.input_shape()[0], 1};
  const std::string token =
      node.step("column", "Reshape", {node.weight("token"), node.ints("shape", column)});
  const std::string first =
      node.opset() < 10
          ? node.step("first", "Slice", {node.input()},
                      {ints_attribute("axes", {2}), ints_attribute("ends", {1}),
                       ints_attribute("starts", {0})})
          : node.step("first", "Slice",
                      {node.input(), node.ints("starts", std::vector<std::int64_t>{0}),
                       node.ints("ends", std::vector<std::int64_t>{1}),
                       node.ints("axes", std::vector<std::int64_t>{2})});
  const std::string zeros = node.step("zeros", "Mul", {first, node.reals("zero", {0})});
  node.result("Concat", {node.step("tokens", "Add", {zeros, token}), node.input()},
              {int_attribute("axis", 2)});
}

void write_position_embedding(NodeWriter& node) {
  node.result("Add", {node.input(), node.weight("positions")});
}

/// [T, T, channels]
std::string write_embeddings(NodeWriter& node, std::int64_t tokens, std::int64_t channels) {
  const TokenGrid grid{tokens, node.integer("columns"), node.integer("reach")};
  const auto gathered = [&](const char* table, GridAxis axis) {
    const std::string name(table);
    return node.step(
        "of_" + name, "Gather",
        {node.weight(name), node.ints("places_of_" + name, relative_places(grid, axis))},
        {int_attribute("axis", 0)});
  };
  const std::string sum =
      node.step("embeddings", "Add",
                {gathered("rows", GridAxis::kRows), gathered("columns", GridAxis::kColumns)});
  const std::vector<std::int64_t> shape{tokens, tokens, channels};
  return node.step("by_pair", "Reshape", {sum, node.ints("pairs", shape)});
}

std::string turned(NodeWriter& node, std::string_view part, const std::string& of,
                   std::vector<std::int64_t> order) {
  return node.step(part, "Transpose", {of}, {ints_attribute("perm", std::move(order))});
}

/// [N, T, h, D] x [T, D, T]
void write_relative_scores(NodeWriter& node) {
  const Shape& queries = node.input_shape();
  const std::string keys =
      turned(node, "keys", write_embeddings(node, queries[2], queries[1]), {0, 2, 1});
  const std::string by_query = turned(node, "queries", node.input(), {0, 3, 1, 2});
  node.result("Transpose", {node.step("products", "MatMul", {by_query, keys})},
              {ints_attribute("perm", {0, 2, 1, 3})});
}

/// [N, T, h, T] x [T, T, D]
void write_relative_values(NodeWriter& node) {
  const std::string embeddings =
      write_embeddings(node, node.output_shape()[2], node.output_shape()[1]);
  const std::string by_query = turned(node, "weights", node.input(), {0, 2, 1, 3});
  node.result("Transpose", {node.step("sums", "MatMul", {by_query, embeddings})},
              {ints_attribute("perm", {0, 2, 3, 1})});
}

constexpr OnnxWriting kWritings[] = {
    {"class_token", write_class_token},
    {"position_embedding", write_position_embedding},
    {"relative_scores", write_relative_scores},
    {"relative_values", write_relative_values},
};

}  // namespace

extern constinit const OnnxMappings attention_mappings{kWritings, {}};

}  // namespace nas
