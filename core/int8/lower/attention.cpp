#include "core/ops/attention.h"

#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

constexpr auto kLast = MicroLayout::kChannelsLast;
constexpr auto kPlain = MicroLayout::kPlain;
using Params = std::span<const std::vector<float>>;

/// [1, 1, T, C]: the token before the others.
void lower_class_token(NodeLowering& node) {
  const int tokens = node.rescalable(node.input(0, kLast), "tokens");
  const NodeLowering::Dims dims = micro_dims(node.output_shape(), kLast);
  const int result = node.value(dims);
  const int token = node.parameter(
      {1, 1, 1, dims[3]}, "token", [](Params params) { return params[0]; }, result);
  node.step(MicroOp::kConcatenation, {token, tokens}, result, {.axis = 2});
  node.give(result, kLast);
}

void lower_position_embedding(NodeLowering& node) {
  const Shape& shape = node.input_shape();
  const auto channels = static_cast<std::size_t>(shape[0]),
             tokens = static_cast<std::size_t>(shape[1]);
  const int x = node.input(0, kLast);
  const NodeLowering::Dims dims = micro_dims(shape, kLast);
  const int positions = node.parameter(dims, "positions", [=](Params params) {
    std::vector<float> turned;
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t c = 0; c < channels; ++c) turned.push_back(params[0][c * tokens + t]);
    }
    return turned;
  });
  const int result = node.value(dims);
  node.step(MicroOp::kAdd, {x, positions}, result);
  node.give(result, kLast);
}

/// Embeddings of where each key lies, query by query: [T, T, channels], or [T, channels, T].
NodeLowering::Arrange embeddings(const TokenGrid& grid, std::int64_t channels, bool keys_last) {
  return [=](Params params) {
    const std::vector<std::int64_t> rows = relative_places(grid, GridAxis::kRows),
                                    columns = relative_places(grid, GridAxis::kColumns);
    const auto tokens = static_cast<std::size_t>(grid.tokens),
               width = static_cast<std::size_t>(channels);
    std::vector<float> result(rows.size() * width);
    for (std::size_t pair = 0; pair < rows.size(); ++pair) {
      const std::size_t query = pair / tokens, key = pair % tokens;
      for (std::size_t c = 0; c < width; ++c) {
        const std::size_t place = keys_last ? (query * width + c) * tokens + key : pair * width + c;
        result[place] = params[0][static_cast<std::size_t>(rows[pair]) * width + c] +
                        params[1][static_cast<std::size_t>(columns[pair]) * width + c];
      }
    }
    return result;
  };
}

int turned(NodeLowering& node, int tensor, std::string_view part,
           const std::vector<std::int32_t>& order) {
  NodeLowering::Dims dims;
  for (const std::int32_t axis : order) {
    dims.push_back(node.dims(tensor)[static_cast<std::size_t>(axis)]);
  }
  const int result = node.moved(dims, part);
  node.step(MicroOp::kTranspose, {tensor, node.ints(std::string(part) + "_axes", order)}, result);
  return result;
}

TokenGrid grid_of(const NodeLowering& node, std::int64_t tokens) {
  return {tokens, node.integer("columns"), node.integer("reach")};
}

/// Query by query: [1, T, h, D] x [1, T, D, T].
void lower_relative_scores(NodeLowering& node) {
  const Shape& queries = node.input_shape();
  const std::int64_t heads = queries[0], channels = queries[1], tokens = queries[2];
  const int by_query = turned(node, node.input(0, kPlain), "queries", {0, 3, 1, 2});
  const int keys = node.parameter({1, tokens, channels, tokens}, "embeddings",
                                  embeddings(grid_of(node, tokens), channels, true));
  const int products = node.value({1, tokens, heads, tokens});
  node.step(MicroOp::kBatchMatmul, {by_query, keys}, products);
  node.give(turned(node, products, "scores", {0, 2, 1, 3}), kPlain);
}

/// [1, T, h, T] x [1, T, T, D].
void lower_relative_values(NodeLowering& node) {
  const Shape& result = node.output_shape();
  const std::int64_t heads = result[0], channels = result[1], tokens = result[2];
  const int by_query = turned(node, node.input(0, kPlain), "weights", {0, 2, 1, 3});
  const int values = node.parameter({1, tokens, tokens, channels}, "embeddings",
                                    embeddings(grid_of(node, tokens), channels, false));
  const int sums = node.value({1, tokens, heads, channels});
  node.step(MicroOp::kBatchMatmul, {by_query, values}, sums);
  node.give(turned(node, sums, "values", {0, 2, 3, 1}), kPlain);
}

constexpr LoweringRule kRules[] = {
    {"class_token", lower_class_token},
    {"position_embedding", lower_position_embedding},
    {"relative_scores", lower_relative_scores},
    {"relative_values", lower_relative_values},
};

}  // namespace

extern constinit const LoweringRules attention_lowerings{kRules};

}  // namespace nas
