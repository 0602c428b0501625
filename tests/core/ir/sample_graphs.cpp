#include "tests/core/ir/sample_graphs.h"

#include <algorithm>
#include <array>

#include "core/ir/arch_builder.h"

namespace nas::test {

const std::string_view kCellText = R"(searchlight-graph 1
# |nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_1x1~2|
%in = input() : float[16,32,32]
%r1 = relu(%in) @cell/edge_0_1
%c1 = conv2d(%r1) {out_channels=16, kernel=3, padding=1} : float[16,32,32] @cell/edge_0_1
%b1 = batch_norm(%c1) @cell/edge_0_1
%z = zero(%in) @cell/edge_0_2
%s12 = identity(%b1) @cell/edge_1_2
%n2 = add(%z, %s12) @cell
%s03 = identity(%in) @cell/edge_0_3
%p13 = avg_pool(%b1) {kernel=3, padding=1} @cell/edge_1_3
%r3 = relu(%n2) @cell/edge_2_3
%c3 = conv2d(%r3) {out_channels=16, kernel=1} @cell/edge_2_3
%b3 = batch_norm(%c3) @cell/edge_2_3
%n3 = add(%s03, %p13, %b3) @cell
%pool = global_avg_pool(%n3) : float[16] @head
%fc = linear(%pool) {out_features=10} : float[10] @head
%spare = tanh(%n2)
return logits=%fc
)";

namespace {

Value cell_operation(ArchBuilder& builder, Value x, int choice) {
  const int channels = static_cast<int>(builder.type(x).shape[0]);
  switch (choice) {
    case 0:
      return builder.add("zero", {x});
    case 1:
      return builder.add("identity", {x});
    case 2:
      return builder.add("relu_conv_bn", {x}, {{"out_channels", channels}, {"kernel", 1}});
    case 3:
      return builder.add("relu_conv_bn", {x}, {{"out_channels", channels}, {"kernel", 3}});
    default:
      return builder.add("avg_pool", {x}, {{"kernel", 3}, {"padding", 1}});
  }
}

Value cell(ArchBuilder& builder, Value x, std::span<const int> choices) {
  std::array<Value, 4> nodes{x};
  std::size_t edge = 0;
  for (std::size_t to = 1; to < nodes.size(); ++to) {
    std::vector<Value> terms;
    for (std::size_t from = 0; from < to; ++from) {
      const Scope scope(builder, "edge_" + std::to_string(from) + "_" + std::to_string(to));
      terms.push_back(cell_operation(builder, nodes[from], choices[edge++]));
    }
    nodes[to] = builder.add("add", terms);
  }
  return nodes.back();
}

Value random_operation(ArchBuilder& builder, Rng& rng, const std::vector<Value>& values) {
  const auto any = [&] { return values[rng.below(values.size())]; };
  switch (rng.below(10)) {
    case 0:
      return builder.add("conv2d", {any()}, {{"out_channels", 4}, {"kernel", 3}, {"padding", 1}});
    case 1:
      return builder.add("conv2d", {any()}, {{"out_channels", 4}, {"kernel", 1}, {"bias", true}});
    case 2:
      return builder.add("batch_norm", {any()});
    case 3:
      return builder.add("relu", {any()});
    case 4:
      return builder.add("zero", {any()});
    case 5:
      return builder.add("identity", {any()});
    case 6:
      return builder.add("avg_pool", {any()}, {{"kernel", 3}, {"padding", 1}});
    case 7:
      return builder.add("multiply", {any(), any()});
    case 8: {
      const Value both = builder.add("concat", {any(), any()});
      return builder.add("slice_channels", {both}, {{"begin", 2}, {"length", 4}});
    }
    default: {
      std::vector<Value> terms(1 + rng.below(3));
      for (Value& term : terms) term = any();
      return builder.add("add", terms);
    }
  }
}

}  // namespace

ArchGraph nb201_network(std::span<const int> choices, int cells) {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, 32, 32}});
  {
    const Scope scope(builder, "stem");
    x = builder.add("conv2d", {x}, {{"out_channels", 16}, {"kernel", 3}, {"padding", 1}});
    x = builder.add("batch_norm", {x});
  }
  for (int stage = 0; stage < 3; ++stage) {
    if (stage > 0) {
      x = builder.add("nb201_residual", {x}, {{"out_channels", 16 << stage}});
    }
    for (int i = 0; i < cells; ++i) {
      const Scope scope(builder, "cells." + std::to_string(stage * cells + i));
      x = cell(builder, x, choices);
    }
  }
  x = builder.add("relu", {builder.add("batch_norm", {x})});
  x = builder.add("linear", {builder.add("global_avg_pool", {x})}, {{"out_features", 10}});
  builder.output("logits", x);
  return builder.finish();
}

ArchGraph nb201_cell(std::span<const int> choices) {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {16, 8, 8}});
  builder.output("out", cell(builder, x, choices));
  return builder.finish();
}

ArchGraph random_graph(Rng& rng, std::size_t size) {
  ArchBuilder builder;
  std::vector<Value> values{builder.input({Element::kFloat, {4, 8, 8}}),
                            builder.input({Element::kFloat, {4, 8, 8}})};
  for (std::size_t i = 0; i < size; ++i) values.push_back(random_operation(builder, rng, values));
  builder.output("out", values.back());
  builder.output("side", values[values.size() / 2]);
  return builder.finish();
}

ArchGraph renumbered(const ArchGraph& graph, Rng& rng) {
  ArchBuilder builder;
  std::vector<Value> made(graph.size());
  std::vector<std::size_t> missing(graph.size());
  std::vector<NodeId> ready;
  const auto finish = [&](NodeId id) {
    for (const Consumer& consumer : graph.consumers(id)) {
      if (--missing[consumer.node] == 0) ready.push_back(consumer.node);
    }
  };
  for (NodeId id = 0; id < graph.size(); ++id) missing[id] = graph.inputs(id).size();
  for (const NodeId id : graph.graph_inputs()) {
    made[id] = builder.input(graph.output_types(id)[0]);
    finish(id);
  }
  while (!ready.empty()) {
    std::swap(ready[rng.below(ready.size())], ready.back());
    const NodeId id = ready.back();
    ready.pop_back();
    std::vector<Value> inputs;
    for (const PortRef& input : graph.inputs(id)) {
      inputs.push_back({made[input.node].node, input.port});
    }
    if (graph.op(id).commutative) rng.shuffle(std::span(inputs));
    made[id] = builder.add_in_scope(graph.op(id), inputs, graph.attrs(id), "");
    finish(id);
  }
  for (const GraphOutput& output : graph.graph_outputs()) {
    builder.output(output.name, {made[output.value.node].node, output.value.port});
  }
  return builder.finish();
}

ArchGraph chain(std::size_t length, std::string_view op) {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {2, 4, 4}});
  for (std::size_t i = 0; i < length; ++i) x = builder.add(op, {x});
  builder.output("out", x);
  return builder.finish();
}

}  // namespace nas::test
