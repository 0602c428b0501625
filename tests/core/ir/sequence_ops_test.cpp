#include <doctest/doctest.h>

#include <string>

#include "core/ir/arch_builder.h"
#include "core/ir/blueprint/blueprint.h"
#include "core/ir/cost.h"

namespace nas {
namespace {

TensorType sequence(std::int64_t channels, std::int64_t frames) {
  return {Element::kFloat, {channels, frames}};
}

/// One operation on one sequence, as a graph.
ArchGraph single(std::string_view op, const TensorType& type,
                 std::initializer_list<NamedAttr> attrs) {
  ArchBuilder builder;
  const Value x = builder.input(type);
  builder.output("y", builder.add(op, {x}, attrs));
  return builder.finish();
}

Shape shape_of(const ArchGraph& graph) {
  return graph.type(graph.graph_outputs()[0].value).shape;
}

int uses(const ArchGraph& graph, std::string_view op) {
  int count = 0;
  for (NodeId node = 0; node < graph.size(); ++node) count += graph.op(node).name == op ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("conv1d: closed forms of shape, parameters and MACs") {
  // (20 + 2*2 - 3*2 - 1)/2 + 1 = 9 frames, 4 x 6/2 x 4 weights
  const ArchGraph graph = single("conv1d", sequence(6, 20),
                                 {{"out_channels", 4},
                                  {"kernel", 4},
                                  {"stride", 2},
                                  {"padding", 2},
                                  {"dilation", 2},
                                  {"groups", 2},
                                  {"bias", true}});
  CHECK(shape_of(graph) == Shape{4, 9});
  const GraphCost cost = graph_cost(graph);
  CHECK(cost.params == 4 * 3 * 4 + 4);
  CHECK(cost.macs == 4 * 3 * 4 * 9);
  CHECK(graph.params(1).items[0].shape == Shape{4, 3, 4});
  CHECK(graph.params(1).items[0].fan_in == 12);
}

TEST_CASE("conv1d: what does not fit is named with the dimension") {
  CHECK_THROWS_WITH_AS(
      single("conv1d", {Element::kFloat, {3, 8, 8}}, {{"out_channels", 4}, {"kernel", 3}}),
      doctest::Contains("expected float[channels,frames]"), Error);
  CHECK_THROWS_WITH_AS(single("conv1d", sequence(4, 3), {{"out_channels", 4}, {"kernel", 5}}),
                       doctest::Contains("does not fit into frames = 3"), Error);
  CHECK_THROWS_WITH_AS(
      single("conv1d", sequence(5, 9), {{"out_channels", 4}, {"kernel", 3}, {"groups", 2}}),
      doctest::Contains("groups = 2 does not divide in_channels = 5"), Error);
}

TEST_CASE("operations that keep or pool time") {
  CHECK(shape_of(single("softmax", sequence(4, 9), {})) == Shape{4, 9});
  CHECK(shape_of(single("batch_norm", sequence(4, 9), {})) == Shape{4, 9});
  CHECK(shape_of(single("global_avg_pool", sequence(4, 9), {})) == Shape{4});
  CHECK(shape_of(single("global_avg_pool", sequence(4, 9), {{"keep_dims", true}})) == Shape{4, 1});
  CHECK(graph_cost(single("batch_norm", sequence(4, 9), {})).norm_macs == 2 * 4 * 9);
  // One scale and shift for each place of the last axis.
  CHECK(graph_cost(single("layer_norm", sequence(4, 9), {})).params == 2 * 9);
  CHECK(graph_cost(single("layer_norm", sequence(4, 9), {{"affine", false}})).params == 0);

  ArchBuilder builder;
  const Value x = builder.input(sequence(4, 9));
  const Value gate = builder.input(sequence(4, 1));
  CHECK(builder.type(builder.add("multiply", {x, gate})) == sequence(4, 9));
  CHECK(builder.type(builder.add("weighted_stats", {x, x})).shape == Shape{8});
  CHECK_THROWS_WITH_AS(builder.add("weighted_stats", {x, gate}), doctest::Contains("the weights"),
                       Error);
}

TEST_CASE("operations on tokens: shapes, costs and what does not fit") {
  // 9 tokens of 4 features: one layer of 4 x 6 weights and 6 constants on each.
  const ArchGraph layer = single("token_linear", sequence(9, 4), {{"out_features", 6}});
  CHECK(shape_of(layer) == Shape{9, 6});
  CHECK(graph_cost(layer).params == 4 * 6 + 6);
  CHECK(graph_cost(layer).macs == 9 * 4 * 6);
  CHECK(graph_cost(layer).bias_macs == 9 * 6);
  CHECK(shape_of(single("swap_axes", sequence(9, 4), {})) == Shape{4, 9});
  CHECK(shape_of(single("reshape", sequence(9, 4), {{"dim1", 2}, {"dim2", 3}})) == Shape{6, 2, 3});
  CHECK(shape_of(single("scale_by", sequence(9, 4), {{"factor", 0.25}})) == Shape{9, 4});
  CHECK_THROWS_WITH_AS(single("reshape", sequence(9, 4), {{"dim0", 5}}),
                       doctest::Contains("has other numbers than the input"), Error);
  CHECK_THROWS_WITH_AS(single("swap_axes", sequence(9, 4), {{"second", 2}}),
                       doctest::Contains("are not both dimensions"), Error);
  ArchBuilder builder;
  const Value a = builder.input(sequence(9, 4));
  const Value b = builder.input(sequence(4, 5));
  CHECK_THROWS_WITH_AS(builder.add("matmul", {b, a}),
                       doctest::Contains("inputs are float[4,5] and float[9,4]"), Error);
  builder.output("y", builder.add("matmul", {a, b}));
  const ArchGraph product = builder.finish();
  CHECK(shape_of(product) == Shape{9, 5});
  CHECK(graph_cost(product).macs == 9 * 4 * 5);
}

TEST_CASE("blocks of ECAPA-TDNN: parameters in closed form, length kept") {
  const auto params = [](const ArchGraph& graph) { return graph_cost(graph).params; };
  for (const int kernel : {1, 3, 5}) {
    CAPTURE(kernel);
    const ArchGraph conv = single("conv1d_relu_bn", sequence(6, 11),
                                  {{"out_channels", 4}, {"kernel", kernel}, {"dilation", 3}});
    CHECK(shape_of(conv) == Shape{4, 11});
    CHECK(params(conv) == 4 * 6 * kernel + 8);
    const ArchGraph res2 =
        single("res2_conv1d", sequence(24, 11), {{"kernel", kernel}, {"dilation", 2}});
    CHECK(shape_of(res2) == Shape{24, 11});
    CHECK(params(res2) == 7 * (3 * 3 * kernel + 6));
    CHECK(uses(res2, "add") == 6);  // the first group has nothing to add, the last is passed on
    const ArchGraph block = single("se_res2_block", sequence(8, 11),
                                   {{"mid_channels", 24}, {"kernel", kernel}, {"se_channels", 2}});
    CHECK(shape_of(block) == Shape{8, 11});
    CHECK(params(block) == 8 * 24 + 48 + params(res2) + 24 * 8 + 16 + (16 + 2) + (16 + 8));
  }
  const ArchGraph pool = single("attentive_stats_pool", sequence(6, 11), {{"hidden_channels", 3}});
  CHECK(shape_of(pool) == Shape{12});
  CHECK(params(pool) == 2 * 6 * 3);
  CHECK(graph_cost(pool).macs == 2 * 6 * 3 * 11);
}

TEST_CASE("res2_conv1d: groups must divide the channels, in graphs and in blueprints") {
  CHECK_THROWS_WITH_AS(single("res2_conv1d", sequence(12, 5), {{"kernel", 3}}),
                       doctest::Contains("scale = 8 does not divide channels = 12"), Error);
  BlueprintBuilder builder;
  const std::int64_t widths[] = {16, 20};
  const Value x =
      builder.add("conv1d_relu_bn", {builder.input(sequence(3, 5))},
                  {{"out_channels", ElasticValue::of(0, std::span<const std::int64_t>(widths))}});
  CHECK_THROWS_WITH_AS(builder.add("res2_conv1d", {x}, {{"kernel", 3}}),
                       doctest::Contains("channels = 20"), Error);
}

}  // namespace nas
