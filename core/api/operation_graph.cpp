#include "core/api/operation_graph.h"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/api/cell_graph.h"
#include "core/ir/cost.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::uint16_t kStart = 0, kEnd = 1, kFirstOperation = 2;
constexpr std::string_view kGatePrefix = "gate_";

/// Numbers operations in the order in which they are met; sorted by name at the end.
class Vocabulary {
 public:
  std::uint16_t number(const OpSchema& op) {
    for (std::size_t i = 0; i < met_.size(); ++i) {
      if (met_[i] == &op) return static_cast<std::uint16_t>(i + kFirstOperation);
    }
    met_.push_back(&op);
    return static_cast<std::uint16_t>(met_.size() - 1 + kFirstOperation);
  }

  /// Names by their final number, and the graphs renumbered.
  std::vector<std::string> settle(std::vector<OperationGraph>& graphs) const {
    std::map<std::string, std::size_t> sorted;
    for (std::size_t i = 0; i < met_.size(); ++i) {
      std::string_view name = met_[i]->name;
      if (name.starts_with(kGatePrefix)) name.remove_prefix(kGatePrefix.size());
      sorted.emplace(name, i);
    }
    std::vector<std::string> names{"start", "end"};
    std::vector<std::uint16_t> number(met_.size());
    for (const auto& [name, i] : sorted) {
      number[i] = static_cast<std::uint16_t>(names.size());
      names.push_back(name);
    }
    for (OperationGraph& graph : graphs) {
      for (std::uint16_t& operation : graph.operations) {
        if (operation >= kFirstOperation) operation = number[operation - kFirstOperation];
      }
    }
    return names;
  }

 private:
  std::vector<const OpSchema*> met_;
};

OperationGraph gates_of(const ArchGraph& graph, Vocabulary& vocabulary) {
  OperationGraph result;
  std::vector<std::uint16_t> vertex(graph.size(), 0);
  std::vector<std::vector<int>> wire_of(graph.size());  // by output port
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint16_t> edges;
  result.operations.push_back(kStart);
  int wires = 0;
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.inputs(node).empty()) {
      wire_of[node] = {wires++};
      continue;
    }
    vertex[node] = static_cast<std::uint16_t>(result.operations.size());
    result.operations.push_back(vocabulary.number(graph.op(node)));
    std::uint64_t mask = 0;
    for (const PortRef& wire : graph.inputs(node)) {
      const int number = wire_of[wire.node][wire.port];
      wire_of[node].push_back(number);
      mask |= std::uint64_t{1} << number;
      ++edges[{vertex[wire.node], vertex[node]}];
    }
    result.wires.push_back(mask);
  }
  const auto end = static_cast<std::uint16_t>(result.operations.size());
  result.operations.push_back(kEnd);
  for (const GraphOutput& output : graph.graph_outputs()) {
    const std::uint16_t last = vertex[output.value.node];
    if (last != 0) ++edges[{last, end}];
  }
  const std::uint64_t all = (std::uint64_t{1} << wires) - 1;
  result.wires.insert(result.wires.begin(), all);
  result.wires.push_back(all);
  for (const auto& [ends, count] : edges) {
    result.edges.push_back({ends.first, ends.second, count});
  }
  return result;
}

/// The last vertex of a cell is its output, which has the number 1.
OperationGraph cell_of(const SearchSpace& space, const Architecture& architecture) {
  CellGraph cell = cell_graph_of(space, architecture);
  OperationGraph result;
  result.operations = std::move(cell.operations);
  std::sort(cell.edges.begin(), cell.edges.end());
  for (const auto& [from, to] : cell.edges) result.edges.push_back({from, to, 1});
  return result;
}

std::vector<std::string> cell_names(const SearchSpace& space) {
  std::vector<std::string> names{"start", "end"};
  if (const auto* cells = dynamic_cast<const CellGraphs*>(&space)) {
    const std::vector<std::string> own = cells->cell_operations();
    names.insert(names.end(), own.begin() + kFirstOperation, own.end());
    return names;
  }
  for (const Decision& decision : space.decisions()) {
    for (const std::string& choice : decision.choices) {
      names.push_back(decision.name + "=" + choice);
    }
  }
  return names;
}

// A column is numbered by what it counts: an operation, an operation on a wire, a pair.
enum class Counted : std::uint64_t { kOperation = 0, kOnWire = 1, kPair = 2 };

std::uint64_t column_key(Counted counted, std::uint64_t a, std::uint64_t b) {
  constexpr int kBits = 20;
  return static_cast<std::uint64_t>(counted) << (2 * kBits) | a << kBits | b;
}

template <class Count>
void count_structure(const OperationGraph& graph, const StructureParts& parts, Count count) {
  for (std::size_t i = 1; parts.counts && i + 1 < graph.operations.size(); ++i) {
    count(column_key(Counted::kOperation, graph.operations[i], 0), 1.0F);
    if (graph.wires.empty()) continue;
    for (std::uint64_t left = graph.wires[i]; left != 0; left &= left - 1) {
      const auto wire = static_cast<std::uint64_t>(std::countr_zero(left));
      count(column_key(Counted::kOnWire, graph.operations[i], wire), 1.0F);
    }
  }
  if (!parts.pairs) return;
  for (const OperationGraph::Edge& edge : graph.edges) {
    count(column_key(Counted::kPair, graph.operations[edge.from], graph.operations[edge.to]),
          static_cast<float>(edge.wires));
  }
}

std::string column_name(const OperationGraphs& graphs, std::uint64_t key) {
  constexpr std::uint64_t kMask = (1U << 20) - 1;
  const std::string& a = graphs.vocabulary[(key >> 20) & kMask];
  const std::uint64_t b = key & kMask;
  switch (static_cast<Counted>(key >> 40)) {
    case Counted::kOperation:
      return a;
    case Counted::kOnWire:
      return a + " on wire " + std::to_string(b);
    case Counted::kPair:
      break;
  }
  return a + ", " + graphs.vocabulary[b];
}

}  // namespace

OperationGraphs operation_graphs(const SearchSpace& space,
                                 std::span<const Architecture> architectures) {
  OperationGraphs result;
  const Task& task = space.info().default_task;
  result.wires = task.qubits;
  result.graphs.reserve(architectures.size());
  Vocabulary vocabulary;
  for (const Architecture& architecture : architectures) {
    result.graphs.push_back(task.qubits > 0 ? gates_of(space.build(architecture, task), vocabulary)
                                            : cell_of(space, architecture));
  }
  result.vocabulary = task.qubits > 0 ? vocabulary.settle(result.graphs) : cell_names(space);
  return result;
}

FeatureRows structure_features(const OperationGraphs& graphs, const StructureParts& parts) {
  std::unordered_map<std::uint64_t, std::size_t> columns;
  for (const OperationGraph& graph : graphs.graphs) {
    count_structure(graph, parts, [&](std::uint64_t key, float) { columns.emplace(key, 0); });
  }
  std::vector<std::uint64_t> keys;
  for (const auto& [key, column] : columns) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  FeatureRows rows;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    columns[keys[i]] = i;
    rows.names.push_back(column_name(graphs, keys[i]));
  }
  rows.values.assign(graphs.graphs.size() * keys.size(), 0);
  for (std::size_t i = 0; i < graphs.graphs.size(); ++i) {
    float* row = rows.values.data() + i * keys.size();
    count_structure(graphs.graphs[i], parts,
                    [&](std::uint64_t key, float by) { row[columns.find(key)->second] += by; });
  }
  return rows;
}

}  // namespace nas
