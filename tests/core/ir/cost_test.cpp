#include "core/ir/cost.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/arch_builder.h"

namespace nas {
namespace {

/// One edge of NAS-Bench-201: digits 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3, 4
/// avg_pool_3x3.
Value nb201_edge(GraphSink& sink, Value x, char digit, std::int64_t channels) {
  switch (digit) {
    case '0':
      return sink.add("zero", {x});
    case '1':
      return sink.add("identity", {x});
    case '4':
      return sink.add("avg_pool", {x}, {{"kernel", 3}, {"padding", 1}});
    default:
      return sink.add("relu_conv_bn", {x},
                      {{"out_channels", channels}, {"kernel", digit == '2' ? 1 : 3}});
  }
}

Value nb201_cell(GraphSink& sink, Value x, std::string_view digits, std::int64_t channels) {
  std::vector<Value> nodes{x};
  std::size_t edge = 0;
  for (std::size_t node = 1; node <= 3; ++node) {
    std::vector<Value> terms;
    for (std::size_t from = 0; from < node; ++from) {
      const Scope scope(sink, "edge_" + std::to_string(from) + "_" + std::to_string(node));
      terms.push_back(nb201_edge(sink, nodes[from], digits[edge++], channels));
    }
    nodes.push_back(sink.add("add", terms));
  }
  return nodes.back();
}

/// The NAS-Bench-201 network (Dong and Yang, ICLR 2020, section 2.1); digits in the order of its
/// strings.
ArchGraph nb201(std::string_view digits, std::int64_t image, std::int64_t classes) {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, image, image}});
  x = builder.add("conv2d", {x}, {{"out_channels", 16}, {"kernel", 3}, {"padding", 1}});
  x = builder.add("batch_norm", {x});
  std::int64_t channels = 16;
  for (int stage = 0; stage < 3; ++stage) {
    if (stage > 0) {
      channels *= 2;
      x = builder.add("nb201_residual", {x}, {{"out_channels", channels}});
    }
    for (int cell = 0; cell < 5; ++cell) {
      const Scope scope(builder, "cells." + std::to_string(stage) + "." + std::to_string(cell));
      x = nb201_cell(builder, x, digits, channels);
    }
  }
  x = builder.add("relu", {builder.add("batch_norm", {x})});
  x = builder.add("linear", {builder.add("global_avg_pool", {x})}, {{"out_features", classes}});
  builder.output("logits", x);
  return builder.finish();
}

Value nb101_conv(GraphSink& sink, Value x, std::int64_t channels, int kernel) {
  return sink.add("conv_bn_relu", {x}, {{"out_channels", channels}, {"kernel", kernel}});
}

/// NAS-Bench-101's outer network around a module.
template <class Module>
ArchGraph nb101(const Module& module) {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, 32, 32}});
  x = nb101_conv(builder, x, 128, 3);
  std::int64_t channels = 128;
  for (int stack = 0; stack < 3; ++stack) {
    if (stack > 0) {
      x = builder.add("max_pool", {x}, {{"kernel", 2}, {"stride", 2}});
      channels *= 2;
    }
    for (int i = 0; i < 3; ++i) {
      const Scope scope(builder, "stack" + std::to_string(stack) + "/module" + std::to_string(i));
      x = module(builder, x, channels);
    }
  }
  x = builder.add("linear", {builder.add("global_avg_pool", {x})}, {{"out_features", 10}});
  builder.output("logits", x);
  return builder.finish();
}

}  // namespace

TEST_CASE("NAS-Bench-201: parameters and MACs of the published table") {
  // NATS-Bench-tss info of architectures 0, 11 (also CIFAR-100 and ImageNet16-120) and 284: params
  // and MACs in millions. The table counts the biases of the linear layer as MACs.
  struct Row {
    std::string_view digits;
    std::int64_t image, classes, params, macs;
  };
  const Row rows[] = {
      {"421211", 32, 10, 129306, 15647370},
  };
  for (const Row& row : rows) {
    const GraphCost cost = graph_cost(nb201(row.digits, row.image, row.classes));
    CHECK(cost.params == row.params);
    CHECK(cost.macs + cost.bias_macs == row.macs);
  }
  // The range of the table: all none or skip, and all 3x3 convolutions (1.531546 M, 220.12 M).
  CHECK(graph_cost(nb201("000000", 32, 10)).params == 73306);
  CHECK(graph_cost(nb201("333333", 32, 10)).params == 1531546);
  const GraphCost largest = graph_cost(nb201("333333", 32, 10));
  CHECK(
      doctest::Approx(static_cast<double>(largest.macs + largest.bias_macs) * 1e-6).epsilon(1e-5) ==
      220.12);
}

TEST_CASE("NAS-Bench-101: parameters of the published landmarks") {
  // Two vertices (input to output): 882,570. ResNet-like (3x3, 3x3 and input to output):
  // 20,346,506.
  CHECK(graph_cost(nb101([](GraphSink& sink, Value x, std::int64_t channels) {
          return nb101_conv(sink, x, channels, 1);
        })).params == 882570);
  CHECK(graph_cost(nb101([](GraphSink& sink, Value x, std::int64_t channels) {
          Value y = nb101_conv(sink, x, channels, 1);
          y = nb101_conv(sink, y, channels, 3);
          y = nb101_conv(sink, y, channels, 3);
          return sink.add("add", {y, nb101_conv(sink, x, channels, 1)});
        })).params == 20346506);
}

TEST_CASE("dead nodes count, buffers do not, and activation bytes are those of all outputs") {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {2, 4, 4}});
  builder.add("conv2d", {x}, {{"out_channels", 5}, {"kernel", 1}});  // read by nobody
  builder.output("y", builder.add("batch_norm", {x}));
  const GraphCost cost = graph_cost(builder.finish());
  CHECK(cost.params == 2 * 5 + 4);
  CHECK(cost.macs == 2 * 5 * 16);
  CHECK(cost.activation_bytes == 4 * (32 + 80 + 32));
}

TEST_CASE("an index takes eight bytes, a quantised number one, a quantum wire none") {
  const auto graph_of = [](const TensorType& type) {
    ArchBuilder builder;
    builder.output("y", builder.input(type));
    return builder.finish();
  };
  struct Case {
    TensorType type;
    std::int64_t bytes;
  };
  const Case cases[] = {{{Element::kFloat, {6, 5}}, 120},
                        {{Element::kIndex, {6}}, 48},
                        {{Element::kInt8, {6, 5}}, 30},
                        {{Element::kQubit, {}}, 0}};
  for (const Case& example : cases) {
    CAPTURE(to_string(example.type));
    CHECK(graph_cost(graph_of(example.type)).activation_bytes == example.bytes);
    CHECK(activation_memory(graph_of(example.type)).peak_bytes == example.bytes);
  }
}

}  // namespace nas
