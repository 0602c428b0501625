#include "core/ir/blueprint/rewrite.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/ir/blueprint/shared_tensors.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

bool same_value(const Value& a, const Value& b) {
  return a.node == b.node && a.port == b.port;
}

/// Copies a blueprint node by node; a rewrite may put nodes between.
class Copy {
 public:
  explicit Copy(const Blueprint& source)
      : source_(source), before_(source.nodes.size() + 1), moved_(source.nodes.size()) {
    result_.selectors = source.selectors;
  }

  /// To be called for each node in order, before anything is added for it.
  void reach(std::uint32_t index) { before_[index] = size(); }
  BlueprintNode moved(std::uint32_t index) const {
    BlueprintNode node = source_.nodes[index];
    for (Value& input : node.inputs) input = at(input);
    return node;
  }
  Value append(BlueprintNode node) {
    result_.nodes.push_back(std::move(node));
    return {size() - 1, 0};
  }
  /// A primitive beside a node of the source.
  Value append(std::string_view op, std::vector<Value> inputs, std::vector<ElasticValue> attrs,
               const BlueprintNode& beside) {
    return append({.op = &find_op(op),
                   .inputs = std::move(inputs),
                   .attrs = std::move(attrs),
                   .guards = beside.guards,
                   .scope = beside.scope});
  }
  /// Says what stands for a node of the source: its copy, or what is read in its place.
  void set(std::uint32_t index, std::uint32_t copy, Value read) { moved_[index] = {copy, read}; }
  Value at(Value value) const {
    const Value read = moved_[value.node].second;
    return {read.node, read.port + value.port};
  }

  Blueprint finish() {
    before_.back() = size();
    for (const Blueprint::Output& output : source_.outputs) {
      result_.outputs.push_back({output.name, at(output.value)});
    }
    for (BlueprintRegion region : source_.regions) {
      region.begin = region.begin == region.end ? before_[region.end] : moved_[region.begin].first;
      region.end = before_[region.end];
      for (Value& input : region.inputs) input = at(input);
      region.output = at(region.output);
      result_.regions.push_back(std::move(region));
    }
    return std::move(result_);
  }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(result_.nodes.size()); }

  const Blueprint& source_;
  Blueprint result_;
  std::vector<std::uint32_t> before_;  ///< by node of the source: nodes before what it became
  std::vector<std::pair<std::uint32_t, Value>> moved_;
};

/// Attributes of a use with one of them changed by name; nothing where it has none of that name.
bool change(const OpSchema& op, std::vector<ElasticValue>& attrs, std::string_view name,
            const std::function<ElasticValue(const ElasticValue&)>& change_value) {
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    if (op.attrs[i].name != name) continue;
    attrs[i] = change_value(attrs[i]);
    return true;
  }
  return false;
}

/// What an outermost choice reads; its alternatives are the nodes that its selector guards.
struct OpenChoice {
  std::uint32_t node = 0;
  Value source{};
  std::int64_t channels = 0;
  bool halves = false;
};

class PartialChannels {
 public:
  PartialChannels(const Blueprint& blueprint, std::int64_t share)
      : blueprint_(blueprint),
        share_(share),
        types_(shared_tensors(blueprint).types),
        copy_(blueprint) {}

  Blueprint run() {
    std::vector<Value> slices(blueprint_.selectors.size());
    std::vector<bool> sliced(blueprint_.selectors.size(), false);
    for (std::uint32_t i = 0; i < blueprint_.nodes.size(); ++i) {
      const BlueprintNode& node = blueprint_.nodes[i];
      copy_.reach(i);
      const std::uint32_t selector =
          node.guards.empty() ? node.selector : node.guards.front().selector;
      if (node.guards.empty() && node.op != nullptr) {
        const Value copied = copy_.append(copy_.moved(i));
        copy_.set(i, copied.node, copied);
        continue;
      }
      if (!sliced[selector]) {
        choice_ = find_choice(selector);
        slices[selector] = slice();
        sliced[selector] = true;
      }
      if (node.guards.empty()) {
        close(i, slices[selector]);
      } else {
        add_alternative(i, slices[selector]);
      }
    }
    Blueprint result = copy_.finish();
    for (BlueprintRegion& region : result.regions) {
      if (!region.guards.empty()) narrow(*region.op, region.attrs, "");
    }
    shared_tensors(result);  // says what does not fit
    return result;
  }

 private:
  bool is_alternative(const Value& value, std::uint32_t selector) const {
    const std::vector<Guard>& guards = blueprint_.nodes[value.node].guards;
    return !guards.empty() && guards.front().selector == selector;
  }

  OpenChoice find_choice(std::uint32_t selector) const {
    OpenChoice choice;
    std::vector<Value> read;
    const auto note = [&](const Value& value) {
      if (!is_alternative(value, selector)) read.push_back(value);
    };
    for (std::uint32_t i = 0; i < blueprint_.nodes.size(); ++i) {
      const BlueprintNode& node = blueprint_.nodes[i];
      const bool inside = is_alternative({i, 0}, selector);
      const bool itself = node.guards.empty() && node.op == nullptr && node.selector == selector;
      if (itself) choice.node = i;
      if (inside || itself) std::ranges::for_each(node.inputs, note);
    }
    const std::string& scope = blueprint_.nodes[choice.node].scope;
    const auto refuse = [&](const std::string& why) {
      throw Error(ErrorKind::kUnsupported, "partial channels in '" + scope + "': " + why);
    };
    if (read.empty() || !std::ranges::all_of(read, [&](const Value& value) {
          return same_value(value, read.front());
        })) {
      refuse("the alternatives do not read one tensor");
    }
    choice.source = read.front();
    const Shape& in = types_[choice.source.node].shape;
    const Shape& out = types_[choice.node].shape;
    if (in.rank() != 3 || out.rank() != 3 || in[0] != out[0]) {
      refuse("the alternatives make " + to_string(out) + " of " + to_string(in) +
             "; the channels of an image must stay");
    }
    choice.channels = in[0];
    choice.halves = in[1] != out[1] || in[2] != out[2];
    if (choice.channels % share_ != 0) refuse_share(choice.channels, scope);
    return choice;
  }

  [[noreturn]] void refuse_share(std::int64_t channels, const std::string& scope) const {
    throw Error(ErrorKind::kUsage, "partial channels: 1/" + std::to_string(share_) + " of " +
                                       std::to_string(channels) + " channels in '" + scope +
                                       "' is no whole number");
  }

  Value slice() {
    return copy_.append("slice_channels", {copy_.at(choice_.source)},
                        {0, choice_.channels / share_}, blueprint_.nodes[choice_.node]);
  }

  void narrow(const OpSchema& op, std::vector<ElasticValue>& attrs,
              const std::string& scope) const {
    change(op, attrs, "out_channels", [&](const ElasticValue& channels) {
      return channels.map_int([&](std::int64_t count) {
        if (count % share_ != 0) refuse_share(count, scope);
        return count / share_;
      });
    });
  }

  /// The place in the copy of what an alternative, or the choice itself, reads.
  std::vector<Value> inputs(std::uint32_t index, Value slice_value) const {
    std::vector<Value> values;
    const BlueprintNode& node = blueprint_.nodes[index];
    const std::uint32_t selector =
        node.guards.empty() ? node.selector : node.guards.front().selector;
    for (const Value& input : node.inputs) {
      values.push_back(is_alternative(input, selector) ? copy_.at(input) : slice_value);
    }
    return values;
  }

  void add_alternative(std::uint32_t index, Value slice_value) {
    BlueprintNode node = blueprint_.nodes[index];
    node.inputs = inputs(index, slice_value);
    if (node.op != nullptr) narrow(*node.op, node.attrs, node.scope);
    const Value copied = copy_.append(std::move(node));
    copy_.set(index, copied.node, copied);
  }

  void close(std::uint32_t index, Value slice_value) {
    const BlueprintNode& source = blueprint_.nodes[index];
    choice_ = find_choice(source.selector);
    BlueprintNode node = source;
    node.inputs = inputs(index, slice_value);
    const Value mixed = copy_.append(std::move(node));
    Value others = copy_.append("slice_channels", {copy_.at(choice_.source)},
                                {choice_.channels / share_, 0}, source);
    if (choice_.halves) {
      others = copy_.append("max_pool", {others}, {2, 2, 0, false}, source);
    }
    const Value both = copy_.append("concat", {mixed, others}, {}, source);
    copy_.set(index, mixed.node, copy_.append("channel_shuffle", {both}, {share_}, source));
  }

  const Blueprint& blueprint_;
  const std::int64_t share_;
  const std::vector<TensorType> types_;
  Copy copy_;
  OpenChoice choice_;
};

/// The scopes one level above those of the open choices: cells.
std::set<std::string> searched_parts(const Blueprint& blueprint) {
  std::set<std::string> parts;
  for (const BlueprintNode& node : blueprint.nodes) {
    if (node.op != nullptr || !node.guards.empty()) continue;
    const std::size_t slash = node.scope.rfind('/');
    parts.insert(slash == std::string::npos ? node.scope : node.scope.substr(0, slash));
  }
  return parts;
}

bool inside(const std::string& scope, const std::set<std::string>& parts) {
  for (std::string part = scope; !part.empty();) {
    if (parts.contains(part)) return true;
    const std::size_t slash = part.rfind('/');
    part.resize(slash == std::string::npos ? 0 : slash);
  }
  return false;
}

}  // namespace

Blueprint partial_channels(const Blueprint& blueprint, std::int64_t share) {
  if (share < 1) {
    throw Error(ErrorKind::kUsage,
                "partial channels: share = " + std::to_string(share) + ", must be >= 1");
  }
  return share == 1 ? blueprint : PartialChannels(blueprint, share).run();
}

Blueprint without_affine(const Blueprint& blueprint) {
  Blueprint result = blueprint;
  const std::set<std::string> parts = searched_parts(blueprint);
  const auto off = [](const ElasticValue&) { return ElasticValue(false); };
  std::vector<bool> changed(result.nodes.size(), false);
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    BlueprintNode& node = result.nodes[i];
    if (node.op == nullptr || (node.guards.empty() && !inside(node.scope, parts))) continue;
    if (node.op->role != OpRole::kNormalisation) continue;
    changed[i] = change(*node.op, node.attrs, "affine", off);
  }
  // A use of a macro that cannot say so is one no more.
  std::erase_if(result.regions, [&](BlueprintRegion& region) {
    const bool touched = std::any_of(changed.begin() + region.begin, changed.begin() + region.end,
                                     [](bool value) { return value; });
    return touched && !change(*region.op, region.attrs, "affine", off);
  });
  return result;
}

Blueprint normalised_pools(const Blueprint& blueprint) {
  Copy copy(blueprint);
  for (std::uint32_t i = 0; i < blueprint.nodes.size(); ++i) {
    const BlueprintNode& node = blueprint.nodes[i];
    copy.reach(i);
    const Value copied = copy.append(copy.moved(i));
    Value read = copied;
    if (node.op != nullptr && !node.guards.empty() && node.op->role == OpRole::kWindowPool) {
      const OpSchema& norm = find_op("batch_norm");
      std::vector<ElasticValue> attrs;
      for (const AttrSpec& attr : norm.attrs) attrs.emplace_back(attr.default_value);
      attrs[norm.attr_index("affine")] = false;
      read = copy.append(norm.name, {copied}, std::move(attrs), node);
    }
    copy.set(i, copied.node, read);
  }
  return copy.finish();
}

Blueprint edge_normalised(const Blueprint& blueprint) {
  Blueprint result = blueprint;
  for (BlueprintNode& node : result.nodes) {
    const bool open = node.op != nullptr && node.op->name == "add" && node.inputs.size() > 1 &&
                      std::ranges::all_of(node.inputs, [&](const Value& input) {
                        return blueprint.nodes[input.node].op == nullptr;
                      });
    if (open) node.op = &mix_op;
  }
  return result;
}

}  // namespace nas
