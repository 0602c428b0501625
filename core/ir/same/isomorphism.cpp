#include <algorithm>
#include <optional>

#include "core/ir/same/colouring.h"
#include "core/ir/same/digest.h"

// Individualisation and refinement on our own arrays instead of Boost's vf2_graph_iso: VF2 looks
// for its next pair by scanning all vertices, which is quadratic on chains of 10^5 nodes, and knows
// neither ordered ports nor parallel edges. Equal colours are only a hint here: a positive answer
// is always checked edge by edge, and a negative one follows from colours that any isomorphism must
// keep.

namespace nas {
namespace {

std::vector<Colour> sorted(std::vector<Colour> colours) {
  std::sort(colours.begin(), colours.end());
  return colours;
}

std::vector<NodeId> by_colour(const FlatGraph& graph) {
  std::vector<NodeId> order(graph.nodes.size());
  for (NodeId i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](NodeId x, NodeId y) {
    if (graph.colours[x] != graph.colours[y]) return graph.colours[x] < graph.colours[y];
    return x < y;
  });
  return order;
}

/// Nodes of one colour, [begin, end) of `by_colour`.
struct ColourClass {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

/// The smallest class with several members; none when the colouring is discrete.
std::optional<ColourClass> smallest_open_class(const FlatGraph& graph,
                                               std::span<const NodeId> order) {
  std::optional<ColourClass> best;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && graph.colours[order[end]] == graph.colours[order[begin]]) ++end;
    const ColourClass found{begin, end};
    if (found.size() > 1 && (!best || found.size() < best->size())) best = found;
  }
  return best;
}

class Matcher {
 public:
  Matcher(const ArchGraph& a, const ArchGraph& b)
      : graph_a_(a), graph_b_(b), start_a_(nas::flatten(a)), start_b_(nas::flatten(b)) {}

  bool run() { return guess() || search(); }

 private:
  /// `node` of the first graph is paired with partners[next] of the second.
  struct Choice {
    NodeId node;
    std::vector<NodeId> partners;
    std::size_t next = 0;
  };

  /// Pairs all members of a class at once, in order. Right whenever they are interchangeable (a
  /// thousand equal branches), which the search would otherwise find out one by one.
  bool guess() {
    std::vector<Choice> choices;
    while (refine(choices)) {
      const std::vector<NodeId> order_a = by_colour(a_), order_b = by_colour(b_);
      if (matches(order_a, order_b)) return true;
      const std::optional<ColourClass> open = smallest_open_class(a_, order_a);
      if (!open) return false;
      for (std::size_t i = open->begin; i < open->end; ++i) {
        choices.push_back({order_a[i], {order_b[i]}});
      }
    }
    return false;
  }

  bool search() {
    std::vector<Choice> choices;
    while (true) {
      const bool possible = refine(choices);
      if (possible) {
        const std::vector<NodeId> order_a = by_colour(a_), order_b = by_colour(b_);
        const std::optional<ColourClass> open = smallest_open_class(a_, order_a);
        if (matches(order_a, order_b)) return true;
        if (open) {
          choices.push_back({order_a[open->begin],
                             {order_b.begin() + static_cast<std::ptrdiff_t>(open->begin),
                              order_b.begin() + static_cast<std::ptrdiff_t>(open->end)}});
          continue;
        }
      }
      while (!choices.empty() && ++choices.back().next == choices.back().partners.size()) {
        choices.pop_back();
      }
      if (choices.empty()) return false;
    }
  }

  /// Colours both graphs, chosen pairs marked, until no class splits. False: they cannot match.
  bool refine(std::span<const Choice> choices) {
    a_ = start_a_;
    b_ = start_b_;
    std::uint64_t mark = 0;
    for (const Choice& choice : choices) {
      ++mark;
      a_.colours[choice.node].absorb(mark);
      b_.colours[choice.partners[choice.next]].absorb(mark);
    }
    std::size_t classes = 0;
    while (true) {
      refiner_.refine(a_);
      refiner_.refine(b_);
      const std::vector<Colour> all = sorted(a_.colours);
      if (all != sorted(b_.colours)) return false;
      std::size_t count = all.empty() ? 0 : 1;
      for (std::size_t i = 1; i < all.size(); ++i) count += all[i] != all[i - 1];
      if (count == classes || count == all.size()) return true;
      classes = count;
    }
  }

  /// Whether pairing the nodes in the order of their colours is an isomorphism. Twins (any pairing
  /// inside the class is one) thus need no search although the colouring is not discrete.
  bool matches(std::span<const NodeId> order_a, std::span<const NodeId> order_b) {
    image_.resize(order_a.size());
    for (std::size_t i = 0; i < order_a.size(); ++i) image_[order_a[i]] = order_b[i];
    for (NodeId id = 0; id < image_.size(); ++id) {
      if (!same_node(id, image_[id])) return false;
    }
    const std::vector<std::pair<std::string_view, PortRef>> outputs_a = outputs(graph_a_, true);
    return outputs_a == outputs(graph_b_, false) && same_graph_inputs();
  }

  bool same_node(NodeId id, NodeId other) {
    if (&graph_a_.op(id) != &graph_b_.op(other)) return false;
    if (!std::ranges::equal(graph_a_.attrs(id), graph_b_.attrs(other))) return false;
    if (!std::ranges::equal(graph_a_.output_types(id), graph_b_.output_types(other))) return false;
    mapped_.clear();
    for (const PortRef& input : graph_a_.inputs(id)) {
      mapped_.push_back({image_[input.node], input.port});
    }
    expected_.assign(graph_b_.inputs(other).begin(), graph_b_.inputs(other).end());
    if (graph_a_.op(id).commutative) {
      std::sort(mapped_.begin(), mapped_.end());
      std::sort(expected_.begin(), expected_.end());
    }
    return mapped_ == expected_;
  }

  bool same_graph_inputs() const {
    const std::span<const NodeId> inputs_a = graph_a_.graph_inputs(),
                                  inputs_b = graph_b_.graph_inputs();
    return std::ranges::equal(inputs_a, inputs_b,
                              [&](NodeId x, NodeId y) { return image_[x] == y; });
  }

  std::vector<std::pair<std::string_view, PortRef>> outputs(const ArchGraph& graph,
                                                            bool mapped) const {
    std::vector<std::pair<std::string_view, PortRef>> result;
    for (const GraphOutput& output : graph.graph_outputs()) {
      PortRef value = output.value;
      if (mapped) value.node = image_[value.node];
      result.emplace_back(output.name, value);
    }
    return result;
  }

  const ArchGraph &graph_a_, &graph_b_;
  const FlatGraph start_a_, start_b_;
  FlatGraph a_, b_;
  Refiner refiner_;
  std::vector<NodeId> image_;
  std::vector<PortRef> mapped_, expected_;
};

}  // namespace

bool isomorphic(const ArchGraph& a, const ArchGraph& b) {
  if (a.size() != b.size() || a.graph_inputs().size() != b.graph_inputs().size() ||
      a.graph_outputs().size() != b.graph_outputs().size()) {
    return false;
  }
  return Matcher(a, b).run();
}

}  // namespace nas
