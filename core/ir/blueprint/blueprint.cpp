#include "core/ir/blueprint/blueprint.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/ir/arch_builder.h"
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
    if (node.op->channels == ChannelRule::kUnknown) {
      break;
    }
    if (node.op->channels == ChannelRule::kOutChannels) {
      const ElasticValue& own = node.attrs[node.op->attr_index("out_channels")];
      const auto zeros = std::ranges::count(own.values(), AttrValue(0));
      if (zeros == 0) {
        return own;
      }
      if (!own.is_constant()) {
        break;
      }
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

Blueprint BlueprintBuilder::finish() {
  if (blueprint_.outputs.empty()) {
    fail("a blueprint needs at least one output");
  }
  Blueprint blueprint = std::move(blueprint_);
  *this = BlueprintBuilder{};
  return blueprint;
}

ArchGraph resolve(const Blueprint& blueprint, Choices choices) {
  std::vector<std::int64_t> selected(blueprint.selectors.size());
  std::ranges::transform(blueprint.selectors, selected.begin(), [&](const ElasticValue& selector) {
    return selector.at(choices).as_int();
  });
  ArchBuilder builder;
  std::vector<Value> built(
      blueprint.nodes.size());  // by blueprint node; unused where a guard fails
  // A choice stands for an output of another node; only operations have several outputs.
  const auto locate = [&](Value value) -> Value {
    return {built[value.node].node, built[value.node].port + value.port};
  };
  std::vector<Value> inputs;
  std::array<AttrValue, kMaxAttrs> attrs;
  for (std::size_t i = 0; i < blueprint.nodes.size(); ++i) {
    const BlueprintNode& node = blueprint.nodes[i];
    const bool active = std::ranges::all_of(node.guards, [&](const Guard& guard) {
      return selected[guard.selector] == guard.alternative;
    });
    if (!active) {
      continue;
    }
    if (node.op == nullptr) {
      const auto alternative = static_cast<std::size_t>(selected[node.selector]);
      built[i] = locate(node.inputs[alternative]);
      continue;
    }
    if (node.op->max_inputs == 0) {
      built[i] = builder.input_in_scope(node.input_type, node.scope);
      continue;
    }
    inputs.clear();
    for (const Value& value : node.inputs) {
      inputs.push_back(locate(value));
    }
    std::ranges::transform(node.attrs, attrs.begin(),
                           [&](const ElasticValue& value) { return value.at(choices); });
    built[i] = builder.add_in_scope(*node.op, inputs, std::span(attrs).first(node.attrs.size()),
                                    node.scope);
  }
  for (const Blueprint::Output& output : blueprint.outputs) {
    builder.output(output.name, locate(output.value));
  }
  return builder.finish();
}

}  // namespace nas
