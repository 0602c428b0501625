#include "core/ir/blueprint/channel_cuts.h"

#include <algorithm>
#include <set>

namespace nas {
namespace {

std::int64_t leading(const TensorType& type) {
  return type.shape.rank() == 0 ? 1 : type.shape[0];
}

/// Spreads cuts along the edges until nothing is new.
class Spreading {
 public:
  Spreading(const Blueprint& blueprint, const TracedGraph& traced,
            std::span<const TensorType> types)
      : blueprint_(blueprint),
        graph_(traced.graph),
        origin_(traced.origin),
        types_(types),
        cuts_(graph_.size()) {}

  std::vector<ChannelCuts> run() {
    for (NodeId node = 0; node < graph_.size(); ++node) {
      shared_lengths_.push_back(find_shared_length(node));
      cuts_[node] = {{0, 0}, {own_length(node), shared_length(node)}};
      add_own_cuts(node);
    }
    while (changed_) {
      changed_ = false;
      for (NodeId node = 0; node < graph_.size(); ++node) exchange(node);
      for (NodeId node = static_cast<NodeId>(graph_.size()); node-- > 0;) exchange(node);
    }
    std::vector<ChannelCuts> result;
    for (NodeId node = 0; node < graph_.size(); ++node) result.push_back(checked(node));
    return result;
  }

 private:
  std::int64_t own_length(NodeId node) const { return leading(graph_.output_types(node)[0]); }
  std::int64_t shared_length(NodeId node) const { return shared_lengths_[node]; }
  NodeId input(NodeId node, std::size_t i = 0) const { return graph_.inputs(node)[i].node; }

  /// In the supernet, with the alternatives that are there: a choice may be larger.
  std::int64_t find_shared_length(NodeId node) const {
    if (graph_.inputs(node).empty()) return own_length(node);
    switch (graph_.op(node).channels) {
      case ChannelRule::kAsInput:
      case ChannelRule::kShuffled:
      case ChannelRule::kPositions:
      case ChannelRule::kRepeated:
        return own_length(node) * shared_length(input(node)) / own_length(input(node));
      case ChannelRule::kConcat: {
        std::int64_t sum = 0;
        for (const PortRef& from : graph_.inputs(node)) sum += shared_length(from.node);
        return sum;
      }
      case ChannelRule::kSlice: {
        const std::int64_t length = largest_attr(node, "length");
        return length > 0 ? length : shared_length(input(node)) - largest_attr(node, "begin");
      }
      case ChannelRule::kOutChannels:
        if (depthwise(node)) {
          return own_length(node) * shared_length(input(node)) / own_length(input(node));
        }
        break;
      case ChannelRule::kOwn:
      case ChannelRule::kUnknown:
        break;
    }
    return leading(types_[origin_[node]]);
  }

  std::int64_t largest_attr(NodeId node, std::string_view name) const {
    const BlueprintNode& source = blueprint_.nodes[origin_[node]];
    return largest(source.attrs[source.op->attr_index(name)], AttrType::kInt).as_int();
  }

  void insert(NodeId node, ChannelCut cut) {
    if (cuts_[node].insert(cut).second) changed_ = true;
  }

  /// Groups of a convolution that is not depthwise; 1 for everything else.
  std::int64_t groups(NodeId node) const {
    if (graph_.op(node).channels != ChannelRule::kOutChannels) return 1;
    const std::int64_t count = graph_.get_int(node, "groups");
    return count == own_length(input(node)) ? 1 : count;
  }

  bool depthwise(NodeId node) const {
    return graph_.op(node).channels == ChannelRule::kOutChannels &&
           graph_.get_int(node, "groups") > 1 && groups(node) == 1;
  }

  void add_own_cuts(NodeId node) {
    const std::int64_t count = groups(node);
    for (std::int64_t g = 1; g < count; ++g) {
      insert(node, {g * own_length(node) / count, g * shared_length(node) / count});
      const NodeId from = input(node);
      insert(from, {g * own_length(from) / count, g * shared_length(from) / count});
    }
  }

  /// Between the output of `node`, from channel `at` on, and `length` channels of its input `from`,
  /// from channel `begin` on.
  struct Window {
    NodeId node, from;
    ChannelCut at{}, begin{}, length{};
  };
  void exchange(const Window& w) {
    const auto shifted = [](const ChannelCut& cut, const ChannelCut& from, const ChannelCut& to) {
      return ChannelCut{cut.own - from.own + to.own, cut.shared - from.shared + to.shared};
    };
    const auto inside = [&](const ChannelCut& cut, const ChannelCut& start) {
      return cut.shared >= start.shared && cut.shared <= start.shared + w.length.shared &&
             cut.own >= start.own && cut.own <= start.own + w.length.own;
    };
    const std::set<ChannelCut> here = cuts_[w.node], there = cuts_[w.from];
    for (const ChannelCut& cut : here) {
      if (inside(cut, w.at)) insert(w.from, shifted(cut, w.at, w.begin));
    }
    for (const ChannelCut& cut : there) {
      if (inside(cut, w.begin)) insert(w.node, shifted(cut, w.begin, w.at));
    }
  }

  ChannelCut length(NodeId node) const { return {own_length(node), shared_length(node)}; }

  void exchange(NodeId node) {
    if (graph_.inputs(node).empty()) return;
    switch (graph_.op(node).channels) {
      case ChannelRule::kAsInput:
        for (std::size_t i = 0; i < graph_.inputs(node).size(); ++i) pass(node, input(node, i));
        return;
      case ChannelRule::kOutChannels:
        if (depthwise(node)) scale(node, input(node));
        return;
      case ChannelRule::kPositions:
        scale(node, input(node));
        return;
      case ChannelRule::kConcat:
        concat(node);
        return;
      case ChannelRule::kSlice:
        slice(node);
        return;
      case ChannelRule::kRepeated:
        repeat(node);
        return;
      case ChannelRule::kUnknown:
      case ChannelRule::kShuffled:
      case ChannelRule::kOwn:
        return;
    }
  }

  void pass(NodeId node, NodeId from) {
    if (own_length(from) != own_length(node)) return;
    if (shared_length(from) != shared_length(node)) return;
    exchange({.node = node, .from = from, .length = length(node)});
  }

  /// Each channel of the input gives several neighbours.
  void scale(NodeId node, NodeId from) {
    const std::int64_t own = own_length(node) / own_length(from);
    const std::int64_t shared = shared_length(node) / shared_length(from);
    const std::set<ChannelCut> here = cuts_[node], there = cuts_[from];
    for (const ChannelCut& cut : there) insert(node, {cut.own * own, cut.shared * shared});
    for (const ChannelCut& cut : here) {
      if (cut.own % own == 0 && cut.shared % shared == 0) {
        insert(from, {cut.own / own, cut.shared / shared});
      }
    }
  }

  void concat(NodeId node) {
    ChannelCut at;
    for (std::size_t i = 0; i < graph_.inputs(node).size(); ++i) {
      const NodeId from = input(node, i);
      exchange({.node = node, .from = from, .at = at, .length = length(from)});
      at = {at.own + own_length(from), at.shared + shared_length(from)};
    }
  }

  void slice(NodeId node) {
    exchange({.node = node,
              .from = input(node),
              .begin = {graph_.get_int(node, "begin"), largest_attr(node, "begin")},
              .length = length(node)});
  }

  void repeat(NodeId node) {
    const NodeId from = input(node);
    const std::int64_t times = own_length(node) / own_length(from);
    for (std::int64_t i = 0; i < times; ++i) {
      exchange({.node = node,
                .from = from,
                .at = {i * own_length(from), i * shared_length(from)},
                .length = length(from)});
    }
  }

  ChannelCuts checked(NodeId node) const {
    ChannelCuts list(cuts_[node].begin(), cuts_[node].end());
    for (std::size_t i = 1; i < list.size(); ++i) {
      const std::int64_t own = list[i].own - list[i - 1].own;
      const std::int64_t shared = list[i].shared - list[i - 1].shared;
      if (own > 0 && own <= shared) continue;
      throw Error(ErrorKind::kUnsupported, "'" + graph_.path(node) +
                                               "': its channels lie in two ways among those of its "
                                               "supernet (" +
                                               std::to_string(own) + " among " +
                                               std::to_string(shared) + " from channel " +
                                               std::to_string(list[i - 1].own) + " on)");
    }
    return list;
  }

  const Blueprint& blueprint_;
  const ArchGraph& graph_;
  std::span<const std::uint32_t> origin_;
  std::span<const TensorType> types_;
  std::vector<std::int64_t> shared_lengths_;  ///< by node
  std::vector<std::set<ChannelCut>> cuts_;    ///< by node
  bool changed_ = true;
};

}  // namespace

std::vector<ChannelCuts> channel_cuts(const Blueprint& blueprint, const TracedGraph& traced,
                                      std::span<const TensorType> types) {
  return Spreading(blueprint, traced, types).run();
}

}  // namespace nas
