#include "core/ir/blueprint/channel_classes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "core/ops/registry.h"

namespace nas {
namespace {

class ClassFinder {
 public:
  ClassFinder(const Blueprint& blueprint, const SharedTensors& shared)
      : nodes_(blueprint.nodes),
        shared_(shared),
        parent_(nodes_.size()),
        tied_(nodes_.size(), false) {
    std::iota(parent_.begin(), parent_.end(), 0U);
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) connect(node);
    for (const Blueprint::Output& output : blueprint.outputs) tied_[output.value.node] = true;
  }

  std::vector<ChannelClass> find() {
    std::map<std::uint32_t, bool> tied;
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
      if (tied_[node]) tied[root(node)] = true;
    }
    std::map<std::uint32_t, ChannelClass> classes;  // by root, which is the first node
    std::map<std::uint32_t, bool> read;
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_[node].op == nullptr) continue;
      if (!tied.contains(root(node))) {
        ChannelClass& own = classes[root(node)];
        if (const auto width = own_width(node)) own.width = *width;
        add_tensors(own, node, 0);
      }
      if (!reads_all(node)) continue;
      const std::uint32_t source = root(nodes_[node].inputs.front().node);
      if (tied.contains(source)) continue;
      add_tensors(classes[source], node, 1);
      classes[source].reader = shared_.first[node];
      read[source] = true;
    }
    std::vector<ChannelClass> elastic;
    for (auto& [first, found] : classes) {
      if (!found.width.is_constant() && read.contains(first)) elastic.push_back(std::move(found));
    }
    return elastic;
  }

 private:
  std::uint32_t root(std::uint32_t node) const {
    while (parent_[node] != node) node = parent_[node];
    return node;
  }

  /// The earlier node stands for both.
  void unite(std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  std::int64_t length(std::uint32_t node) const {
    const Shape& shape = shared_.types[node].shape;
    return shape.rank() == 0 ? 1 : shape[0];
  }

  std::optional<ElasticValue> groups(std::uint32_t node) const {
    const BlueprintNode& at = nodes_[node];
    if (at.op->channels != ChannelRule::kOutChannels) return std::nullopt;
    return at.attrs[at.op->attr_index("groups")];
  }
  /// Every input channel has its own output channels.
  bool depthwise(std::uint32_t node) const {
    const auto count = groups(node);
    if (!count) return false;
    const std::int64_t value = largest(*count, AttrType::kInt).as_int();
    return value == 0 || (value > 1 && value == length(nodes_[node].inputs.front().node));
  }

  /// A weight whose dimension 1 counts the channels of its input.
  bool reads_all(std::uint32_t node) const {
    const BlueprintNode& at = nodes_[node];
    if (at.op == nullptr || at.op->role != OpRole::kWeight || depthwise(node)) return false;
    const auto count = groups(node);
    return !count || largest(*count, AttrType::kInt).as_int() == 1;
  }

  std::optional<ElasticValue> own_width(std::uint32_t node) const {
    const BlueprintNode& at = nodes_[node];
    if (at.op->channels != ChannelRule::kOutChannels || depthwise(node)) return std::nullopt;
    return at.attrs[at.op->attr_index("out_channels")];
  }

  void tie(std::uint32_t node) {
    tied_[node] = true;
    for (const Value& input : nodes_[node].inputs) tied_[input.node] = true;
  }

  void connect(std::uint32_t node) {
    const BlueprintNode& at = nodes_[node];
    if (at.op == nullptr) {
      for (const Value& input : at.inputs) unite(node, input.node);
      return;
    }
    if (at.op == &input_op) tied_[node] = true;
    switch (at.op->channels) {
      case ChannelRule::kAsInput:
        for (const Value& input : at.inputs) unite(node, input.node);
        if (at.op->commutative) tied_[node] = true;  // a sum
        return;
      case ChannelRule::kOutChannels:
        if (depthwise(node)) {
          unite(node, at.inputs.front().node);
        } else if (!reads_all(node)) {
          tie(node);
        }
        return;
      case ChannelRule::kOwn:
        if (!reads_all(node)) tie(node);
        return;
      case ChannelRule::kPositions:
        if (length(node) == length(at.inputs.front().node)) {
          unite(node, at.inputs.front().node);
        } else {
          tie(node);
        }
        return;
      case ChannelRule::kUnknown:
      case ChannelRule::kShuffled:
      case ChannelRule::kConcat:
      case ChannelRule::kSlice:
      case ChannelRule::kRepeated:
        tie(node);
        return;
    }
  }

  void add_tensors(ChannelClass& found, std::uint32_t node, std::int64_t dim) const {
    for (std::size_t i = shared_.first[node]; i < shared_.first[node + 1]; ++i) {
      const auto rank = static_cast<std::int64_t>(shared_.list[i].spec.shape.rank());
      if (dim < rank) found.dimensions.push_back({i, dim});
    }
  }

  const std::vector<BlueprintNode>& nodes_;
  const SharedTensors& shared_;
  std::vector<std::uint32_t> parent_;  ///< union-find over nodes
  std::vector<bool> tied_;
};

}  // namespace

std::vector<ChannelClass> channel_classes(const Blueprint& blueprint, const SharedTensors& shared) {
  return ClassFinder(blueprint, shared).find();
}

std::vector<std::int64_t> values_under(const ElasticValue& value,
                                       const std::vector<std::vector<std::uint16_t>>& choices) {
  const std::span<const DecisionId> decisions = value.decisions();
  const std::span<const std::uint16_t> sizes = value.sizes();
  const auto allowed = [&](std::size_t which, std::uint16_t choice) {
    const DecisionId decision = decisions[which];
    if (decision >= choices.size() || choices[decision].empty()) return true;
    return std::ranges::count(choices[decision], choice) > 0;
  };
  std::vector<std::int64_t> values;
  for (std::size_t place = 0; place < value.values().size(); ++place) {
    std::size_t rest = place;
    bool all = true;
    for (std::size_t which = decisions.size(); which-- > 0;) {
      all = all && allowed(which, static_cast<std::uint16_t>(rest % sizes[which]));
      rest /= sizes[which];
    }
    if (all) values.push_back(value.values()[place].as_int());
  }
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
  return values;
}

}  // namespace nas
