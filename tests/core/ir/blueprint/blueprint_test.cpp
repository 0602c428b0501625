#include "core/ir/blueprint/blueprint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"

namespace nas {
namespace {

const TensorType kImage{Element::kFloat, {8, 16, 16}};
using Vector = std::vector<AttrValue>;

/// A small space over any sink. Decisions: 0 operation (3), 1 kernel (3, 5, 7), 2 depth (1..3), 3
/// gate (2). With choices it describes the graph of one architecture, by plain constants.
struct ToySpace {
  Choices fixed{};

  ElasticValue value(DecisionId decision, const Vector& values) const {
    return fixed.empty() ? ElasticValue::of(decision, values)
                         : ElasticValue(values[fixed[decision]]);
  }

  Value block(GraphSink& sink, Value x, int index) const {
    const Scope scope(sink, "block." + std::to_string(index));
    const ElasticValue kernel = value(1, {3, 5, 7});
    return sink.choose(
        value(0, {0, 1, 2}),
        {[&] { return x; },
         [&] {
           return sink.add("mbconv", {x},
                           {{"mid_channels", kernel.map_int([](std::int64_t k) { return 8 * k; })},
                            {"out_channels", 8},
                            {"kernel", kernel},
                            {"se_channels", value(3, {0, 4})}});
         },
         [&] {
           // A choice inside a choice.
           const Value y = sink.choose(value(3, {0, 1}),
                                       {[&] { return x; }, [&] { return sink.add("tanh", {x}); }});
           return sink.add("sep_conv", {y}, {{"out_channels", 8}, {"kernel", kernel}});
         }});
  }

  Value describe(GraphSink& sink, Value x) const {
    std::vector<Value> ends;
    for (int i = 0; i < 3; ++i) {
      ends.push_back(i == 0 ? block(sink, x, i) : block(sink, ends.back(), i));
      if (!fixed.empty() && i == fixed[2]) {
        break;  // later blocks are not part of this architecture
      }
    }
    if (fixed.empty()) {
      x = sink.choose(ElasticValue::of(2, Vector{0, 1, 2}),
                      {[&] { return ends[0]; }, [&] { return ends[1]; }, [&] { return ends[2]; }});
    } else {
      x = ends.back();
    }
    return sink.add("global_avg_pool", {x});
  }
};

/// Blocks nested by depth: block i + 1 exists only inside the alternative "deeper".
Value deeper(GraphSink& sink, Value x, int index, const ElasticValue& depth) {
  x = sink.add("conv2d", {x}, {{"out_channels", 8 + index}, {"kernel", 1}});
  if (index == 3) {
    return x;
  }
  return sink.choose(depth.map_int([=](std::int64_t d) { return d > index ? 1 : 0; }),
                     {[&] { return x; }, [&] { return deeper(sink, x, index + 1, depth); }});
}

template <class Builder, class Finished>
Finished build_deeper(const ElasticValue& depth) {
  Builder builder;
  const Value x = builder.input(kImage);
  builder.output("y", deeper(builder, x, 0, depth));
  return builder.finish();
}

}  // namespace

TEST_CASE("resolving a blueprint equals building the graph directly, for every architecture") {
  // Operation, kernel and gate; at full depth, so that no block is outside of the direct graph.
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  builder.output("y", ToySpace{}.describe(builder, x));
  const Blueprint blueprint = builder.finish();
  for (std::uint16_t op = 0; op < 3; ++op) {
    for (std::uint16_t kernel = 0; kernel < 3; ++kernel) {
      for (std::uint16_t gate = 0; gate < 2; ++gate) {
        const std::vector<std::uint16_t> choices{op, kernel, 2, gate};
        ArchBuilder direct;
        const Value input = direct.input(kImage);
        direct.output("y", ToySpace{choices}.describe(direct, input));
        const ArchGraph expected = direct.finish();
        const ArchGraph resolved = resolve(blueprint, choices);
        CHECK(resolved == expected);
        CHECK_NOTHROW(resolved.check());
      }
    }
  }
}

TEST_CASE("what stands outside of every alternative stays in the graph, as dead nodes") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  builder.output("y", ToySpace{}.describe(builder, x));
  const Blueprint blueprint = builder.finish();
  const std::vector<std::uint16_t> shallow{1, 0, 0, 0};
  const std::vector<std::uint16_t> deep{1, 0, 2, 0};
  CHECK(graph_cost(resolve(blueprint, shallow)).params ==
        graph_cost(resolve(blueprint, deep)).params);
}

TEST_CASE("nested choices are guarded by conjunctions and resolve to the direct graph") {
  const Vector depths{0, 1, 2, 3};
  const auto blueprint = build_deeper<BlueprintBuilder, Blueprint>(ElasticValue::of(0, depths));
  std::size_t longest = 0;
  for (const BlueprintNode& node : blueprint.nodes) {
    longest = std::max(longest, node.guards.size());
  }
  CHECK(longest == 3);
  for (std::uint16_t depth = 0; depth < 4; ++depth) {
    const std::vector<std::uint16_t> choices{depth};
    const ArchGraph resolved = resolve(blueprint, choices);
    CHECK(resolved == build_deeper<ArchBuilder, ArchGraph>(static_cast<int>(depth)));
    CHECK(resolved.size() == depth + 2U);
  }
}

TEST_CASE("several choices may map to one alternative, and unreachable ones are not built") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  int built = 0;
  const auto alternative = [&](const char* op) {
    return [&builder, &built, x, op] {
      ++built;
      return builder.add(op, {x});
    };
  };
  const Value y = builder.choose(
      ElasticValue::of(0, Vector{3, 1, 3, 1}),
      {alternative("relu"), alternative("tanh"), alternative("gelu"), alternative("sigmoid")});
  CHECK(built == 2);
  // All choices equal: no choice is left.
  const Value z = builder.choose(ElasticValue::of(0, Vector{2, 2, 2, 2}),
                                 {alternative("relu"), alternative("tanh"), alternative("gelu")});
  builder.output("y", builder.add("add", {y, z}));
  const Blueprint blueprint = builder.finish();
  CHECK(blueprint.selectors.size() == 1);
  const char* expected[] = {"sigmoid", "tanh", "sigmoid", "tanh"};
  for (std::uint16_t choice = 0; choice < 4; ++choice) {
    const std::vector<std::uint16_t> choices{choice};
    const ArchGraph graph = resolve(blueprint, choices);
    CHECK(graph.op(1).name == expected[choice]);
    CHECK(graph.op(2).name == "gelu");
    CHECK(graph.size() == 4);
  }
}

TEST_CASE("elastic attributes may depend on several decisions") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  const ElasticValue kernel = ElasticValue::of(1, Vector{1, 3, 5});
  const ElasticValue width = ElasticValue::of(
      {0, 1}, {2, 3}, [](Choices c) { return AttrValue(100 * (c[0] + 1) + c[1]); });
  builder.output("y", builder.add("conv2d", {x},
                                  {{"out_channels", width},
                                   {"kernel", kernel},
                                   {"padding", kernel.map_int([](auto k) { return k / 2; })}}));
  const Blueprint blueprint = builder.finish();
  for (std::uint16_t a = 0; a < 2; ++a) {
    for (std::uint16_t b = 0; b < 3; ++b) {
      const std::vector<std::uint16_t> choices{a, b};
      const ArchGraph graph = resolve(blueprint, choices);
      CHECK(graph.get_int(1, "out_channels") == 100 * (a + 1) + b);
      CHECK(graph.get_int(1, "kernel") == 1 + 2 * b);
      CHECK(graph.type({1, 0}).shape == Shape{100 * (a + 1) + b, 16, 16});
    }
  }
  CHECK_THROWS_AS(resolve(blueprint, std::vector<std::uint16_t>{0}), Error);
  CHECK_THROWS_AS(resolve(blueprint, std::vector<std::uint16_t>{0, 3}), Error);
}

TEST_CASE("elastic values: tables, first decision slowest, collapse when constant") {
  const ElasticValue value =
      ElasticValue::of({7, 2}, {2, 2}, [](Choices c) { return AttrValue(10 * c[0] + c[1]); });
  CHECK(std::ranges::equal(value.values(), Vector{0, 1, 10, 11}));
  CHECK(std::ranges::equal(value.decisions(), std::vector<DecisionId>{7, 2}));
  CHECK(std::ranges::equal(value.sizes(), std::vector<std::uint16_t>{2, 2}));
  const std::vector<std::uint16_t> choices{9, 9, 1, 9, 9, 9, 9, 0};
  CHECK(value.at(choices) == AttrValue(1));
  CHECK(value.map_int([](std::int64_t) { return 4; }).is_constant());
  CHECK(value.map_int([](std::int64_t v) { return v; }) == value);
  CHECK(value != value.map_int([](std::int64_t v) { return v + 1; }));
  CHECK(ElasticValue(3).values().front() == AttrValue(3));
  CHECK_THROWS_AS(ElasticValue::of(0, Vector{}), Error);
  CHECK_THROWS_AS(ElasticValue::of({0, 1}, {5000, 5000}, [](Choices) { return AttrValue(0); }),
                  Error);
}

TEST_CASE("a value made inside an alternative cannot be read outside of it") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  const ElasticValue selector = ElasticValue::of(0, Vector{0, 1});
  Value inner;
  const auto leak = [&] { return inner = builder.add("relu", {x}); };
  builder.choose(selector, {leak, [&] { return x; }});
  CHECK_THROWS_WITH_AS(builder.add("tanh", {inner}), doctest::Contains("outside"), Error);
  CHECK_THROWS_AS(builder.output("y", inner), Error);
  CHECK_THROWS_AS(builder.choose(selector, {[&] { return inner; }, [&] { return x; }}), Error);
}

TEST_CASE("a blueprint refuses what no choice could build") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  const Scope scope(builder, "net");
  CHECK_THROWS_WITH_AS(
      builder.choose(ElasticValue::of(0, Vector{0, 2}), {[&] { return x; }, [&] { return x; }}),
      "choice 2 in 'net' must be < 2", Error);
  CHECK_THROWS_WITH_AS(
      builder.add("max_pool", {x}, {{"kernel", ElasticValue::of(0, Vector{3, 0})}}),
      "in 'net': max_pool: kernel = 0, must be >= 1", Error);
  CHECK_THROWS_AS(builder.add("relu", {Value{9, 0}}), Error);
  CHECK_THROWS_AS(builder.add("input", std::span<const Value>{}), Error);
  CHECK_THROWS_AS(builder.finish(), Error);
}

TEST_CASE("channels of a blueprint's value are known where operations say so") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  const ElasticValue width = ElasticValue::of(0, Vector{4, 12});
  CHECK(builder.channels(builder.add("relu", {x})) == ElasticValue(8));
  const Value conv = builder.add("conv2d", {x}, {{"out_channels", width}, {"kernel", 1}});
  const Value depthwise =
      builder.add("conv2d", {conv}, {{"out_channels", 0}, {"kernel", 3}, {"groups", 0}});
  CHECK(builder.channels(depthwise) == width);
  CHECK_THROWS_AS(builder.channels(builder.add("concat", {x, conv})), Error);

  // Squeeze-excite asks for them; the hidden width is elastic as well.
  builder.output("y", builder.add("squeeze_excite", {depthwise},
                                  {{"hidden_channels", ElasticValue::of(1, Vector{2, 3})}}));
  const Blueprint blueprint = builder.finish();
  const std::vector<std::uint16_t> choices{1, 1};
  const ArchGraph graph = resolve(blueprint, choices);
  CHECK(graph.type(graph.graph_outputs()[0].value).shape[0] == 12);
}

TEST_CASE("a misfit in one architecture of a blueprint names the node when it is resolved") {
  BlueprintBuilder builder;
  const Value x = builder.input(kImage);
  const Scope scope(builder, "net");
  builder.output("y", builder.add("conv2d", {x},
                                  {{"out_channels", 12},
                                   {"kernel", 1},
                                   {"groups", ElasticValue::of(0, Vector{4, 3})}}));
  const Blueprint blueprint = builder.finish();
  CHECK_NOTHROW(resolve(blueprint, std::vector<std::uint16_t>{0}));
  CHECK_THROWS_WITH_AS(resolve(blueprint, std::vector<std::uint16_t>{1}),
                       "conv2d 'net/conv2d': groups = 3 does not divide in_channels = 8", Error);
}

}  // namespace nas
