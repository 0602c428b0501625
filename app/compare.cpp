#include "app/compare.h"

#include <map>

#include "core/ir/digest.h"
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

ArchitectureDifference compare_architectures(const SearchSpace& space, const Architecture& a,
                                             const Task& task_a, const Architecture& b,
                                             const Task& task_b) {
  validate(space, a);
  validate(space, b);
  ArchitectureDifference difference;
  const std::span<const Decision> decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (a.choices[i] == b.choices[i]) continue;
    difference.decisions.push_back({decisions[i].name, decisions[i].choices[a.choices[i]],
                                    decisions[i].choices[b.choices[i]]});
  }
  const ArchGraph graph_a = space.build(a, task_a);
  const ArchGraph graph_b = space.build(b, task_b);
  difference.same_function = digest(graph_a) == digest(graph_b);
  difference.cost_a = graph_cost(graph_a);
  difference.cost_b = graph_cost(graph_b);
  difference.macs_a = published_macs(space.info(), difference.cost_a);
  difference.macs_b = published_macs(space.info(), difference.cost_b);
  difference.peak_bytes_a = activation_memory(graph_a).peak_bytes;
  difference.peak_bytes_b = activation_memory(graph_b).peak_bytes;
  const auto nodes_a = nodes_of(graph_a);
  const auto nodes_b = nodes_of(graph_b);
  difference.only_a = only_in(nodes_a, nodes_b);
  difference.only_b = only_in(nodes_b, nodes_a);
  return difference;
}

Table difference_table(const ArchitectureDifference& difference) {
  Table table{"difference",
              {{"part", "", false}, {"name", "", true}, {"a", "", true}, {"b", "", true}},
              {},
              ""};
  for (const DecisionDifference& decision : difference.decisions) {
    table.rows.push_back({"decision", decision.decision, decision.a, decision.b});
  }
  const auto cost = [&table](std::string_view name, std::int64_t a, std::int64_t b) {
    table.rows.push_back({"cost", std::string(name), a, b});
  };
  cost("params", difference.cost_a.params, difference.cost_b.params);
  cost("macs", difference.macs_a, difference.macs_b);
  cost("activation_bytes", difference.peak_bytes_a, difference.peak_bytes_b);
  for (const std::string& node : difference.only_a) {
    const std::size_t colon = node.find(": ");
    table.rows.push_back({"node", node.substr(0, colon), node.substr(colon + 2), Cell{}});
  }
  for (const std::string& node : difference.only_b) {
    const std::size_t colon = node.find(": ");
    table.rows.push_back({"node", node.substr(0, colon), Cell{}, node.substr(colon + 2)});
  }
  table.caption = difference.same_function ? "Both compute the same function (equal digest)." : "";
  return table;
}

}  // namespace nas
