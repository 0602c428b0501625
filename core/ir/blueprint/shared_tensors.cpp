#include "core/ir/blueprint/shared_tensors.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/ir/blueprint/channel_cuts.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

/// Attributes of a node with everything at its largest.
std::vector<AttrValue> largest_attrs(const BlueprintNode& node) {
  std::vector<AttrValue> attrs;
  for (std::size_t i = 0; i < node.attrs.size(); ++i) {
    attrs.push_back(largest(node.attrs[i], node.op->attrs[i].type));
  }
  return attrs;
}

/// Lengths that the attribute "kernel" takes, largest first.
std::vector<std::int64_t> windows_of(const BlueprintNode& node) {
  std::vector<std::int64_t> windows;
  for (std::size_t i = 0; i < node.attrs.size(); ++i) {
    if (node.op->attrs[i].name != "kernel") continue;
    for (const AttrValue value : node.attrs[i].values()) windows.push_back(value.as_int());
  }
  std::ranges::sort(windows, std::greater<>());
  const auto repeated = std::ranges::unique(windows);
  windows.erase(repeated.begin(), repeated.end());
  return windows;
}

/// Names nodes as ArchGraph::path does, over all alternatives.
class PathNames {
 public:
  std::string next(const BlueprintNode& node) {
    std::string path = node.scope;
    path.append(path.empty() ? "" : "/").append(node.op->name);
    const std::int64_t before = uses_[path]++;
    return before == 0 ? path : path + ":" + std::to_string(before);
  }

 private:
  std::unordered_map<std::string, std::int64_t> uses_;
};

class SharedShapes {
 public:
  explicit SharedShapes(const Blueprint& blueprint) : blueprint_(blueprint) {}

  SharedTensors infer() {
    for (std::uint32_t i = 0; i < blueprint_.nodes.size(); ++i) {
      const BlueprintNode& node = blueprint_.nodes[i];
      shared_.first.push_back(shared_.list.size());
      try {
        shared_.types.push_back(node.op == nullptr ? choice_type(node) : add(i, node));
      } catch (const Error& error) {
        throw Error(ErrorKind::kUnsupported,
                    "no weights can be shared in '" + node.scope + "': " + error.what());
      }
    }
    shared_.first.push_back(shared_.list.size());
    return std::move(shared_);
  }

 private:
  TensorType choice_type(const BlueprintNode& node) const {
    TensorType type = shared_.types[node.inputs.front().node];
    for (const Value& input : node.inputs) {
      const Shape& other = shared_.types[input.node].shape;
      if (other.rank() != type.shape.rank()) {
        throw Error(ErrorKind::kUnsupported,
                    "alternatives are " + to_string(type.shape) + " and " + to_string(other));
      }
      for (std::size_t d = 0; d < other.rank(); ++d) {
        type.shape[d] = std::max(type.shape[d], other[d]);
      }
    }
    return type;
  }

  TensorType add(std::uint32_t index, const BlueprintNode& node) {
    if (node.op == &input_op) return node.input_type;
    std::vector<TensorType> inputs;
    for (const Value& input : node.inputs) inputs.push_back(shared_.types[input.node]);
    std::vector<AttrValue> attrs = largest_attrs(node);
    const OpCall call{*node.op, attrs, inputs};
    std::vector<TensorType> outputs;
    node.op->infer(call, outputs);
    NAS_CHECK(outputs.size() == 1, "primitives have one output");
    const std::string path = names_.next(node);
    // The weights of a sum are set from outside.
    if (node.op->params == nullptr || node.op == &mix_op) return outputs.front();
    const ParamList params = node.op->params(call);
    for (const ParamSpec& spec : params) {
      SharedTensor tensor{path + "." + std::string(spec.name), index, spec};
      if (spec.shape.rank() > 2) tensor.windows = windows_of(node);
      shared_.list.push_back(std::move(tensor));
    }
    return outputs.front();
  }

  const Blueprint& blueprint_;
  SharedTensors shared_;
  PathNames names_;
};

/// The places of a dimension between two lists of cuts.
Places places_of(const ChannelCuts& cuts, std::int64_t count, std::int64_t shared_count) {
  if (count == shared_count) return {count, {}};
  Places places{count, {}};
  bool first_ones = true;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    const ChannelCut& begin = cuts[i - 1];
    for (std::int64_t c = begin.own; c < cuts[i].own && c < count; ++c) {
      places.list.push_back(begin.shared + c - begin.own);
      first_ones = first_ones && places.list.back() == c;
    }
  }
  if (static_cast<std::int64_t>(places.list.size()) != count) {
    throw Error(ErrorKind::kUnsupported,
                "the channels of a subnet cannot be matched with those of its supernet");
  }
  if (first_ones) places.list.clear();
  return places;
}

}  // namespace

SharedTensors shared_tensors(const Blueprint& blueprint) {
  return SharedShapes(blueprint).infer();
}

std::vector<std::vector<TensorPart>> tensor_parts(const Blueprint& blueprint,
                                                  const SharedTensors& shared,
                                                  const TracedGraph& traced) {
  const ArchGraph& graph = traced.graph;
  std::vector<std::vector<TensorPart>> parts(graph.size());
  std::vector<ChannelCuts> cuts;  // found when a part is smaller than its tensor
  for (NodeId node = 0; node < graph.size(); ++node) {
    const std::uint32_t origin = traced.origin[node];
    if (&graph.op(node) == &mix_op) continue;
    const ParamList params = graph.params(node);
    std::size_t index = shared.first[origin];
    for (const ParamSpec& spec : params) {
      const Shape& own = spec.shape;
      const Shape& whole = shared.list[index].spec.shape;
      TensorPart part{
          index++, {own[0], {}}, {own.rank() > 1 ? own[1] : 0, {}}, own.rank() > 2 ? own[2] : 0};
      if (own != whole) {
        if (cuts.empty()) cuts = channel_cuts(blueprint, traced, shared.types);
        const NodeId input = graph.inputs(node)[0].node;
        part.outputs = places_of(cuts[node], own[0], whole[0]);
        if (own.rank() > 1) part.inputs = places_of(cuts[input], own[1], whole[1]);
      }
      parts[node].push_back(std::move(part));
    }
  }
  return parts;
}

}  // namespace nas
