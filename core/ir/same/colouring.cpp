#include "core/ir/same/colouring.h"

#include "core/util/rng.h"

namespace nas {
namespace {

// Attributes at their default do not count, and the others count by name, in no order: what a later
// release adds to an operation changes no digest of before.
Colour operation_colour(const ArchGraph& graph, NodeId id) {
  const std::span<const AttrSpec> specs = graph.op(id).attrs;
  const std::span<const AttrValue> values = graph.attrs(id);
  Colour stated;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!specs[i].required && values[i] == specs[i].default_value) continue;
    Colour attribute;
    attribute.absorb(specs[i].name_hash);
    attribute.absorb(values[i].bits());
    stated.add(attribute.finished());
  }
  Colour colour;
  colour.absorb(graph.op(id).name_hash);
  colour.absorb(stated);
  return colour;
}

void absorb_type(Colour& colour, const TensorType& type) {
  colour.absorb(static_cast<std::uint64_t>(type.element));
  for (const std::int64_t dim : type.shape.dims()) colour.absorb(static_cast<std::uint64_t>(dim));
}

// Which input of the network a node is matters: f(x, y) is not f(y, x).
void colour_graph_inputs(const ArchGraph& graph, std::span<const NodeId> place, FlatGraph& flat) {
  std::uint64_t ordinal = 0;
  for (const NodeId id : graph.graph_inputs()) {
    Colour& colour = flat.colours[place[id]];
    colour.absorb(++ordinal);
    absorb_type(colour, graph.output_types(id)[0]);
  }
}

}  // namespace

FlatGraph flatten(const ArchGraph& graph) {
  FlatGraph flat;
  flat.nodes.reserve(graph.size());
  std::vector<NodeId> place(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const std::span<const PortRef> inputs = graph.inputs(id);
    flat.nodes.push_back({id, static_cast<std::uint32_t>(flat.inputs.size()),
                          static_cast<std::uint32_t>(inputs.size()), graph.op(id).commutative});
    flat.inputs.insert(flat.inputs.end(), inputs.begin(), inputs.end());
    flat.colours.push_back(operation_colour(graph, id));
    place[id] = id;
  }
  colour_graph_inputs(graph, place, flat);
  for (const GraphOutput& output : graph.graph_outputs()) {
    flat.outputs.push_back({stable_hash(output.name), output.value});
  }
  return flat;
}

FlatGraph flatten(const ArchGraph& graph, const Reduction& reduction) {
  FlatGraph flat;
  const std::size_t zero_count = reduction.zero_types.size();
  flat.nodes.reserve(reduction.nodes.size() + zero_count);
  flat.colours.reserve(reduction.nodes.size() + zero_count);
  flat.inputs.reserve(reduction.inputs.size());
  std::vector<NodeId> zero_place(zero_count), place(reduction.nodes.size());
  const auto locate = [&](ReducedValue value) {
    return value.is_zeros() ? PortRef{zero_place[value.port], 0}
                            : PortRef{place[value.node], value.port};
  };
  for (std::size_t i = 0; i < zero_count; ++i) {
    if (!reduction.zero_live[i]) continue;
    zero_place[i] = static_cast<NodeId>(flat.nodes.size());
    flat.nodes.push_back({});
    Colour colour{1, 1};
    absorb_type(colour, reduction.zero_types[i]);
    flat.colours.push_back(colour);
  }
  for (NodeId id = 0; id < reduction.nodes.size(); ++id) {
    const Reduction::Node& node = reduction.nodes[id];
    if (!node.live) continue;
    place[id] = static_cast<NodeId>(flat.nodes.size());
    flat.nodes.push_back({id, static_cast<std::uint32_t>(flat.inputs.size()), node.input_count,
                          node.op->commutative});
    for (const ReducedValue& input : reduction.inputs_of(node))
      flat.inputs.push_back(locate(input));
    flat.colours.push_back(operation_colour(graph, id));
  }
  colour_graph_inputs(graph, place, flat);
  const std::span<const GraphOutput> outputs = graph.graph_outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    flat.outputs.push_back({stable_hash(outputs[i].name), locate(reduction.outputs[i])});
  }
  return flat;
}

void Refiner::refine(FlatGraph& graph) {
  const std::size_t size = graph.nodes.size();
  forward_.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    const FlatGraph::Node& node = graph.nodes[i];
    Colour colour = graph.colours[i];
    Colour inputs;
    for (const PortRef& input : graph.inputs_of(node)) {
      Colour term = forward_[input.node];
      term.absorb(input.port);
      node.commutative ? inputs.add(term.finished()) : inputs.absorb(term);
    }
    colour.absorb(node.input_count);
    colour.absorb(inputs);
    forward_[i] = colour;
  }

  context_.assign(size, {});
  for (const FlatGraph::Output& output : graph.outputs) {
    Colour term{output.name_hash, output.value.port};
    context_[output.value.node].add(term.finished());
  }
  for (std::size_t i = size; i-- > 0;) {
    const FlatGraph::Node& node = graph.nodes[i];
    Colour colour = forward_[i];
    colour.absorb(context_[i]);
    graph.colours[i] = colour.finished();
    std::uint64_t in_port = 0;
    for (const PortRef& input : graph.inputs_of(node)) {
      Colour term = graph.colours[i];
      term.absorb(node.commutative ? 0 : ++in_port);
      term.absorb(input.port);
      context_[input.node].add(term.finished());
    }
  }
}

}  // namespace nas
