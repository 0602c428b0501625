#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/graph/vf2_sub_graph_iso.hpp>
#include <numeric>

#include "core/ir/arch_builder.h"
#include "core/ir/boost_graph.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

std::vector<PortRef> mapped(std::span<const PortRef> values, std::span<const NodeId> image) {
  std::vector<PortRef> result(values.begin(), values.end());
  if (!image.empty()) {
    for (PortRef& value : result) value.node = image[value.node];
  }
  return result;
}

bool is_isomorphism(const ArchGraph& a, const ArchGraph& b, std::span<const NodeId> image) {
  for (NodeId id = 0; id < a.size(); ++id) {
    const NodeId other = image[id];
    if (&a.op(id) != &b.op(other) || !std::ranges::equal(a.attrs(id), b.attrs(other))) return false;
    std::vector<PortRef> inputs = mapped(a.inputs(id), image),
                         expected = mapped(b.inputs(other), {});
    if (a.op(id).commutative) {
      std::sort(inputs.begin(), inputs.end());
      std::sort(expected.begin(), expected.end());
    }
    if (inputs != expected) return false;
  }
  for (std::size_t i = 0; i < a.graph_inputs().size(); ++i) {
    if (image[a.graph_inputs()[i]] != b.graph_inputs()[i]) return false;
  }
  for (std::size_t i = 0; i < a.graph_outputs().size(); ++i) {
    const GraphOutput &x = a.graph_outputs()[i], &y = b.graph_outputs()[i];
    if (x.name != y.name || image[x.value.node] != y.value.node) return false;
  }
  return true;
}

/// All numberings, one after the other.
bool isomorphic_by_force(const ArchGraph& a, const ArchGraph& b) {
  if (a.size() != b.size()) return false;
  std::vector<NodeId> image(a.size());
  std::iota(image.begin(), image.end(), 0U);
  do {
    if (is_isomorphism(a, b, image)) return true;
  } while (std::next_permutation(image.begin(), image.end()));
  return false;
}

/// Boost's VF2 on the same two graphs: another algorithm for what `isomorphic` promises. VF2 looks
/// at one pair of edges at a time, so a commutative operation's inputs have no port there.
bool isomorphic_by_vf2(const ArchGraph& a, const ArchGraph& b) {
  const auto same_place = [&](std::span<const NodeId> x, std::span<const NodeId> y, NodeId u,
                              NodeId v) {
    return std::ranges::find(x, u) - x.begin() == std::ranges::find(y, v) - y.begin();
  };
  const auto names_of = [](const ArchGraph& graph, NodeId node) {
    std::vector<std::pair<std::size_t, std::string>> names;
    const std::span<const GraphOutput> outputs = graph.graph_outputs();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].value.node == node) names.emplace_back(i, outputs[i].name);
    }
    return names;
  };
  const auto same_node = [&](NodeId u, NodeId v) {
    return &a.op(u) == &b.op(v) && std::ranges::equal(a.attrs(u), b.attrs(v)) &&
           std::ranges::equal(a.output_types(u), b.output_types(v)) &&
           same_place(a.graph_inputs(), b.graph_inputs(), u, v) && names_of(a, u) == names_of(b, v);
  };
  const auto same_edge = [&](const GraphEdge& x, const GraphEdge& y) {
    return a.op(x.to).commutative || x.in_port == y.in_port;
  };
  const auto stop_at_first = [](const auto&, const auto&) { return false; };
  return a.size() == b.size() && num_edges(a) == num_edges(b) &&
         boost::vf2_graph_iso(a, b, stop_at_first, boost::vertex_order_by_mult(a),
                              boost::edges_equivalent(same_edge).vertices_equivalent(same_node));
}

/// The same graph with one input port that reads another value of its type; now and then no other.
ArchGraph rewired(const ArchGraph& graph, Rng& rng) {
  const auto changed = static_cast<NodeId>(rng.below(graph.size()));
  ArchBuilder builder;
  for (NodeId id = 0; id < graph.size(); ++id) {
    std::vector<Value> inputs;
    for (const PortRef& input : graph.inputs(id)) inputs.push_back({input.node, input.port});
    if (id == changed && !inputs.empty()) {
      Value& port = inputs[rng.below(inputs.size())];
      const Value other{static_cast<std::uint32_t>(rng.below(id)), 0};
      if (builder.type(other) == builder.type(port)) port = other;
    }
    if (inputs.empty()) {
      builder.input(graph.output_types(id)[0]);
    } else {
      builder.add_in_scope(graph.op(id), inputs, graph.attrs(id), graph.scope(id));
    }
  }
  for (const GraphOutput& output : graph.graph_outputs()) {
    builder.output(output.name, {output.value.node, output.value.port});
  }
  return builder.finish();
}

/// Three operations of two kinds: small enough for brute force and alike enough to coincide often.
ArchGraph similar_graph(Rng& rng) {
  ArchBuilder builder;
  std::vector<Value> values{builder.input({Element::kFloat, {2, 4, 4}})};
  for (int i = 0; i < 3; ++i) {
    const Value x = values[rng.below(values.size())], y = values[rng.below(values.size())];
    values.push_back(rng.bernoulli(0.5) ? builder.add("relu", {x}) : builder.add("add", {x, y}));
  }
  builder.output("out", values.back());
  return builder.finish();
}

/// Convolutions 0..5 of the input and, for each pair, their sum; all sums added up.
ArchGraph pair_sums(std::span<const std::pair<std::size_t, std::size_t>> pairs) {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {2, 4, 4}});
  std::vector<Value> parts, sums;
  for (int i = 0; i < 6; ++i) {
    parts.push_back(builder.add("conv2d", {x}, {{"out_channels", 2}, {"kernel", 1}}));
  }
  for (const auto& [i, k] : pairs) sums.push_back(builder.add("add", {parts[i], parts[k]}));
  builder.output("out", builder.add("add", sums));
  return builder.finish();
}

TEST_CASE("isomorphism: agrees with trying all permutations on small graphs") {
  Rng rng({.seed = 23});
  int yes = 0, no = 0;
  for (int i = 0; i < 1000; ++i) {
    const ArchGraph a = similar_graph(rng), b = similar_graph(rng);
    const bool expected = isomorphic_by_force(a, b);
    CHECK(isomorphic(a, b) == expected);
    (expected ? yes : no) += 1;
  }
  CHECK(yes >= 10);
  CHECK(no >= 300);
}

TEST_CASE("isomorphism: agrees with VF2 on graphs too large for permutations") {
  Rng rng({.seed = 31});
  int yes = 0, no = 0;
  for (int i = 0; i < 300; ++i) {
    const ArchGraph a = test::random_graph(rng, 2 + rng.below(20));
    const ArchGraph b = i % 2 == 0 ? test::renumbered(a, rng) : rewired(a, rng);
    const bool expected = isomorphic_by_vf2(a, b);
    CHECK(isomorphic(a, b) == expected);
    (expected ? yes : no) += 1;
  }
  CHECK(yes >= 150);
  CHECK(no >= 80);
}

TEST_CASE("isomorphism: renumbered graphs are isomorphic") {
  Rng rng({.seed = 29});
  for (int i = 0; i < 100; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(60));
    CHECK(isomorphic(graph, test::renumbered(graph, rng)));
  }
  const ArchGraph network = test::nb201_network(std::array{3, 4, 2, 1, 3, 3}, 5);
  CHECK(isomorphic(network, test::renumbered(network, rng)));
}

TEST_CASE("isomorphism: one changed attribute, edge, port or output is seen") {
  const std::string text(test::kCellText);
  const ArchGraph graph = parse_graph(text);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    REQUIRE(other.find(from) != std::string::npos);
    return parse_graph(other.replace(other.find(from), from.size(), to));
  };
  CHECK(isomorphic(graph, changed("add(%z, %s12)", "add(%s12, %z)")));
  CHECK(isomorphic(graph, changed("@cell/edge_0_1", "@elsewhere")));
  CHECK_FALSE(isomorphic(graph, changed("kernel=3, padding=1} @cell/edge_1_3",
                                        "kernel=3, padding=1, count_include_pad=true}")));
  CHECK_FALSE(isomorphic(graph, changed("zero(%in)", "zero(%b1)")));
  CHECK_FALSE(isomorphic(graph, changed("tanh(%n2)", "tanh(%n3)")));
  CHECK_FALSE(isomorphic(graph, changed("logits=%fc", "logits=%spare")));
  CHECK_FALSE(isomorphic(graph, changed("logits=%fc", "scores=%fc")));
  CHECK_FALSE(isomorphic(graph, changed("return logits", "return copy=%fc, logits")));
}

TEST_CASE("isomorphism: graphs that colour refinement cannot tell apart are told apart") {
  // Each convolution is read by two sums: one ring of six against two rings of three.
  using Pairs = std::array<std::pair<std::size_t, std::size_t>, 6>;
  const ArchGraph ring = pair_sums(Pairs{{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 0}}});
  const ArchGraph other = pair_sums(Pairs{{{0, 2}, {2, 4}, {4, 1}, {1, 3}, {3, 5}, {5, 0}}});
  const ArchGraph rings = pair_sums(Pairs{{{0, 1}, {1, 2}, {2, 0}, {3, 4}, {4, 5}, {5, 3}}});
  const ArchGraph mixed = pair_sums(Pairs{{{0, 3}, {1, 5}, {3, 4}, {5, 2}, {4, 0}, {2, 1}}});
  REQUIRE(digest(ring) == digest(rings));  // the limit of digests that the header states
  CHECK(isomorphic(ring, other));
  CHECK_FALSE(isomorphic(ring, rings));
  CHECK(isomorphic(rings, mixed));
  CHECK_FALSE(isomorphic(mixed, other));
}

TEST_CASE("isomorphism: many interchangeable branches are matched at once") {
  const auto branches = [](int first, int count) {
    ArchBuilder builder;
    const Value x = builder.input({Element::kFloat, {2, 4, 4}});
    std::vector<Value> inner, terms;
    for (int i = 0; i < count; ++i) {
      inner.push_back(builder.add("conv2d", {x}, {{"out_channels", 2}, {"kernel", 1}}));
    }
    for (int i = 0; i < count; ++i) {
      // A rotation, so that pairing by position is wrong for the second rank.
      terms.push_back(builder.add("relu", {inner[static_cast<std::size_t>((i + first) % count)]}));
    }
    builder.output("out", builder.add("add", terms));
    return builder.finish();
  };
  CHECK(isomorphic(branches(0, 500), branches(123, 500)));
  CHECK_FALSE(isomorphic(branches(0, 500), branches(0, 499)));
}

TEST_CASE("isomorphism: chains of 100,000 nodes") {
  const ArchGraph chain = test::chain(100'000, "relu");
  CHECK(isomorphic(chain, test::chain(100'000, "relu")));
  CHECK_FALSE(isomorphic(chain, test::chain(100'000, "tanh")));
}

TEST_CASE("isomorphism: empty graphs") {
  CHECK(isomorphic(ArchGraph(), ArchGraph()));
  CHECK_FALSE(isomorphic(ArchGraph(), test::chain(1, "relu")));
}

}  // namespace
}  // namespace nas
