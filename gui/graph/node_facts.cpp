#include "gui/graph/node_facts.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "core/util/text.h"

namespace nas {
namespace {

QString tr(const char* text) {
  // lupdate files texts outside of classes under their namespace.
  return QCoreApplication::translate("nas", text);
}
QString own(const std::string& text) {
  return QString::fromStdString(printable(text));
}
QString number(std::int64_t value) {
  return QString::fromStdString(format_count(value));
}
QString bytes(std::int64_t value) {
  return QString::fromStdString(format_bytes(value));
}

void add_latency(std::vector<Fact>& facts, std::span<const NodeId> nodes,
                 std::span<const double> latency_ms) {
  double total = 0;
  bool known = false;
  for (const NodeId node : nodes) {
    if (node >= latency_ms.size() || !std::isfinite(latency_ms[node])) continue;
    total += latency_ms[node];
    known = true;
  }
  facts.emplace_back(tr("Latency"), known ? QString::fromStdString(format_short(total, 3)) + " ms"
                                          : tr("not measured: Architecture, Measure latency"));
}

std::vector<Fact> facts_of_node(const ArchGraph& graph, NodeId node, const MemoryLiveness& memory) {
  const OpSchema& op = graph.op(node);
  std::vector<Fact> facts{{tr("Operation"), own(std::string(op.name))},
                          {tr("Path"), own(graph.path(node))},
                          {tr("What it does"), own(std::string(op.doc))}};
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    facts.emplace_back(own(std::string(op.attrs[i].name)),
                       own(to_string(op.attrs[i], graph.attrs(node)[i])));
  }
  for (const PortRef& input : graph.inputs(node)) {
    facts.emplace_back(tr("Input"),
                       own(to_string(graph.type(input)) + " from " + graph.path(input.node)));
  }
  for (const TensorType& type : graph.output_types(node)) {
    facts.emplace_back(tr("Output"), own(to_string(type)));
  }
  for (const ParamSpec& param : graph.params(node)) {
    facts.emplace_back(own(std::string(param.name)), own(to_string(param.shape)));
  }
  facts.emplace_back(tr("Parameters"), number(params_of(graph, node)));
  facts.emplace_back(tr("MACs"), number(graph.cost(node).macs));
  facts.emplace_back(tr("Output memory"), bytes(output_bytes(graph, node)));
  if (node < memory.live_bytes.size()) {
    facts.emplace_back(tr("Memory alive here"), bytes(memory.live_bytes[node]));
  }
  return facts;
}

}  // namespace

std::int64_t params_of(const ArchGraph& graph, NodeId node) {
  std::int64_t params = 0;
  for (const ParamSpec& param : graph.params(node)) {
    if (param.trainable) params += param.shape.elements();
  }
  return params;
}

std::int64_t output_bytes(const ArchGraph& graph, NodeId node) {
  std::int64_t sum = 0;
  for (const TensorType& type : graph.output_types(node)) sum += bytes_of(type);
  return sum;
}

std::vector<Fact> facts_of(const ArchGraph& graph, const LayoutBox& box,
                           const MemoryLiveness& memory, std::span<const double> latency_ms) {
  if (!box.group) {
    std::vector<Fact> facts = facts_of_node(graph, box.members.front(), memory);
    add_latency(facts, box.members, latency_ms);
    return facts;
  }
  std::int64_t params = 0, macs = 0, peak = 0;
  for (const NodeId node : box.members) {
    params += params_of(graph, node);
    macs += graph.cost(node).macs;
    if (node < memory.live_bytes.size()) peak = std::max(peak, memory.live_bytes[node]);
  }
  std::vector<Fact> facts{{tr("Group"), own(box.scope)},
                          {tr("Nodes"), number(static_cast<std::int64_t>(box.members.size()))},
                          {tr("Parameters"), number(params)},
                          {tr("MACs"), number(macs)},
                          {tr("Peak memory inside"), bytes(peak)}};
  for (const TensorType& type : graph.output_types(box.members.back())) {
    facts.emplace_back(tr("Output"), own(to_string(type)));
  }
  add_latency(facts, box.members, latency_ms);
  return facts;
}

std::vector<Fact> facts_of(const ArchGraph& graph, const MemoryLiveness& memory,
                           std::span<const double> latency_ms,
                           std::optional<std::int64_t> published_macs) {
  const GraphCost cost = graph_cost(graph);
  std::vector<NodeId> nodes(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) nodes[node] = node;
  std::vector<Fact> facts{
      {tr("Whole network"),
       tr("%1 operations").arg(number(static_cast<std::int64_t>(graph.size())))},
      {tr("Parameters"), number(cost.params)},
      {tr("MACs"), number(published_macs.value_or(cost.macs))},
      {tr("All activations"), bytes(cost.activation_bytes)},
      {tr("Peak memory"), bytes(memory.peak_bytes)}};
  if (!graph.empty()) facts.emplace_back(tr("Peak at"), own(graph.path(memory.peak_node)));
  add_latency(facts, nodes, latency_ms);
  return facts;
}

}  // namespace nas
