#include "app/reports/compare.h"

#include <cmath>
#include <map>

#include "core/ir/same/digest.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string attribute_text(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    parts.push_back(std::string(op.attrs[i].name) + "=" +
                    to_string(op.attrs[i], graph.attrs(node)[i]));
  }
  return parts.empty() ? "" : " {" + join(parts, ", ") + "}";
}

/// Nodes by path, with what they compute.
std::map<std::string, std::string> nodes_of(const ArchGraph& graph) {
  std::map<std::string, std::string> nodes;
  for (NodeId node = 0; node < graph.size(); ++node) {
    nodes[graph.path(node)] = std::string(graph.op(node).name) + attribute_text(graph, node) +
                              " : " + to_string(graph.type({node, 0}));
  }
  return nodes;
}

std::vector<std::string> only_in(const std::map<std::string, std::string>& a,
                                 const std::map<std::string, std::string>& b) {
  std::vector<std::string> lines;
  for (const auto& [path, text] : a) {
    const auto other = b.find(path);
    if (other == b.end() || other->second != text) lines.push_back(path + ": " + text);
  }
  return lines;
}

}  // namespace

ArchitectureDifference compare_networks(const ArchGraph& a, const ArchGraph& b) {
  ArchitectureDifference difference;
  difference.same_function = digest(a) == digest(b);
  difference.cost_a = graph_cost(a);
  difference.cost_b = graph_cost(b);
  difference.macs_a = difference.cost_a.macs;
  difference.macs_b = difference.cost_b.macs;
  difference.circuits = is_circuit(a) && is_circuit(b);
  difference.circuit_a = circuit_cost(a);
  difference.circuit_b = circuit_cost(b);
  difference.peak_bytes_a = activation_memory(a).peak_bytes;
  difference.peak_bytes_b = activation_memory(b).peak_bytes;
  const auto nodes_a = nodes_of(a);
  const auto nodes_b = nodes_of(b);
  difference.only_a = only_in(nodes_a, nodes_b);
  difference.only_b = only_in(nodes_b, nodes_a);
  return difference;
}

ArchitectureDifference compare_architectures(const SearchSpace& space, const Architecture& a,
                                             const Task& task_a, const Architecture& b,
                                             const Task& task_b) {
  validate(space, a);
  validate(space, b);
  ArchitectureDifference difference =
      compare_networks(space.build(a, task_a), space.build(b, task_b));
  difference.macs_a = published_macs(space.info(), difference.cost_a);
  difference.macs_b = published_macs(space.info(), difference.cost_b);
  const std::span<const Decision> decisions = space.decisions();
  const std::vector<std::string> names_a = chosen_names(space, a);
  const std::vector<std::string> names_b = chosen_names(space, b);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const bool same = names_a[i] == names_b[i];
    (same ? difference.same_decisions : difference.decisions)
        .push_back({decisions[i].name, names_a[i], names_b[i]});
  }
  return difference;
}

namespace {

/// Numbers with what separates them.
std::vector<Cell> number_row(std::string_view part, const std::string& name, Cell a, Cell b,
                             const std::optional<double>& from, const std::optional<double>& to) {
  std::vector<Cell> row{std::string(part), name, std::move(a), std::move(b), Cell{}, Cell{}};
  if (!from || !to) return row;
  row[4] = std::holds_alternative<std::int64_t>(row[2])
               ? Cell(std::get<std::int64_t>(row[3]) - std::get<std::int64_t>(row[2]))
               : Cell(*to - *from);
  if (*from != 0) row[5] = 100 * (*to - *from) / std::abs(*from);
  return row;
}

void add_costs(const ArchitectureDifference& difference, std::vector<std::vector<Cell>>& rows) {
  const auto add = [&](const char* name, std::int64_t a, std::int64_t b) {
    rows.push_back(number_row("cost", name, a, b, static_cast<double>(a), static_cast<double>(b)));
  };
  add("params", difference.cost_a.params, difference.cost_b.params);
  if (difference.circuits) {
    const CircuitCost &x = difference.circuit_a, &y = difference.circuit_b;
    add("qubits", x.qubits, y.qubits);
    add("gates", x.gates, y.gates);
    add("two_qubit_gates", x.two_qubit_gates, y.two_qubit_gates);
    add("rotations", x.rotations, y.rotations);
    add("circuit_depth", x.depth, y.depth);
    return;
  }
  add("macs", difference.macs_a, difference.macs_b);
  add("activation_bytes", difference.peak_bytes_a, difference.peak_bytes_b);
}

void add_nodes(const std::vector<std::string>& nodes, bool first, Table& table) {
  for (const std::string& node : nodes) {
    const std::size_t colon = node.find(": ");
    const Cell text = node.substr(colon + 2);
    table.rows.push_back({std::string("node"), node.substr(0, colon), first ? text : Cell{},
                          first ? Cell{} : text, Cell{}, Cell{}});
  }
}

}  // namespace

Table difference_table(const ArchitectureDifference& difference, bool layers) {
  Table table{.kind = "difference",
              .columns = {{"part"},
                          {"name", "", true},
                          {"a", "A", true},
                          {"b", "B", true},
                          {"difference", "B - A"},
                          {"percent", "%"}}};
  const auto decision_rows = [&](const std::vector<DecisionDifference>& decisions) {
    for (const DecisionDifference& decision : decisions) {
      table.rows.push_back(
          {std::string("decision"), decision.decision, decision.a, decision.b, Cell{}, Cell{}});
    }
  };
  std::vector<std::vector<Cell>> numbers;
  add_costs(difference, numbers);
  for (const MeasuredDifference& value : difference.measured) {
    const auto cell = [](const std::optional<double>& v) { return v ? Cell(*v) : Cell{}; };
    numbers.push_back(
        number_row("measured", value.name, cell(value.a), cell(value.b), value.a, value.b));
  }
  const auto number_rows = [&](bool differing) {
    for (const std::vector<Cell>& row : numbers) {
      if ((row[2] != row[3]) == differing) table.rows.push_back(row);
    }
  };
  decision_rows(difference.decisions);
  number_rows(true);
  if (layers) add_nodes(difference.only_a, true, table);
  if (layers) add_nodes(difference.only_b, false, table);
  decision_rows(difference.same_decisions);
  number_rows(false);
  if (difference.same_function) {
    table.caption = "both compute the same function (equal digest)";
  } else if (!layers) {
    table.caption = counted(std::ssize(difference.only_a), "node") + " of A and " +
                    std::to_string(difference.only_b.size()) +
                    " of B are not in the other: --layers lists them";
  }
  return table;
}

}  // namespace nas
