#include "core/ir/arch_graph.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/util/rng.h"

namespace nas {
namespace {

const TensorType kImage{Element::kFloat, {8, 16, 16}};

/// A random network of convolutions, pools, activations and sums in a few nested scopes.
ArchGraph random_graph(Rng& rng, std::size_t nodes) {
  ArchBuilder builder;
  std::vector<Value> values{builder.input(kImage)};
  const auto any = [&] { return values[rng.below(values.size())]; };
  std::size_t depth = 0;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (rng.bernoulli(0.2)) {
      builder.push_scope("s" + std::to_string(rng.below(3)));
      ++depth;
    } else if (depth > 0 && rng.bernoulli(0.2)) {
      builder.pop_scope();
      --depth;
    }
    switch (rng.below(4)) {
      case 0:
        values.push_back(
            builder.add("conv2d", {any()}, {{"out_channels", 8}, {"kernel", 3}, {"padding", 1}}));
        break;
      case 1:
        values.push_back(builder.add("relu", {any()}));
        break;
      case 2:
        values.push_back(builder.add("max_pool", {any()}, {{"kernel", 3}, {"padding", 1}}));
        break;
      default: {
        std::vector<Value> terms(1 + rng.below(6));
        std::ranges::generate(terms, any);
        values.push_back(builder.add("add", terms));
      }
    }
  }
  builder.output("y", values.back());
  return builder.finish();
}

Rng test_rng(std::uint64_t trial) {
  return Rng({.seed = 1, .trial = trial});
}

}  // namespace

TEST_CASE("the empty graph has no node, is equal to itself and passes the check") {
  const ArchGraph graph;
  CHECK(graph.empty());
  CHECK(graph.graph_outputs().empty());
  CHECK(graph.graph_inputs().empty());
  CHECK(graph == ArchGraph());
  CHECK_NOTHROW(graph.check());
}

TEST_CASE("consumers are the inputs seen from the other side, ascending") {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    Rng rng = test_rng(trial);
    const ArchGraph graph = random_graph(rng, 60);
    CHECK_NOTHROW(graph.check());
    using Edge = std::tuple<NodeId, std::uint32_t, NodeId, std::uint32_t>;
    std::vector<Edge> from_inputs;
    std::vector<Edge> from_consumers;
    for (NodeId node = 0; node < graph.size(); ++node) {
      std::uint32_t port = 0;
      for (const PortRef& value : graph.inputs(node)) {
        from_inputs.emplace_back(value.node, value.port, node, port++);
      }
      const auto readers = graph.consumers(node);
      CHECK(std::ranges::is_sorted(readers, {}, [](const Consumer& reader) {
        return std::pair(reader.node, reader.in_port);
      }));
      for (const Consumer& reader : readers) {
        from_consumers.emplace_back(node, reader.out_port, reader.node, reader.in_port);
      }
    }
    std::ranges::sort(from_inputs);
    std::ranges::sort(from_consumers);
    CHECK(from_inputs == from_consumers);
  }
}

TEST_CASE("paths are unique, and count equal operations of a scope in order") {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    Rng rng = test_rng(trial);
    const ArchGraph graph = random_graph(rng, 200);
    std::set<std::string> seen;
    for (NodeId node = 0; node < graph.size(); ++node) {
      std::size_t earlier = 0;
      for (NodeId other = 0; other < node; ++other) {
        earlier += &graph.op(other) == &graph.op(node) && graph.scope(other) == graph.scope(node);
      }
      const std::string scope(graph.scope(node));
      const std::string expected = scope + (scope.empty() ? "" : "/") +
                                   std::string(graph.op(node).name) +
                                   (earlier == 0 ? "" : ":" + std::to_string(earlier));
      CHECK(graph.path(node) == expected);
      CHECK(seen.insert(graph.path(node)).second);
    }
  }
}

TEST_CASE("equality sees operations, attributes, edges, scopes and output names") {
  struct Variant {
    std::string op = "max_pool";
    int kernel = 3;
    bool swap = false;
    std::string scope = "s";
    std::string output = "y";
  };
  const auto build = [](const Variant& v) {
    ArchBuilder builder;
    const Value a = builder.input(kImage);
    const Value b = builder.add("relu", {a});
    const Scope scope(builder, v.scope);
    const Value pool = builder.add(v.op, {a}, {{"kernel", v.kernel}, {"padding", v.kernel / 2}});
    builder.output(v.output,
                   v.swap ? builder.add("add", {pool, b}) : builder.add("add", {b, pool}));
    return builder.finish();
  };
  const ArchGraph base = build({});
  CHECK(base == build({}));
  CHECK(base != build({.op = "avg_pool"}));
  CHECK(base != build({.kernel = 5}));
  CHECK(base != build({.swap = true}));
  CHECK(base != build({.scope = "t"}));
  CHECK(base != build({.output = "z"}));
  CHECK(base != ArchGraph());
}

TEST_CASE("attributes are read by name, and a wrong name is answered with the near miss") {
  ArchBuilder builder;
  const Value x = builder.add("batch_norm", {builder.input(kImage)}, {{"eps", 1e-3}});
  builder.output("y", x);
  const ArchGraph graph = builder.finish();
  CHECK(graph.get_real(1, "eps") == 1e-3);
  CHECK(graph.get_bool(1, "affine"));
  CHECK_THROWS_WITH_AS(graph.get_real(1, "momentun"), doctest::Contains("did you mean 'momentum'"),
                       Error);
  CHECK_THROWS_WITH_AS(graph.get_int(0, "kernel"), doctest::Contains("has no attributes"), Error);
}

TEST_CASE("copies share data and outlive the original") {
  ArchGraph copy;
  {
    Rng rng = test_rng(3);
    const ArchGraph graph = random_graph(rng, 10);
    copy = graph;
    CHECK(copy == graph);
    CHECK(copy.inputs(1).data() == graph.inputs(1).data());
  }
  CHECK(copy.size() == 11);
  CHECK_NOTHROW(copy.check());
}

TEST_CASE("tensor types are written and read back") {
  for (const TensorType& type :
       {TensorType{Element::kFloat, {3, 32, 32}}, TensorType{Element::kIndex, {16}},
        TensorType{Element::kQubit, {}}, TensorType{Element::kInt8, {4, 2}},
        TensorType{Element::kFloat, {1, 2, 3, 4}}}) {
    CHECK(parse_tensor_type(to_string(type)) == type);
  }
  CHECK(to_string(TensorType{Element::kFloat, {3, 32, 32}}) == "float[3,32,32]");
  for (const char* text : {"", "float", "float[", "float[]x", "float[3,]", "float[0]", "float[-1]",
                           "real[3]", "float[1,2,3,4,5]", "float[99999999999999999999]", "[3]"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_tensor_type(text), Error);
  }
}

}  // namespace nas
