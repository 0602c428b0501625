#include <algorithm>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/ir/arch_graph_data.h"

// ArchGraph::check: every invariant of the class, from the stored data alone.
namespace nas {
namespace {

[[noreturn]] void fail(const ArchGraph& graph, NodeId node, const std::string& text) {
  throw Error(ErrorKind::kInternal,
              "graph node " + std::to_string(node) + " '" + graph.path(node) + "': " + text);
}

void check_inputs(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  const std::span<const PortRef> inputs = graph.inputs(node);
  if (inputs.size() < static_cast<std::size_t>(op.min_inputs) ||
      (op.max_inputs >= 0 && inputs.size() > static_cast<std::size_t>(op.max_inputs))) {
    fail(graph, node, "has " + std::to_string(inputs.size()) + " inputs");
  }
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].node >= node || inputs[i].port >= graph.output_types(inputs[i].node).size()) {
      fail(graph, node, "input " + std::to_string(i) + " is not an earlier output");
    }
    const auto readers = graph.consumers(inputs[i].node);
    const auto place = std::ranges::lower_bound(
        readers, std::pair(node, i), {},
        [](const Consumer& reader) { return std::pair(reader.node, reader.in_port); });
    if (place == readers.end() || place->node != node || place->in_port != i ||
        place->out_port != inputs[i].port) {
      fail(graph, node, "is not among the consumers of its input " + std::to_string(i));
    }
  }
}

void check_attrs(const ArchGraph& graph, NodeId node) {
  const std::span<const AttrSpec> specs = graph.op(node).attrs;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!attr_in_range(specs[i], graph.attrs(node)[i])) {
      fail(graph, node, attr_violation(specs[i], graph.attrs(node)[i]));
    }
  }
}

void check_types(const ArchGraph& graph, NodeId node, const OpCall& call) {
  std::vector<TensorType> types;
  call.op.infer(call, types);
  if (!std::ranges::equal(types, graph.output_types(node))) {
    fail(graph, node, "output types are not what the operation infers");
  }
  if (!std::ranges::equal(call.attrs, graph.attrs(node))) {
    fail(graph, node, "attributes are not completed");
  }
}

void check_region(const ArchGraph& graph, std::size_t index) {
  const Region region = graph.region(index);
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) {
      throw Error(ErrorKind::kInternal, "graph region " + std::to_string(index) + " '" +
                                            std::string(region.op->name) + "': " + what);
    }
  };
  require(region.op->is_macro(), "is not a macro");
  require(region.begin < region.end && region.end <= graph.size(), "has no nodes");
  require(region.output.node >= region.begin && region.output.node < region.end &&
              region.output.port < graph.output_types(region.output.node).size(),
          "its output is not made by one of its nodes");
  for (const PortRef& input : region.inputs) {
    require(input.node < region.begin && input.port < graph.output_types(input.node).size(),
            "an input is not made before it");
  }
  if (region.parent == Region::kNone) return;
  const Region around = graph.region(region.parent);
  require(around.begin <= region.begin && region.end <= around.end, "crosses its parent");
}

}  // namespace

void ArchGraph::check() const {
  for (NodeId node = 0; node < size(); ++node) {
    NAS_CHECK(!op(node).is_macro(), "a macro in a graph: " + path(node));
    check_inputs(*this, node);
    check_attrs(*this, node);
    if (op(node).max_inputs != 0) {  // the type of a graph input is given, not inferred
      const NodeCall view(*data_, node);
      check_types(*this, node, view.call());
    }
  }
  for (std::size_t i = 0; i < region_count(); ++i) check_region(*this, i);
  std::size_t readers = 0;
  for (NodeId node = 0; node < size(); ++node) {
    readers += consumers(node).size();
  }
  NAS_CHECK(readers == data_->inputs.size(), "there are consumers that are not inputs");
  NAS_CHECK(empty() || !graph_outputs().empty(), "a graph without an output");
  for (const GraphOutput& output : graph_outputs()) {
    NAS_CHECK(
        output.value.node < size() && output.value.port < output_types(output.value.node).size(),
        "graph output '" + output.name + "' is not a value of the graph");
  }
}

}  // namespace nas
