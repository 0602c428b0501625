#pragma once

// ArchGraph as a model of Boost.Graph's concepts VertexListGraph, BidirectionalGraph,
// AdjacencyGraph, AdjacencyMatrix and EdgeListGraph, so that Boost's algorithms run on the flat
// arrays without a copy. Costs about two seconds of compilation: for .cpp files only.
//
// A vertex is a NodeId, which is its index. An edge is one input port of a node: parallel edges
// (x + x) are two edges. All edges lead from smaller to larger vertices.

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <compare>
#include <cstdint>
#include <utility>

#include "core/ir/arch_graph.h"

namespace nas {

/// Input `in_port` of node `to` reads node `from`.
struct GraphEdge {
  NodeId from = 0, to = 0;
  std::uint32_t in_port = 0;
  friend auto operator<=>(const GraphEdge&, const GraphEdge&) = default;
};

/// The edges of one vertex in the order of `ArchGraph::inputs` or `ArchGraph::consumers`.
template <bool kIncoming>
class IncidentEdges : public boost::iterator_facade<IncidentEdges<kIncoming>, GraphEdge,
                                                    boost::random_access_traversal_tag, GraphEdge> {
 public:
  IncidentEdges() = default;
  IncidentEdges(const ArchGraph& graph, NodeId vertex, std::size_t place)
      : graph_(&graph), vertex_(vertex), place_(static_cast<std::ptrdiff_t>(place)) {}

 private:
  friend class boost::iterator_core_access;
  GraphEdge dereference() const {
    const auto place = static_cast<std::size_t>(place_);
    if constexpr (kIncoming) {
      return {graph_->inputs(vertex_)[place].node, vertex_, static_cast<std::uint32_t>(place)};
    } else {
      const Consumer& reader = graph_->consumers(vertex_)[place];
      return {vertex_, reader.node, reader.in_port};
    }
  }
  bool equal(const IncidentEdges& other) const { return place_ == other.place_; }
  void increment() { ++place_; }
  void decrement() { --place_; }
  void advance(std::ptrdiff_t n) { place_ += n; }
  std::ptrdiff_t distance_to(const IncidentEdges& other) const { return other.place_ - place_; }

  const ArchGraph* graph_ = nullptr;
  NodeId vertex_ = 0;
  std::ptrdiff_t place_ = 0;
};

/// All edges, by the node that they lead to.
class AllEdges
    : public boost::iterator_facade<AllEdges, GraphEdge, boost::forward_traversal_tag, GraphEdge> {
 public:
  AllEdges() = default;
  AllEdges(const ArchGraph& graph, NodeId vertex) : graph_(&graph), vertex_(vertex) {
    skip_sources();
  }

 private:
  friend class boost::iterator_core_access;
  GraphEdge dereference() const {
    return {graph_->inputs(vertex_)[in_port_].node, vertex_, in_port_};
  }
  bool equal(const AllEdges& other) const {
    return vertex_ == other.vertex_ && in_port_ == other.in_port_;
  }
  void increment() {
    ++in_port_;
    skip_sources();
  }
  /// To the next port that exists.
  void skip_sources() {
    while (vertex_ < graph_->size() && in_port_ == graph_->inputs(vertex_).size()) {
      ++vertex_;
      in_port_ = 0;
    }
  }

  const ArchGraph* graph_ = nullptr;
  NodeId vertex_ = 0;
  std::uint32_t in_port_ = 0;
};

/// The readers of a vertex, one for each edge.
class AdjacentVertices : public boost::iterator_facade<AdjacentVertices, NodeId,
                                                       boost::random_access_traversal_tag, NodeId> {
 public:
  AdjacentVertices() = default;
  explicit AdjacentVertices(const Consumer* reader) : reader_(reader) {}

 private:
  friend class boost::iterator_core_access;
  NodeId dereference() const { return reader_->node; }
  bool equal(const AdjacentVertices& other) const { return reader_ == other.reader_; }
  void increment() { ++reader_; }
  void decrement() { --reader_; }
  void advance(std::ptrdiff_t n) { reader_ += n; }
  std::ptrdiff_t distance_to(const AdjacentVertices& other) const {
    return other.reader_ - reader_;
  }

  const Consumer* reader_ = nullptr;
};

}  // namespace nas

template <>
struct boost::graph_traits<nas::ArchGraph> {
  using vertex_descriptor = nas::NodeId;
  using edge_descriptor = nas::GraphEdge;
  using directed_category = boost::bidirectional_tag;
  using edge_parallel_category = boost::allow_parallel_edge_tag;
  struct traversal_category : boost::bidirectional_graph_tag,
                              boost::adjacency_graph_tag,
                              boost::adjacency_matrix_tag,
                              boost::vertex_list_graph_tag,
                              boost::edge_list_graph_tag {};
  using vertex_iterator = boost::counting_iterator<nas::NodeId>;
  using edge_iterator = nas::AllEdges;
  using out_edge_iterator = nas::IncidentEdges<false>;
  using in_edge_iterator = nas::IncidentEdges<true>;
  using adjacency_iterator = nas::AdjacentVertices;
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;
  static nas::NodeId null_vertex() { return static_cast<nas::NodeId>(-1); }
};

// The functions that the concepts ask for; Boost finds them beside ArchGraph.
namespace nas {

using BoostGraph = boost::graph_traits<ArchGraph>;

inline NodeId source(const GraphEdge& edge, const ArchGraph&) {
  return edge.from;
}
inline NodeId target(const GraphEdge& edge, const ArchGraph&) {
  return edge.to;
}

inline std::size_t num_vertices(const ArchGraph& graph) {
  return graph.size();
}
inline std::pair<BoostGraph::vertex_iterator, BoostGraph::vertex_iterator> vertices(
    const ArchGraph& graph) {
  return {BoostGraph::vertex_iterator(0),
          BoostGraph::vertex_iterator(static_cast<NodeId>(graph.size()))};
}

inline std::size_t out_degree(NodeId vertex, const ArchGraph& graph) {
  return graph.consumers(vertex).size();
}
inline std::size_t in_degree(NodeId vertex, const ArchGraph& graph) {
  return graph.inputs(vertex).size();
}
inline std::size_t degree(NodeId vertex, const ArchGraph& graph) {
  return in_degree(vertex, graph) + out_degree(vertex, graph);
}
inline std::pair<IncidentEdges<false>, IncidentEdges<false>> out_edges(NodeId vertex,
                                                                       const ArchGraph& graph) {
  return {{graph, vertex, 0}, {graph, vertex, out_degree(vertex, graph)}};
}
inline std::pair<IncidentEdges<true>, IncidentEdges<true>> in_edges(NodeId vertex,
                                                                    const ArchGraph& graph) {
  return {{graph, vertex, 0}, {graph, vertex, in_degree(vertex, graph)}};
}
inline std::pair<AdjacentVertices, AdjacentVertices> adjacent_vertices(NodeId vertex,
                                                                       const ArchGraph& graph) {
  const std::span<const Consumer> readers = graph.consumers(vertex);
  return {AdjacentVertices(readers.data()), AdjacentVertices(readers.data() + readers.size())};
}

/// The first edge between two vertices, if there is one. Takes a walk over the inputs of `to`.
inline std::pair<GraphEdge, bool> edge(NodeId from, NodeId to, const ArchGraph& graph) {
  const std::span<const PortRef> inputs = graph.inputs(to);
  for (std::uint32_t port = 0; port < inputs.size(); ++port) {
    if (inputs[port].node == from) return {{from, to, port}, true};
  }
  return {{}, false};
}

/// Takes a walk over the nodes.
inline std::size_t num_edges(const ArchGraph& graph) {
  std::size_t count = 0;
  for (NodeId node = 0; node < graph.size(); ++node) count += graph.inputs(node).size();
  return count;
}
inline std::pair<AllEdges, AllEdges> edges(const ArchGraph& graph) {
  return {{graph, 0}, {graph, static_cast<NodeId>(graph.size())}};
}

/// Numbers edges in the order of `edges`: the inputs of all nodes are one array.
class EdgeIndex {
 public:
  using value_type = std::size_t;
  using reference = std::size_t;
  using key_type = GraphEdge;
  using category = boost::readable_property_map_tag;
  EdgeIndex() = default;
  explicit EdgeIndex(const ArchGraph& graph) : graph_(&graph) {}
  friend std::size_t get(const EdgeIndex& map, const GraphEdge& edge) {
    const PortRef* first = map.graph_->inputs(0).data();
    return static_cast<std::size_t>(map.graph_->inputs(edge.to).data() - first) + edge.in_port;
  }

 private:
  const ArchGraph* graph_ = nullptr;
};

inline boost::typed_identity_property_map<NodeId> get(boost::vertex_index_t, const ArchGraph&) {
  return {};
}
inline NodeId get(boost::vertex_index_t, const ArchGraph&, NodeId vertex) {
  return vertex;
}
inline EdgeIndex get(boost::edge_index_t, const ArchGraph& graph) {
  return EdgeIndex(graph);
}
inline std::size_t get(boost::edge_index_t, const ArchGraph& graph, const GraphEdge& edge) {
  return get(EdgeIndex(graph), edge);
}

}  // namespace nas

template <>
struct boost::property_map<nas::ArchGraph, boost::vertex_index_t> {
  using type = boost::typed_identity_property_map<nas::NodeId>;
  using const_type = type;
};
template <>
struct boost::property_map<nas::ArchGraph, boost::edge_index_t> {
  using type = nas::EdgeIndex;
  using const_type = type;
};
