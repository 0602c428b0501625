#include "core/ir/blueprint/blueprint.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/ir/arch_builder.h"
#include "core/ir/blueprint/open_mixture.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kUsage, text);
}

/// Adds a guard while it lives.
class Guarded {
 public:
  Guarded(std::vector<Guard>& guards, Guard guard) : guards_(guards) { guards_.push_back(guard); }
  ~Guarded() { guards_.pop_back(); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

 private:
  std::vector<Guard>& guards_;
};

bool same_guard(const Guard& a, const Guard& b) {
  return a.selector == b.selector && a.alternative == b.alternative;
}

/// The alternatives that `selector` can name, ascending; all must exist.
std::vector<std::int64_t> reachable_alternatives(const ElasticValue& selector, std::size_t count,
                                                 std::string_view scope) {
  std::vector<std::int64_t> reachable;
  for (const AttrValue value : selector.values()) {
    if (value.as_int() < 0 || static_cast<std::uint64_t>(value.as_int()) >= count) {
      fail("choice " + std::to_string(value.as_int()) + " in '" + std::string(scope) +
           "' must be < " + std::to_string(count));
    }
    reachable.push_back(value.as_int());
  }
  std::ranges::sort(reachable);
  const auto repeated = std::ranges::unique(reachable);
  reachable.erase(repeated.begin(), repeated.end());
  return reachable;
}

}  // namespace

Value BlueprintBuilder::append(BlueprintNode node) {
  node.guards = guards_;
  node.scope = scope_;
  blueprint_.nodes.push_back(std::move(node));
  return {static_cast<std::uint32_t>(blueprint_.nodes.size() - 1), 0};
}

/// A value made inside an alternative may only be read where the same alternative holds: its guards
/// must begin the reader's.
void BlueprintBuilder::check_readable(Value value, std::span<const Guard> guards) const {
  if (value.node >= blueprint_.nodes.size()) {
    fail("in '" + scope_ + "': value " + std::to_string(value.node) + " does not exist");
  }
  const std::vector<Guard>& made = blueprint_.nodes[value.node].guards;
  if (made.size() > guards.size() ||
      !std::ranges::equal(made, guards.first(made.size()), same_guard)) {
    fail("in '" + scope_ + "': a value made inside an alternative of '" +
         blueprint_.nodes[value.node].scope + "' is read outside of it");
  }
}

Value BlueprintBuilder::input(const TensorType& type) {
  return append({.op = &input_op, .input_type = type});
}

Value BlueprintBuilder::choose(const ElasticValue& selector,
                               std::span<const Alternative> alternatives) {
  const std::vector<std::int64_t> reachable =
      reachable_alternatives(selector, alternatives.size(), scope_);
  if (reachable.size() == 1) {
    return alternatives[static_cast<std::size_t>(reachable.front())]();
  }
  const auto index = static_cast<std::uint32_t>(blueprint_.selectors.size());
  blueprint_.selectors.push_back(selector.map_int([&](std::int64_t value) {
    return std::ranges::lower_bound(reachable, value) - reachable.begin();
  }));
  std::vector<Value> values;
  for (std::size_t i = 0; i < reachable.size(); ++i) {
    const Guarded guarded(guards_, {index, static_cast<std::int64_t>(i)});
    values.push_back(alternatives[static_cast<std::size_t>(reachable[i])]());
    check_readable(values.back(), guards_);
  }
  return append({.inputs = std::move(values), .selector = index});
}

void BlueprintBuilder::push_scope(std::string_view name) {
  check_graph_name(name);
  scope_lengths_.push_back(scope_.size());
  scope_.append(scope_.empty() ? "" : "/").append(name);
}

void BlueprintBuilder::pop_scope() {
  if (!scope_lengths_.empty()) {
    scope_.resize(scope_lengths_.back());
    scope_lengths_.pop_back();
  }
}

ElasticValue BlueprintBuilder::channels(Value value) const {
  check_readable(value, guards_);
  for (;;) {
    const BlueprintNode& node = blueprint_.nodes[value.node];
    if (node.op == nullptr) {
      break;
    }
    if (node.op->max_inputs == 0 && node.input_type.shape.rank() > 0) {
      return node.input_type.shape[0];
    }
    const ChannelRule rule = node.op->channels;
    if (rule == ChannelRule::kOutChannels) {
      const ElasticValue& own = node.attrs[node.op->attr_index("out_channels")];
      const auto zeros = std::ranges::count(own.values(), AttrValue(0));
      if (zeros == 0) {
        return own;
      }
      if (!own.is_constant()) {
        break;
      }
    } else if (rule != ChannelRule::kAsInput && rule != ChannelRule::kShuffled) {
      break;
    }
    value = node.inputs.front();
  }
  const BlueprintNode& node = blueprint_.nodes[value.node];
  fail("in '" + scope_ + "': the channels of " +
       (node.op == nullptr ? "a choice" : "'" + std::string(node.op->name) + "'") + " in '" +
       node.scope + "' depend on shapes, which a blueprint does not know");
}

void BlueprintBuilder::output(std::string_view name, Value value) {
  check_graph_name(name);
  check_readable(value, {});
  for (const Blueprint::Output& other : blueprint_.outputs) {
    if (other.name == name) {
      fail("there are two outputs named '" + other.name + "'");
    }
  }
  blueprint_.outputs.push_back({std::string(name), value});
}

Value BlueprintBuilder::add_primitive(const OpSchema& op, std::span<const Value> inputs,
                                      std::span<const ElasticValue> attrs) {
  if (op.max_inputs == 0) {
    fail("in '" + scope_ + "': " + std::string(op.name) + " is made by input(type), not by add");
  }
  try {
    check_use(op, inputs.size(), attrs);
  } catch (const Error& error) {
    throw error.with_context("in '" + scope_ + "'");
  }
  for (const Value& value : inputs) {
    check_readable(value, guards_);
  }
  return append(
      {.op = &op, .inputs = {inputs.begin(), inputs.end()}, .attrs = {attrs.begin(), attrs.end()}});
}

std::size_t BlueprintBuilder::open_region() {
  blueprint_.regions.push_back({.begin = static_cast<std::uint32_t>(blueprint_.nodes.size())});
  return blueprint_.regions.size() - 1;
}

void BlueprintBuilder::close_region(std::size_t place, const MacroUse& use) {
  BlueprintRegion& region = blueprint_.regions[place];
  region.op = &use.op;
  region.inputs.assign(use.inputs.begin(), use.inputs.end());
  region.attrs.assign(use.attrs.begin(), use.attrs.end());
  region.output = use.output;
  region.end = static_cast<std::uint32_t>(blueprint_.nodes.size());
  region.guards = guards_;
}

Blueprint BlueprintBuilder::finish() {
  if (blueprint_.outputs.empty()) {
    fail("a blueprint needs at least one output");
  }
  std::erase_if(blueprint_.regions,
                [](const BlueprintRegion& region) { return region.op == nullptr; });
  Blueprint blueprint = std::move(blueprint_);
  *this = BlueprintBuilder{};
  return blueprint;
}

namespace {

/// Of one architecture.
class OneChoice {
 public:
  OneChoice(const Blueprint& blueprint, Choices choices)
      : choices_(choices), selected_(blueprint.selectors.size()) {
    std::ranges::transform(
        blueprint.selectors, selected_.begin(),
        [&](const ElasticValue& selector) { return selector.at(choices).as_int(); });
  }

  bool has(const Guard& guard) const { return selected_[guard.selector] == guard.alternative; }
  AttrValue value(const ElasticValue& attr, AttrType) const { return attr.at(choices_); }
  void keep_present(std::uint32_t selector, std::vector<Value>& inputs) const {
    inputs = {inputs[static_cast<std::size_t>(selected_[selector])]};
  }
  static bool mixes_single() { return false; }

 private:
  const Choices choices_;
  std::vector<std::int64_t> selected_;  ///< by selector
};

/// Of several alternatives side by side.
class ManyChoices {
 public:
  ManyChoices(const Blueprint& blueprint, const Alternatives& alternatives, bool single_too)
      : present_(blueprint.selectors.size()), alternatives_(alternatives), single_too_(single_too) {
    if (alternatives.size() != present_.size()) {
      fail("alternatives for " + std::to_string(alternatives.size()) +
           " choices, but the blueprint has " + std::to_string(present_.size()));
    }
    for (std::size_t i = 0; i < present_.size(); ++i) {
      const auto count = largest(blueprint.selectors[i], AttrType::kInt).as_int() + 1;
      present_[i].resize(static_cast<std::size_t>(count), false);
      for (const std::uint16_t alternative : alternatives[i]) {
        if (alternative >= count) {
          fail("choice " + std::to_string(i) + " has no alternative " +
               std::to_string(alternative) + "; it has " + std::to_string(count));
        }
        present_[i][alternative] = true;
      }
      if (alternatives[i].empty()) fail("choice " + std::to_string(i) + " has no alternative left");
    }
  }

  bool has(const Guard& guard) const {
    return present_[guard.selector][static_cast<std::size_t>(guard.alternative)];
  }
  AttrValue value(const ElasticValue& attr, AttrType type) const { return largest(attr, type); }
  void keep_present(std::uint32_t selector, std::vector<Value>& inputs) const {
    std::vector<Value> kept;
    for (const std::uint16_t alternative : alternatives_[selector]) {
      kept.push_back(inputs[alternative]);
    }
    inputs = std::move(kept);
  }
  bool mixes_single() const { return single_too_; }

 private:
  std::vector<std::vector<bool>> present_;  ///< by selector and alternative
  const Alternatives& alternatives_;
  const bool single_too_;
};

/// One walk over a blueprint. `Selection` says which alternatives and values are there.
template <class Selection>
class Resolver {
 public:
  Resolver(const Blueprint& blueprint, Selection selection)
      : blueprint_(blueprint),
        selection_(std::move(selection)),
        built_(blueprint.nodes.size()),
        made_before_(blueprint.nodes.size() + 1) {}

  TracedGraph run() {
    for (std::uint32_t i = 0; i < blueprint_.nodes.size(); ++i) {
      const BlueprintNode& node = blueprint_.nodes[i];
      made_before_[i] = made();
      if (holds(node.guards)) add(i, node);
    }
    made_before_.back() = made();
    for (const BlueprintRegion& region : blueprint_.regions) {
      if (holds(region.guards)) add_region(region);
    }
    for (const Blueprint::Output& output : blueprint_.outputs) {
      builder_.output(output.name, locate(output.value));
    }
    return {builder_.finish(), std::move(origin_)};
  }

 private:
  NodeId made() const { return static_cast<NodeId>(origin_.size()); }

  bool holds(std::span<const Guard> guards) const {
    return std::ranges::all_of(guards, [&](const Guard& guard) { return selection_.has(guard); });
  }

  /// A choice stands for an output of another node; only operations have several outputs.
  Value locate(Value value) const {
    return {built_[value.node].node, built_[value.node].port + value.port};
  }

  std::span<const AttrValue> settled(const OpSchema& op, std::span<const ElasticValue> attrs) {
    for (std::size_t i = 0; i < attrs.size(); ++i) {
      attrs_[i] = selection_.value(attrs[i], op.attrs[i].type);
    }
    return std::span(attrs_).first(attrs.size());
  }

  void add_choice(std::uint32_t index, const BlueprintNode& node) {
    inputs_.assign(node.inputs.begin(), node.inputs.end());
    selection_.keep_present(node.selector, inputs_);
    std::ranges::transform(inputs_, inputs_.begin(), [&](Value value) { return locate(value); });
    if (inputs_.size() == 1 && !selection_.mixes_single()) {
      built_[index] = inputs_.front();
      return;
    }
    origin_.push_back(index);
    built_[index] = builder_.add_in_scope(mix_op, inputs_, {}, node.scope);
  }

  void add(std::uint32_t index, const BlueprintNode& node) {
    if (node.op == nullptr) {
      add_choice(index, node);
      return;
    }
    origin_.push_back(index);
    if (node.op == &input_op) {
      built_[index] = builder_.input_in_scope(node.input_type, node.scope);
      return;
    }
    inputs_.clear();
    for (const Value& value : node.inputs) inputs_.push_back(locate(value));
    built_[index] =
        builder_.add_in_scope(*node.op, inputs_, settled(*node.op, node.attrs), node.scope);
  }

  void add_region(const BlueprintRegion& region) {
    const NodeId begin = made_before_[region.begin], end = made_before_[region.end];
    region_inputs_.clear();
    for (const Value& value : region.inputs) {
      region_inputs_.push_back({locate(value).node, locate(value).port});
    }
    const Value output = locate(region.output);
    builder_.add_region({region.op,
                         settled(*region.op, region.attrs),
                         region_inputs_,
                         {output.node, output.port},
                         begin,
                         end});
  }

  const Blueprint& blueprint_;
  const Selection selection_;
  std::vector<Value> built_;           ///< by blueprint node; unused where a guard fails
  std::vector<NodeId> made_before_;    ///< by blueprint node: nodes of the graph before it
  std::vector<std::uint32_t> origin_;  ///< by node of the graph
  ArchBuilder builder_;
  std::vector<Value> inputs_;  ///< scratch
  std::vector<PortRef> region_inputs_;
  std::array<AttrValue, kMaxAttrs> attrs_;
};

}  // namespace

ArchGraph resolve(const Blueprint& blueprint, Choices choices) {
  return resolve_traced(blueprint, choices).graph;
}

TracedGraph resolve_traced(const Blueprint& blueprint, Choices choices) {
  return Resolver(blueprint, OneChoice(blueprint, choices)).run();
}

Alternatives all_alternatives(const Blueprint& blueprint) {
  Alternatives all;
  for (const ElasticValue& selector : blueprint.selectors) {
    std::vector<std::uint16_t>& alternatives = all.emplace_back();
    const std::int64_t count = largest(selector, AttrType::kInt).as_int() + 1;
    for (std::int64_t i = 0; i < count; ++i) {
      alternatives.push_back(static_cast<std::uint16_t>(i));
    }
  }
  return all;
}

TracedGraph mixture(const Blueprint& blueprint, const Alternatives& alternatives) {
  return Resolver(blueprint, ManyChoices(blueprint, alternatives, false)).run();
}

TracedGraph open_mixture(const Blueprint& blueprint, const Alternatives& alternatives) {
  return Resolver(blueprint, ManyChoices(blueprint, alternatives, true)).run();
}

AttrValue largest(const ElasticValue& value, AttrType type) {
  const auto less = [type](AttrValue a, AttrValue b) {
    return type == AttrType::kReal ? a.as_real() < b.as_real() : a.as_int() < b.as_int();
  };
  return *std::ranges::max_element(value.values(), less);
}

}  // namespace nas
