#include "core/ir/blueprint/choice_groups.h"

#include <algorithm>
#include <set>
#include <span>

#include "core/ops/registry.h"

namespace nas {
namespace {

class Grouping {
 public:
  explicit Grouping(const Blueprint& blueprint) : blueprint_(blueprint) {}

  ChoiceGroups run() {
    groups_.of_selector.assign(blueprint_.selectors.size(), ChoiceGroups::kNone);
    groups_.sum_of_node.assign(blueprint_.nodes.size(), ChoiceGroups::kNone);
    for (const BlueprintNode& node : blueprint_.nodes) {
      if (node.op == nullptr) add_choice(node);
    }
    for (std::uint32_t i = 0; i < blueprint_.nodes.size(); ++i) {
      if (blueprint_.nodes[i].op == &mix_op) add_sum(i);
    }
    return std::move(groups_);
  }

 private:
  std::string unique(const std::string& scope) {
    std::string name = scope;
    for (int i = 1; !names_.insert(name).second; ++i) name = scope + ":" + std::to_string(i);
    return name;
  }

  void add_choice(const BlueprintNode& node) {
    const ElasticValue& selector = blueprint_.selectors[node.selector];
    const auto found = std::ranges::find(groups_.choices, selector, &ChoiceGroup::selector);
    groups_.of_selector[node.selector] = static_cast<std::size_t>(found - groups_.choices.begin());
    if (found != groups_.choices.end()) return;
    const std::size_t slash = node.scope.rfind('/');
    ChoiceGroup group{.name = unique(node.scope),
                      .part = slash == std::string::npos ? "" : node.scope.substr(0, slash),
                      .selector = selector,
                      .alternatives = {}};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      group.alternatives.push_back(kind_of(node, i));
    }
    group.is_residual = is_residual(node, group.alternatives);
    groups_.choices.push_back(std::move(group));
  }

  bool has_weights(std::uint32_t selector, std::size_t alternative) const {
    return std::ranges::any_of(blueprint_.nodes, [&](const BlueprintNode& node) {
      return node.op != nullptr && node.op->role == OpRole::kWeight &&
             std::ranges::any_of(node.guards, [&](const Guard& guard) {
               return guard.selector == selector &&
                      guard.alternative == static_cast<std::int64_t>(alternative);
             });
    });
  }

  bool is_inside(const BlueprintNode& node, std::uint32_t selector) const {
    return std::ranges::any_of(node.guards,
                               [&](const Guard& guard) { return guard.selector == selector; });
  }

  AlternativeKind kind_of(const BlueprintNode& choice, std::size_t index) const {
    const BlueprintNode& last = blueprint_.nodes[choice.inputs[index].node];
    if (!is_inside(last, choice.selector)) return AlternativeKind::kSkip;
    if (has_weights(choice.selector, index)) return AlternativeKind::kWeights;
    if (last.op != nullptr && last.op->zero_rule == ZeroRule::kMakes) return AlternativeKind::kNone;
    const bool passes_on = last.op != nullptr && last.op->neutral.exists &&
                           last.op->attrs.empty() && last.inputs.size() == 1;
    return passes_on ? AlternativeKind::kSkip : AlternativeKind::kParameterFree;
  }

  bool is_residual(const BlueprintNode& choice,
                   std::span<const AlternativeKind> alternatives) const {
    const auto skip = std::ranges::find(alternatives, AlternativeKind::kSkip);
    if (skip == alternatives.end()) return false;
    Value passed = choice.inputs[static_cast<std::size_t>(skip - alternatives.begin())];
    const BlueprintNode& last = blueprint_.nodes[passed.node];
    if (is_inside(last, choice.selector)) passed = last.inputs.front();
    return std::ranges::any_of(choice.inputs, [&](const Value& other) {
      const BlueprintNode& node = blueprint_.nodes[other.node];
      return node.op != nullptr && node.op->commutative && is_inside(node, choice.selector) &&
             std::ranges::any_of(node.inputs, [&](const Value& input) {
               return input.node == passed.node && input.port == passed.port;
             });
    });
  }

  /// The choice that a term of a sum is, also behind the rewrite to partial channels.
  std::size_t group_behind(Value value) const {
    for (;;) {
      const BlueprintNode& node = blueprint_.nodes[value.node];
      if (node.op == nullptr) return groups_.of_selector[node.selector];
      if (node.op->channels != ChannelRule::kShuffled &&
          node.op->channels != ChannelRule::kConcat) {
        throw Error(ErrorKind::kUnsupported,
                    "in '" + node.scope + "': a weighted sum of something else than open choices");
      }
      value = node.inputs.front();
    }
  }

  void add_sum(std::uint32_t index) {
    const BlueprintNode& node = blueprint_.nodes[index];
    std::vector<std::size_t> terms;
    for (const Value& input : node.inputs) terms.push_back(group_behind(input));
    const auto found = std::ranges::find(groups_.sums, terms, &SumGroup::terms);
    groups_.sum_of_node[index] = static_cast<std::size_t>(found - groups_.sums.begin());
    if (found == groups_.sums.end()) groups_.sums.push_back({unique(node.scope), terms});
  }

  const Blueprint& blueprint_;
  ChoiceGroups groups_;
  std::set<std::string> names_;
};

}  // namespace

ChoiceGroups choice_groups(const Blueprint& blueprint) {
  return Grouping(blueprint).run();
}

}  // namespace nas
