#include "predictors/transfer/live_structure.h"

#include <algorithm>
#include <map>

#include "core/ir/reachability.h"
#include "core/ir/same/reduction.h"

namespace nas {
namespace {

/// Terms that several vertices read as one sum are added once.
double additions_of(const Reads& reads, const std::vector<bool>& live) {
  std::map<std::vector<std::uint32_t>, bool> sums;
  for (std::size_t vertex = 0; vertex < reads.size(); ++vertex) {
    if (live[vertex] && reads[vertex].size() > 1) sums.emplace(reads[vertex], true);
  }
  double additions = 0;
  for (const auto& [terms, unused] : sums) {
    const auto count = std::count_if(terms.begin(), terms.end(),
                                     [&live](std::uint32_t term) { return live[term]; });
    additions += static_cast<double>(std::max<std::ptrdiff_t>(count - 1, 0));
  }
  return additions;
}

}  // namespace

Reads reads_of(const OpDag& dag) {
  Reads reads(dag.vertices.size());
  for (const auto& [from, to] : dag.edges) reads[to].push_back(from);
  return reads;
}

OpDag dag_of(const CellGraph& cell, std::span<const std::string> operations) {
  OpDag dag;
  dag.operations = operations.size();
  for (std::size_t i = 0; i < cell.operations.size(); ++i) {
    const std::string& name = operations[cell.operations[i]];
    const bool end = i == 0 || i + 1 == cell.operations.size();
    dag.vertices.push_back({.operation = cell.operations[i],
                            .nothing = passes_nothing(name),
                            .identity = end || passes_input(name),
                            .source = i == 0,
                            .sink = i + 1 == cell.operations.size()});
  }
  for (const auto& [from, to] : cell.edges) dag.edges.emplace_back(from, to);
  return dag;
}

OpDag dag_of(const ArchGraph& graph) {
  const Reduction reduction = reduce(graph);
  OpDag dag;
  dag.operations = static_cast<std::size_t>(OpRole::kOtherWeights) + 1;
  dag.vertices.resize(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    const Reduction::Node& reduced = reduction.nodes[node];
    OpDag::Vertex& vertex = dag.vertices[node];
    const bool replaced = reduced.value.is_zeros() || reduced.value.node != node;
    vertex.operation = static_cast<std::size_t>(graph.op(node).role);
    vertex.source = graph.op(node).role == OpRole::kInput;
    vertex.nothing = replaced || !reduced.live;
    vertex.identity = vertex.source;
    if (vertex.nothing) continue;
    vertex.macs = static_cast<double>(graph.cost(node).macs);
    for (const ReducedValue& input : reduction.inputs_of(reduced)) {
      if (!input.is_zeros()) dag.edges.emplace_back(input.node, node);
    }
  }
  for (const ReducedValue& output : reduction.outputs) {
    if (!output.is_zeros()) dag.vertices[output.node].sink = true;
  }
  return dag;
}

std::vector<bool> live_vertices(const OpDag& dag, Pruning pruning) {
  const Reads reads = reads_of(dag);
  std::vector<bool> live(dag.vertices.size());
  for (std::size_t i = 0; i < live.size(); ++i) live[i] = dag.vertices[i].sink;
  mark_needed(live, [&](std::size_t vertex) {
    return dag.vertices[vertex].nothing ? std::span<const std::uint32_t>() : reads[vertex];
  });
  std::vector<bool> reached(live.size());
  for (std::size_t i = 0; i < live.size(); ++i) {
    const OpDag::Vertex& vertex = dag.vertices[i];
    const auto from_input = [&reached](std::uint32_t source) { return reached[source]; };
    reached[i] = !vertex.nothing &&
                 (vertex.source || std::any_of(reads[i].begin(), reads[i].end(), from_input));
    live[i] = live[i] && !vertex.nothing && (pruning == Pruning::kUnneeded || reached[i]);
  }
  return live;
}

LiveStructure live_structure(const OpDag& dag, Pruning pruning) {
  const std::vector<bool> live = live_vertices(dag, pruning);
  const Reads reads = reads_of(dag);
  const std::size_t size = dag.vertices.size();
  LiveStructure result;
  result.counts.assign(dag.operations, 0.0);
  result.additions = additions_of(reads, live);
  std::vector<double> depth(size), macs(size), paths(size);
  for (std::size_t i = 0; i < size; ++i) {
    const OpDag::Vertex& vertex = dag.vertices[i];
    if (!live[i]) continue;
    for (const std::uint32_t source : reads[i]) {
      if (!live[source]) continue;
      depth[i] = std::max(depth[i], depth[source]);
      macs[i] = std::max(macs[i], macs[source]);
      paths[i] += paths[source];
    }
    depth[i] += vertex.identity ? 0 : 1;
    macs[i] += vertex.macs;
    if (vertex.source) paths[i] = 1;
    if (!vertex.source && !vertex.sink) result.counts[vertex.operation] += 1;
    if (vertex.sink && !vertex.identity) result.counts[vertex.operation] += 1;
    result.work += vertex.identity ? 0 : 1;
    if (!vertex.sink) continue;
    result.valid = result.valid || paths[i] > 0;
    result.depth = std::max(result.depth, depth[i]);
    result.critical_macs = std::max(result.critical_macs, macs[i]);
    result.paths += paths[i];
  }
  if (result.depth > 0) result.parallelism = result.work / result.depth;
  return result;
}

}  // namespace nas
