#include "core/ir/boost_graph.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/concept/assert.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/dag_shortest_paths.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <boost/graph/topological_sort.hpp>
#include <set>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/reachability.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {

// Boost's own statement of what each concept asks for: fails to compile where something is missing.
BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<ArchGraph>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<ArchGraph>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyGraphConcept<ArchGraph>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyMatrixConcept<ArchGraph>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<ArchGraph>));
BOOST_CONCEPT_ASSERT(
    (boost::ReadablePropertyGraphConcept<ArchGraph, NodeId, boost::vertex_index_t>));
BOOST_CONCEPT_ASSERT(
    (boost::ReadablePropertyGraphConcept<ArchGraph, GraphEdge, boost::edge_index_t>));

namespace {

template <class Iterator>
std::vector<GraphEdge> listed(const std::pair<Iterator, Iterator>& range) {
  return {range.first, range.second};
}

std::vector<GraphEdge> sorted(std::vector<GraphEdge> edges) {
  std::ranges::sort(edges);
  return edges;
}

}  // namespace

TEST_CASE("boost graph: every input port is one edge, seen from both ends and in the list") {
  Rng rng({.seed = 41});
  for (int i = 0; i < 50; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(40));
    std::vector<GraphEdge> ports, outgoing, incoming;
    for (NodeId node = 0; node < graph.size(); ++node) {
      const std::span<const PortRef> inputs = graph.inputs(node);
      for (std::uint32_t port = 0; port < inputs.size(); ++port) {
        ports.push_back({inputs[port].node, node, port});
      }
      std::ranges::copy(listed(out_edges(node, graph)), std::back_inserter(outgoing));
      std::ranges::copy(listed(in_edges(node, graph)), std::back_inserter(incoming));
      CHECK(degree(node, graph) == in_degree(node, graph) + out_degree(node, graph));
      const auto [first, last] = adjacent_vertices(node, graph);
      CHECK(static_cast<std::size_t>(last - first) == out_degree(node, graph));
    }
    const std::vector<GraphEdge> all = listed(edges(graph));
    CHECK(all == ports);
    CHECK(incoming == ports);
    CHECK(sorted(outgoing) == sorted(ports));
    CHECK(num_edges(graph) == ports.size());
    for (std::size_t k = 0; k < all.size(); ++k) CHECK(get(boost::edge_index, graph, all[k]) == k);
  }
  const ArchGraph doubled =
      parse_graph("searchlight-graph 1\n%x = input() : float[2]\n%y = add(%x, %x)\nreturn y=%y\n");
  CHECK(listed(out_edges(NodeId{0}, doubled)) ==
        std::vector<GraphEdge>{{.from = 0, .to = 1, .in_port = 0}, {0, 1, 1}});
  CHECK(num_edges(ArchGraph()) == 0);
  CHECK(edges(ArchGraph()).first == edges(ArchGraph()).second);
}

TEST_CASE("boost graph: a topological sort by Boost is an order of ours") {
  Rng rng({.seed = 43});
  for (int i = 0; i < 20; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(60));
    std::vector<NodeId> order;
    boost::topological_sort(graph, std::back_inserter(order));
    std::ranges::reverse(order);
    std::vector<std::size_t> place(graph.size());
    for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = k;
    for (const GraphEdge& edge : listed(edges(graph))) CHECK(place[edge.from] < place[edge.to]);
    CHECK(std::set<NodeId>(order.begin(), order.end()).size() == graph.size());
  }
}

TEST_CASE("reachability: needed nodes are those that Boost finds from the outputs back") {
  Rng rng({.seed = 47});
  for (int i = 0; i < 50; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(60));
    const auto backwards = boost::make_reverse_graph(graph);
    std::vector<bool> expected(graph.size(), false);
    for (const GraphOutput& output : graph.graph_outputs()) {
      std::vector<int> distance(graph.size(), -1);
      distance[output.value.node] = 0;
      boost::breadth_first_search(backwards, output.value.node,
                                  boost::vertex_index_map(get(boost::vertex_index, graph))
                                      .visitor(boost::make_bfs_visitor(boost::record_distances(
                                          boost::make_iterator_property_map(
                                              distance.begin(), get(boost::vertex_index, graph)),
                                          boost::on_tree_edge()))));
      for (NodeId node = 0; node < graph.size(); ++node) {
        if (distance[node] >= 0) expected[node] = true;
      }
    }
    CHECK(needed_nodes(graph) == expected);
  }
}

TEST_CASE("reachability: without a node on all paths, the input is cut off") {
  Rng rng({.seed = 53});
  int bridges = 0;
  for (int i = 0; i < 100; ++i) {
    ArchBuilder builder;
    std::vector<Value> values{builder.input({Element::kFloat, {2, 4, 4}})};
    const std::size_t size = 3 + rng.below(40);
    // Readers look a few nodes back, so that paths meet now and then.
    const auto recent = [&] {
      return values[values.size() - 1 - rng.below(std::min<std::size_t>(values.size(), 3))];
    };
    while (values.size() < size) {
      const Value x = recent(), y = recent();
      values.push_back(rng.bernoulli(0.5) ? builder.add("relu", {x}) : builder.add("add", {x, y}));
    }
    builder.output("out", values.back());
    const ArchGraph graph = builder.finish();
    const auto end = static_cast<NodeId>(graph.size() - 1);
    std::vector<NodeId> expected;
    for (NodeId without = 0; without < graph.size(); ++without) {
      std::vector<bool> reached(graph.size(), false);
      reached[0] = without != 0;
      for (NodeId node = 1; node < graph.size(); ++node) {
        for (const PortRef& input : graph.inputs(node)) {
          if (node != without && reached[input.node]) reached[node] = true;
        }
      }
      if (!reached[end]) expected.push_back(without);
    }
    const std::vector<NodeId> found = nodes_on_all_paths(graph, end);
    CHECK(found == expected);
    bridges += found.size() > 2 ? 1 : 0;
  }
  CHECK(bridges > 50);
}

}  // namespace nas
