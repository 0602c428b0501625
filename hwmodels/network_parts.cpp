#include "hwmodels/network_parts.h"

#include <algorithm>
#include <span>

namespace nas {
namespace {

bool same(Value a, Value b) {
  return a.node == b.node && a.port == b.port;
}

/// A blueprint's parts in one walk.
class Walk {
 public:
  explicit Walk(const Blueprint& blueprint)
      : blueprint_(blueprint), types_(output_types(blueprint)) {}

  NetworkParts run() {
    NetworkParts network{{}, blueprint_.selectors, {}};
    auto region = blueprint_.regions.begin();
    for (std::uint32_t i = 0; i < blueprint_.nodes.size();) {
      while (region != blueprint_.regions.end() &&
             (region->begin < i || region->begin == region->end)) {
        ++region;
      }
      if (region != blueprint_.regions.end() && region->begin == i) {
        network.parts.push_back(of_region(*region));
        i = region->end;
        continue;
      }
      const BlueprintNode& node = blueprint_.nodes[i];
      if (node.op != nullptr && node.op->role == OpRole::kInput) {
        network.inputs.push_back(node.input_type);
      } else if (node.op != nullptr) {
        network.parts.push_back(of_node(i));
      }
      ++i;
    }
    return network;
  }

 private:
  const ElasticType& type(Value value) const { return types_[value.node][value.port]; }

  std::vector<ElasticType> types_of(std::span<const Value> values) const {
    std::vector<ElasticType> types;
    for (const Value& value : values) types.push_back(type(value));
    return types;
  }

  NetworkPart of_region(const BlueprintRegion& region) const {
    return {.op = region.op,
            .scope = scope_of(region),
            .attrs = region.attrs,
            .inputs = types_of(region.inputs),
            .output = {type(region.output)},
            .guards = region.guards,
            .shortcut = has_shortcut(region),
            .begin = region.begin,
            .end = region.end};
  }

  /// Where the use stands: its first node is in a scope of the macro's name inside of that.
  std::string scope_of(const BlueprintRegion& region) const {
    const std::string& scope = blueprint_.nodes[region.begin].scope;
    return scope.substr(0, scope.find("/" + std::string(region.op->name)));
  }

  bool has_shortcut(const BlueprintRegion& region) const {
    return std::ranges::any_of(blueprint_.nodes, [&](const BlueprintNode& node) {
      const auto reads = [&](Value value) {
        return std::ranges::any_of(node.inputs, [&](Value input) { return same(input, value); });
      };
      return node.op != nullptr && node.op->name == "add" && reads(region.output) &&
             std::ranges::any_of(region.inputs, reads);
    });
  }

  NetworkPart of_node(std::uint32_t index) {
    const BlueprintNode& node = blueprint_.nodes[index];
    NetworkPart part{.op = node.op,
                     .scope = node.scope,
                     .attrs = node.attrs,
                     .inputs = types_of(node.inputs),
                     .output = {types_[index].front()},
                     .guards = node.guards,
                     .begin = index,
                     .end = index + 1};
    if (node.op->family == OpFamily::kConv) part.convolution = convolutions_++;
    if (!node.inputs.empty()) part.pooled = pooled(node.inputs.front());
    return part;
  }

  std::vector<ElasticType> pooled(Value value) const {
    for (;;) {
      const BlueprintNode& node = blueprint_.nodes[value.node];
      if (node.op == nullptr || node.inputs.size() != 1) return {};
      value = node.inputs.front();
      if (node.op->role == OpRole::kGlobalPool) return {type(value)};
      if (node.op->role != OpRole::kStructure) return {};
    }
  }

  const Blueprint& blueprint_;
  std::vector<std::vector<ElasticType>> types_;
  std::size_t convolutions_ = 0;
};

/// A network as a blueprint without decisions.
Blueprint without_decisions(const ArchGraph& graph) {
  Blueprint blueprint;
  const auto value = [](PortRef ref) { return Value{ref.node, ref.port}; };
  const auto constants = [](std::span<const AttrValue> attrs) {
    return std::vector<ElasticValue>(attrs.begin(), attrs.end());
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    BlueprintNode node{.op = &graph.op(id), .attrs = constants(graph.attrs(id))};
    for (const PortRef& input : graph.inputs(id)) node.inputs.push_back(value(input));
    node.scope = graph.scope(id);
    if (node.op->role == OpRole::kInput) node.input_type = graph.output_types(id).front();
    blueprint.nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < graph.region_count(); ++i) {
    const Region region = graph.region(i);
    BlueprintRegion copy{.op = region.op, .attrs = constants(region.attrs)};
    for (const PortRef& input : region.inputs) copy.inputs.push_back(value(input));
    copy.output = value(region.output);
    copy.begin = region.begin;
    copy.end = region.end;
    blueprint.regions.push_back(std::move(copy));
  }
  return blueprint;
}

}  // namespace

NetworkParts parts_of(const Blueprint& blueprint) {
  return Walk(blueprint).run();
}

NetworkParts parts_of(const ArchGraph& graph) {
  return parts_of(without_decisions(graph));
}

bool may_leave_parts_out(const Blueprint& blueprint) {
  return std::ranges::any_of(blueprint.nodes, [](const BlueprintNode& node) {
    return node.op != nullptr && node.op->zero_rule == ZeroRule::kMakes;
  });
}

DecisionSet decisions_of(const NetworkParts& network, const NetworkPart& part) {
  DecisionSet set;
  for (const Guard& guard : part.guards) set.add(network.selectors[guard.selector]);
  for (const ElasticValue& attr : part.attrs) set.add(attr);
  for (const ElasticType& type : part.inputs) set.add(type);
  for (const ElasticType& type : part.output) set.add(type);
  for (const ElasticType& type : part.pooled) set.add(type);
  return set;
}

std::optional<PartUse> use_of(const NetworkParts& network, const NetworkPart& part,
                              Choices choices) {
  const bool present = std::ranges::all_of(part.guards, [&](const Guard& guard) {
    return network.selectors[guard.selector].at(choices).as_int() == guard.alternative;
  });
  if (!present) return std::nullopt;
  PartUse use{.op = *part.op,
              .shortcut = part.shortcut,
              .convolution = part.convolution,
              .always = part.guards.empty()};
  for (const ElasticValue& attr : part.attrs) use.attrs.push_back(attr.at(choices));
  const auto known = [&](const ElasticType& type) {
    const std::optional<TensorType>& at = type.at(choices);
    NAS_CHECK(at.has_value(), "the shapes of a part that the network has");
    return *at;
  };
  for (const ElasticType& type : part.inputs) use.inputs.push_back(known(type));
  use.output = known(part.output.front());
  if (!part.pooled.empty()) use.pooled = known(part.pooled.front());
  return use;
}

}  // namespace nas
