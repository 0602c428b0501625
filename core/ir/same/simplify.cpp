#include "core/ir/same/simplify.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>

#include "core/ir/arch_builder.h"
#include "core/ir/same/colouring.h"
#include "core/ir/same/reduction.h"

// `reduce` treats the zeros of a type as one value without a maker. A graph needs a node that makes
// them, so one of the nodes that made them before is kept for each type: preferably one that reads
// only what is needed anyway, then the one nearest to the graph inputs. It has to lie above all
// readers of these zeros; the depth in the original graph decides that, since every edge of the
// result leads to a greater depth.

namespace nas {
namespace {

constexpr NodeId kNone = std::numeric_limits<NodeId>::max();

class Simplifier {
 public:
  explicit Simplifier(const ArchGraph& graph) : graph_(graph), reduction_(reduce(graph)) {}

  ArchGraph run() {
    find_depths();
    choose_makers();
    made_.assign(graph_.size(), kNotMade);
    for (const NodeId id : order(needed())) add(id);
    for (std::size_t i = 0; i < graph_.region_count(); ++i) keep_region(graph_.region(i));
    const std::span<const GraphOutput> outputs = graph_.graph_outputs();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const PortRef value = maker_of(reduction_.outputs[i]);
      builder_.output(outputs[i].name, {made_[value.node].node, value.port});
    }
    return builder_.finish();
  }

 private:
  static constexpr Value kNotMade{kNone, 0};

  bool makes_zeros(NodeId id) const { return reduction_.nodes[id].value.is_zeros(); }

  void find_depths() {
    depth_.assign(graph_.size(), 0);
    first_reader_.assign(reduction_.zero_types.size(), std::numeric_limits<std::uint32_t>::max());
    for (NodeId id = 0; id < graph_.size(); ++id) {
      for (const PortRef& input : graph_.inputs(id)) {
        depth_[id] = std::max(depth_[id], depth_[input.node] + 1);
      }
      if (passes_zeros_on(id)) continue;
      for (const ReducedValue& input : reduction_.inputs_of(reduction_.nodes[id])) {
        if (!input.is_zeros()) continue;
        first_reader_[input.port] = std::min(first_reader_[input.port], depth_[id]);
      }
    }
  }

  /// Reads zeros and gives the same zeros, like relu: no use as their maker.
  bool passes_zeros_on(NodeId id) const {
    if (!makes_zeros(id)) return false;
    const Reduction::Node& node = reduction_.nodes[id];
    const std::span<const ReducedValue> inputs = reduction_.inputs_of(node);
    if (inputs.empty()) return true;  // an addition of nothing but zeros
    return std::find(inputs.begin(), inputs.end(), node.value) != inputs.end();
  }

  void choose_makers() {
    makers_.assign(reduction_.zero_types.size(), kNone);
    if (makers_.empty()) return;
    const FlatGraph flat = coloured();
    std::vector<Colour> colours(graph_.size());
    for (std::size_t i = 0; i < flat.nodes.size(); ++i) {
      if (flat.nodes[i].source != FlatGraph::kNoSource) {
        colours[flat.nodes[i].source] = flat.colours[i];
      }
    }
    // Colours settle ties, so that the choice does not depend on the numbering of nodes.
    const auto key = [&](NodeId id) {
      bool revives = false;
      Colour colour;
      for (const ReducedValue& input : reduction_.inputs_of(reduction_.nodes[id])) {
        if (input.is_zeros()) continue;
        revives = revives || !reduction_.nodes[input.node].live;
        colour.absorb(colours[input.node]);
      }
      return std::tuple(revives, depth_[id], colour, id);
    };
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!makes_zeros(id) || passes_zeros_on(id)) continue;
      const std::uint32_t type = reduction_.nodes[id].value.port;
      if (depth_[id] >= first_reader_[type]) continue;
      if (makers_[type] == kNone || key(id) < key(makers_[type])) makers_[type] = id;
    }
  }

  FlatGraph coloured() const {
    FlatGraph flat = flatten(graph_, reduction_);
    Refiner().refine(flat);
    return flat;
  }

  PortRef maker_of(ReducedValue value) const {
    if (!value.is_zeros()) return {value.node, value.port};
    NAS_CHECK(makers_[value.port] != kNone, "zeros without a node that makes them");
    return {makers_[value.port], 0};
  }

  /// Live nodes, makers of live zeros, and what those makers read.
  std::vector<char> needed() const {
    std::vector<char> is_needed(graph_.size(), 0);
    std::vector<NodeId> stack;
    const auto need = [&](NodeId id) {
      if (!is_needed[id]) stack.push_back(id);
      is_needed[id] = 1;
    };
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (reduction_.nodes[id].live) need(id);
    }
    for (const ReducedValue& output : reduction_.outputs) need(maker_of(output).node);
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      for (const ReducedValue& input : reduction_.inputs_of(reduction_.nodes[id])) {
        need(maker_of(input).node);
      }
    }
    return is_needed;
  }

  /// The topological order nearest to the original one: always the smallest id whose inputs are
  /// there. (Makers can stand below their readers in the original order.)
  std::vector<NodeId> order(const std::vector<char>& is_needed) const {
    std::vector<std::vector<NodeId>> readers(graph_.size());
    std::vector<std::size_t> missing(graph_.size(), 0);
    std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!is_needed[id]) continue;
      for (const ReducedValue& input : reduction_.inputs_of(reduction_.nodes[id])) {
        readers[maker_of(input).node].push_back(id);
        ++missing[id];
      }
      if (missing[id] == 0) ready.push(id);
    }
    std::vector<NodeId> result;
    while (!ready.empty()) {
      result.push_back(ready.top());
      ready.pop();
      for (const NodeId reader : readers[result.back()]) {
        if (--missing[reader] == 0) ready.push(reader);
      }
    }
    return result;
  }

  void add(NodeId id) {
    const std::string scope(graph_.scope(id));
    if (graph_.op(id).role == OpRole::kInput) {
      if (!scope.empty()) builder_.push_scope(scope);
      made_[id] = builder_.input(graph_.output_types(id)[0]);
      if (!scope.empty()) builder_.pop_scope();
      return;
    }
    std::vector<Value> inputs;
    for (const ReducedValue& input : reduction_.inputs_of(reduction_.nodes[id])) {
      const PortRef value = maker_of(input);
      inputs.push_back({made_[value.node].node, value.port});
    }
    made_[id] = builder_.add_in_scope(graph_.op(id), inputs, graph_.attrs(id), scope);
  }

  /// Keeps a region of which nothing went and nothing came between its nodes.
  void keep_region(const Region& region) {
    const NodeId begin = made_[region.begin].node;
    for (NodeId id = region.begin; id < region.end; ++id) {
      const bool whole = reduction_.nodes[id].value == ReducedValue{id, 0} && begin != kNone &&
                         made_[id].node == begin + (id - region.begin);
      if (!whole) return;
    }
    std::vector<PortRef> inputs;
    for (const PortRef& input : region.inputs) {
      const ReducedValue reduced = input.port == 0 ? reduction_.nodes[input.node].value
                                                   : ReducedValue{input.node, input.port};
      if (reduced.is_zeros() && makers_[reduced.port] == kNone) return;
      const PortRef value = maker_of(reduced);
      inputs.push_back({made_[value.node].node, value.port});
      if (inputs.back().node >= begin) return;  // a value that no node of the region needs
    }
    builder_.add_region({region.op,
                         region.attrs,
                         inputs,
                         {made_[region.output.node].node, region.output.port},
                         begin,
                         begin + (region.end - region.begin)});
  }

  const ArchGraph& graph_;
  const Reduction reduction_;
  std::vector<std::uint32_t> depth_;         ///< longest path from a graph input, original graph
  std::vector<std::uint32_t> first_reader_;  ///< by zero type: least depth of a node that reads it
  std::vector<NodeId> makers_;               ///< by zero type
  std::vector<Value> made_;
  ArchBuilder builder_;
};

}  // namespace

ArchGraph simplified(const ArchGraph& graph) {
  return graph.graph_outputs().empty() ? graph : Simplifier(graph).run();
}

}  // namespace nas
