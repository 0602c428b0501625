#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

TensorType image(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return {Element::kFloat, {channels, height, width}};
}

/// One operation on one image, as a graph.
ArchGraph single(std::string_view op, const TensorType& type,
                 std::initializer_list<NamedAttr> attrs) {
  ArchBuilder builder;
  const Value x = builder.input(type);
  builder.output("y", builder.add(op, {x}, attrs));
  return builder.finish();
}

Shape single_shape(std::string_view op, const TensorType& type,
                   std::initializer_list<NamedAttr> attrs) {
  const ArchGraph graph = single(op, type, attrs);
  return graph.type(graph.graph_outputs()[0].value).shape;
}

/// Places a window one step after the other: the definition that the formulas shorten.
std::int64_t count_positions(std::int64_t extent, std::int64_t kernel, std::int64_t stride,
                             std::int64_t padding, bool ceil_mode) {
  std::int64_t count = 0;
  for (std::int64_t start = -padding;; start += stride) {
    const bool fits = start + kernel <= extent + padding;
    // In ceil mode one window more may hang over the end, if it starts inside the input or its left
    // padding.
    const bool hangs = ceil_mode && start < extent && start - stride + kernel < extent + padding;
    if (!fits && !hangs) {
      return count;
    }
    ++count;
    if (!fits) {
      return count;
    }
  }
}

/// Valid values for every required attribute of the registry.
std::vector<NamedAttr> required_attrs(const OpSchema& op) {
  std::vector<NamedAttr> attrs;
  for (const AttrSpec& spec : op.attrs) {
    if (spec.required) {
      attrs.push_back({spec.name, spec.name == "kernel" ? 3 : 8});
    }
  }
  return attrs;
}

}  // namespace

TEST_CASE("operations are sorted by name, documented, and either primitive or macro") {
  const auto ops = all_ops();
  CHECK(ops.size() >= 32);
  CHECK(std::ranges::is_sorted(ops, {}, [](const OpSchema* op) { return op->name; }));
  for (const OpSchema* op : ops) {
    CAPTURE(op->name);
    CHECK(&find_op(op->name) == op);
    CHECK(op->doc.size() > 5);
    CHECK((op->infer == nullptr) == op->is_macro());
    CHECK(op->attrs.size() <= kMaxAttrs);
    if (op->is_macro()) {
      CHECK((op->cost == nullptr));
      CHECK((op->params == nullptr));
      CHECK(op->onnx_name.empty());
    }
    for (const AttrSpec& spec : op->attrs) {
      CAPTURE(spec.name);
      CHECK(!spec.doc.empty());
      CHECK(spec.min <= spec.max);
      CHECK((spec.required || attr_in_range(spec, spec.default_value)));
    }
  }
}

TEST_CASE("every primitive states what it is, and nothing that its attributes contradict") {
  for (const OpSchema* op : all_ops()) {
    CAPTURE(op->name);
    CHECK((op->role == OpRole::kUnstated) == op->is_macro());
    CHECK((op->family == OpFamily::kUnstated) == op->is_macro());
    const auto has = [&](std::string_view name, AttrType type) {
      return std::ranges::any_of(
          op->attrs, [&](const AttrSpec& spec) { return spec.name == name && spec.type == type; });
    };
    if (op->role == OpRole::kWindowPool) CHECK(has("kernel", AttrType::kInt));
    if (op->zero_rule == ZeroRule::kUnbiased) CHECK(has("bias", AttrType::kBool));
    if (op->channels == ChannelRule::kOutChannels) CHECK(has("out_channels", AttrType::kInt));
    for (const std::string_view attr : op->neutral.attrs) {
      if (!attr.empty()) CHECK(has(attr, AttrType::kInt));
    }
    if (op->in_place) CHECK(op->max_inputs == 1);
    if (op->role == OpRole::kGate) continue;  // rotations have angles, the others nothing
    const bool weights = op->role == OpRole::kWeight || op->role == OpRole::kNormalisation ||
                         op->role == OpRole::kOtherWeights;
    CHECK((op->params != nullptr) == weights);
  }
}

TEST_CASE("every operation builds on an image, a sequence or a vector, with its defaults") {
  const auto build = [](const OpSchema& op, const Shape& shape) -> std::optional<ArchGraph> {
    ArchBuilder builder;
    std::vector<Value> inputs;
    if (op.role == OpRole::kGate) {
      for (int i = 0; i < op.min_inputs; ++i)
        inputs.push_back(builder.input({Element::kQubit, {}}));
    } else {
      const Value x = builder.input({Element::kFloat, shape});
      inputs.assign(static_cast<std::size_t>(std::max(op.min_inputs, 1)), x);
    }
    try {
      builder.output("y", builder.add(op.name, inputs, required_attrs(op)));
    } catch (const Error&) {
      return std::nullopt;
    }
    return builder.finish();
  };
  for (const OpSchema* op : all_ops()) {
    if (op->name == "input") {
      continue;
    }
    CAPTURE(op->name);
    std::optional<ArchGraph> built;
    for (const Shape& shape : {Shape{8, 8, 8}, Shape{8, 8}, Shape{8}}) {
      if (!built) built = build(*op, shape);
    }
    REQUIRE(built.has_value());
    const ArchGraph& graph = *built;
    CHECK(graph.size() >= 2);
    CHECK_NOTHROW(graph.check());
    for (NodeId node = 0; node < graph.size(); ++node) {
      CHECK(!graph.op(node).is_macro());
      if (graph.op(node).in_place) {
        CHECK(graph.output_types(node)[0].shape.elements() ==
              graph.type(graph.inputs(node)[0]).shape.elements());
      }
      const OpCost cost = graph.cost(node);
      CHECK(cost.macs >= 0);
      CHECK(cost.bias_macs >= 0);
    }
  }
}

TEST_CASE("an unknown operation or attribute is answered with the near miss") {
  ArchBuilder builder;
  const Value x = builder.input(image(3, 8, 8));
  CHECK_THROWS_WITH_AS(builder.add("conv2", {x}), doctest::Contains("did you mean 'conv2d'"),
                       Error);
  CHECK_THROWS_WITH_AS(builder.add("conv2d", {x}, {{"out_channels", 4}, {"kernal", 3}}),
                       doctest::Contains("did you mean 'kernel'"), Error);
}

TEST_CASE("convolution: closed forms of shape, parameters and MACs") {
  // [6,11,14], 4 x 6/2 x 3 x 3 weights; height (11 + 2*2 - 2*2 - 1)/3 + 1 = 4, width (14 - 1)/3 + 1
  // = 5
  const ArchGraph graph = single("conv2d", image(6, 11, 14),
                                 {{"out_channels", 4},
                                  {"kernel", 3},
                                  {"stride", 3},
                                  {"padding", 2},
                                  {"dilation", 2},
                                  {"groups", 2},
                                  {"bias", true}});
  CHECK(graph.type({1, 0}).shape == Shape{4, 4, 5});
  const GraphCost cost = graph_cost(graph);
  CHECK(cost.params == 4 * 3 * 9 + 4);
  CHECK(cost.macs == 4 * 3 * 9 * (4 * 5));
  CHECK(cost.bias_macs == 0);
  const ParamList params = graph.params(1);
  REQUIRE(params.count == 2);
  CHECK(params.items[0].name == "weight");
  CHECK(params.items[0].shape == Shape{4, 3, 3, 3});
  CHECK(params.items[0].init == ParamInit::kKaimingUniform);
  CHECK(params.items[0].fan_in == 27);
  CHECK(params.items[1].shape == Shape{4});
  CHECK(params.items[1].init == ParamInit::kFanInBias);
  CHECK(params.items[1].fan_in == 27);
}

TEST_CASE("convolution: zeros for channels and groups are completed from the input") {
  const ArchGraph graph =
      single("conv2d", image(6, 5, 5), {{"out_channels", 0}, {"kernel", 5}, {"groups", 0}});
  CHECK(graph.get_int(1, "out_channels") == 6);
  CHECK(graph.get_int(1, "groups") == 6);
  CHECK(graph_cost(graph).params == 6 * 25);
}

TEST_CASE("linear and batch_norm: parameters, buffers and bias MACs") {
  const GraphCost with_bias =
      graph_cost(single("linear", {Element::kFloat, {7}}, {{"out_features", 5}}));
  CHECK(with_bias.params == 7 * 5 + 5);
  CHECK(with_bias.macs == 35);
  CHECK(with_bias.bias_macs == 5);
  const GraphCost bare =
      graph_cost(single("linear", {Element::kFloat, {7}}, {{"out_features", 5}, {"bias", false}}));
  CHECK(bare.params == 35);
  CHECK(bare.bias_macs == 0);

  const ArchGraph norm = single("batch_norm", image(9, 2, 2), {});
  const ParamList params = norm.params(1);
  REQUIRE(params.count == 4);
  CHECK(params.items[0].init == ParamInit::kOnes);
  CHECK(params.items[2].name == "running_mean");
  CHECK(params.items[3].init == ParamInit::kOnes);
  CHECK(!params.items[3].trainable);
  CHECK(graph_cost(norm).params == 18);
  CHECK(graph_cost(norm).macs == 0);
  CHECK(graph_cost(norm).norm_macs == 2 * 9 * 2 * 2);
  CHECK(graph_cost(single("batch_norm", image(9, 2, 2), {{"affine", false}})).params == 0);
}

TEST_CASE("windows: the output size equals the number of places of a sliding window") {
  for (std::int64_t extent = 1; extent <= 9; ++extent) {
    for (std::int64_t kernel = 1; kernel <= 5; ++kernel) {
      for (std::int64_t stride = 1; stride <= 4; ++stride) {
        for (std::int64_t padding = 0; padding <= kernel / 2; ++padding) {
          for (const bool ceil_mode : {false, true}) {
            if (count_positions(extent, kernel, stride, padding, ceil_mode) == 0) {
              continue;
            }
            CAPTURE(extent);
            CAPTURE(kernel);
            CAPTURE(stride);
            CAPTURE(padding);
            CAPTURE(ceil_mode);
            const std::int64_t expected =
                count_positions(extent, kernel, stride, padding, ceil_mode);
            CHECK(single_shape("max_pool", image(1, extent, extent),
                               {{"kernel", kernel},
                                {"stride", stride},
                                {"padding", padding},
                                {"ceil_mode", ceil_mode}}) == Shape{1, expected, expected});
            if (!ceil_mode) {
              CHECK(single_shape("conv2d", image(1, extent, extent),
                                 {{"out_channels", 1},
                                  {"kernel", kernel},
                                  {"stride", stride},
                                  {"padding", padding}}) == Shape{1, expected, expected});
            }
          }
        }
      }
    }
  }
}

TEST_CASE("a convolution's window may have another width, and equal sides are said in one way") {
  const ArchGraph graph =
      single("conv2d", image(4, 7, 8), {{"out_channels", 8}, {"kernel", 5}, {"kernel_width", 3}});
  CHECK(graph.output_types(1)[0].shape == Shape{8, 3, 6});
  CHECK(graph.params(1).items[0].shape == Shape{8, 4, 5, 3});
  CHECK(graph.cost(1).macs == 8 * 4 * 5 * 3 * 3 * 6);
  const ArchGraph square =
      single("conv2d", image(4, 7, 8), {{"out_channels", 8}, {"kernel", 3}, {"kernel_width", 3}});
  CHECK((square == single("conv2d", image(4, 7, 8), {{"out_channels", 8}, {"kernel", 3}})));
}

TEST_CASE("structural operations infer their shapes") {
  CHECK(single_shape("zero", image(4, 7, 8), {{"stride", 2}}) == Shape{4, 4, 4});
  CHECK(single_shape("crop", image(4, 7, 8), {{"top", 1}, {"left", 2}}) == Shape{4, 6, 6});
  CHECK(single_shape("pad", image(4, 7, 8), {{"top", 1}, {"right", 2}}) == Shape{4, 8, 10});
  CHECK(single_shape("flatten", image(4, 7, 8), {}) == Shape{4 * 7 * 8});
  CHECK(single_shape("global_avg_pool", image(4, 7, 8), {}) == Shape{4});
  CHECK(single_shape("global_avg_pool", image(4, 7, 8), {{"keep_dims", true}}) == Shape{4, 1, 1});
  const ArchGraph slice = single("slice_channels", image(4, 7, 8), {{"begin", 1}});
  CHECK(slice.get_int(1, "length") == 3);
  CHECK(slice.type({1, 0}).shape == Shape{3, 7, 8});
}

TEST_CASE("operations with several inputs: concat adds channels, multiply broadcasts a gate") {
  ArchBuilder builder;
  const Value a = builder.input(image(4, 5, 5));
  const Value b = builder.input(image(3, 5, 5));
  const Value gate = builder.input(image(4, 1, 1));
  CHECK(builder.type(builder.add("concat", {a, b, a})).shape == Shape{11, 5, 5});
  CHECK(builder.type(builder.add("multiply", {a, gate})) == image(4, 5, 5));
  CHECK(builder.type(builder.add("add", {a, a, a})) == image(4, 5, 5));
  CHECK_THROWS_WITH_AS(builder.add("add", {a, b}),
                       "add 'add:1': input 1 is float[3,5,5], but input 0 is float[4,5,5]", Error);
  CHECK_THROWS_AS(builder.add("multiply", {gate, a}), Error);
  CHECK_THROWS_AS(builder.add("concat", {a, gate}), Error);
  CHECK_THROWS_AS(builder.add("add", std::span<const Value>{}), Error);
}

TEST_CASE("macros: parameters in closed form") {
  const auto params = [](std::string_view op, std::initializer_list<NamedAttr> attrs) {
    return graph_cost(single(op, image(16, 8, 8), attrs)).params;
  };
  CHECK(params("conv_bn_relu", {{"out_channels", 24}}) == 9 * 16 * 24 + 2 * 24);
  CHECK(params("relu_conv_bn", {{"out_channels", 24}, {"kernel", 1}, {"affine", false}}) ==
        16 * 24);
  CHECK(params("nb201_residual", {{"out_channels", 32}}) ==
        9 * 16 * 32 + 64 + 9 * 32 * 32 + 64 + 16 * 32);
  CHECK(params("sep_conv", {{"out_channels", 24}, {"kernel", 5}}) ==
        (25 * 16 + 16 * 16 + 32) + (25 * 16 + 16 * 24 + 48));
  CHECK(params("dil_conv", {{"out_channels", 24}, {"kernel", 3}}) == 9 * 16 + 16 * 24 + 48);
  CHECK(params("factorized_reduction", {{"out_channels", 25}}) == 16 * 25 + 50);
  CHECK(params("squeeze_excite", {{"hidden_channels", 4}}) == 16 * 4 + 4 + 4 * 16 + 16);
  CHECK(params("mbconv", {{"mid_channels", 48}, {"out_channels", 24}, {"kernel", 5}}) ==
        (16 * 48 + 96) + (25 * 48 + 96) + (48 * 24 + 48));
  CHECK(params("mbconv",
               {{"mid_channels", 0}, {"out_channels", 24}, {"kernel", 3}, {"se_channels", 8}}) ==
        (9 * 16 + 32) + (2 * 16 * 8 + 8 + 16) + (16 * 24 + 48));
}

TEST_CASE("macros: strides and same padding keep or divide the image") {
  for (const std::int64_t stride : {1, 2}) {
    for (const std::int64_t kernel : {3, 5, 7}) {
      CAPTURE(stride);
      CAPTURE(kernel);
      const Shape expected{24, 8 / stride, 8 / stride};
      for (const std::string_view op : {"conv_bn_relu", "relu_conv_bn", "sep_conv", "dil_conv"}) {
        CAPTURE(op);
        CHECK(single_shape(op, image(16, 8, 8),
                           {{"out_channels", 24}, {"kernel", kernel}, {"stride", stride}}) ==
              expected);
      }
      CHECK(single_shape("mbconv", image(16, 8, 8),
                         {{"mid_channels", 48},
                          {"out_channels", 24},
                          {"kernel", kernel},
                          {"stride", stride},
                          {"hswish", true}}) == expected);
    }
  }
  CHECK(single_shape("nb201_residual", image(16, 8, 8), {{"out_channels", 24}}) == Shape{24, 4, 4});
  CHECK(single_shape("factorized_reduction", image(16, 8, 8), {{"out_channels", 24}}) ==
        Shape{24, 4, 4});
}

TEST_CASE("mbconv: activation by flags") {
  const auto count = [](const ArchGraph& graph, std::string_view op) {
    std::int64_t found = 0;
    for (NodeId node = 0; node < graph.size(); ++node) {
      found += graph.op(node).name == op ? 1 : 0;
    }
    return found;
  };
  const auto build = [](bool hswish, bool relu6) {
    return single("mbconv", image(8, 8, 8),
                  {{"mid_channels", 16},
                   {"out_channels", 8},
                   {"kernel", 3},
                   {"hswish", hswish},
                   {"relu6", relu6}});
  };
  CHECK(count(build(false, false), "relu") == 2);
  CHECK(count(build(false, true), "relu6") == 2);
  CHECK(count(build(true, true), "hswish") == 2);
}

}  // namespace nas
