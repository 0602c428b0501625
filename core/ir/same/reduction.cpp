#include "core/ir/same/reduction.h"

#include <algorithm>

namespace nas {
namespace {

class Reducer {
 public:
  explicit Reducer(const ArchGraph& graph) : graph_(graph) { result_.nodes.resize(graph.size()); }

  // Every rule looks only at inputs that are already rewritten, so one pass in topological order
  // reaches the fixed point.
  Reduction run() {
    for (NodeId id = 0; id < graph_.size(); ++id) rewrite(id);
    for (const GraphOutput& output : graph_.graph_outputs()) {
      result_.outputs.push_back(resolve(output.value));
    }
    mark_live();
    return std::move(result_);
  }

 private:
  ReducedValue resolve(PortRef ref) const {
    return ref.port == 0 ? result_.nodes[ref.node].value : ReducedValue{ref.node, ref.port};
  }

  ReducedValue zeros(const TensorType& type) {
    const auto place = std::find(result_.zero_types.begin(), result_.zero_types.end(), type);
    const auto index = static_cast<std::uint32_t>(place - result_.zero_types.begin());
    if (place == result_.zero_types.end()) result_.zero_types.push_back(type);
    return {ReducedValue::kZeros, index};
  }

  void rewrite(NodeId id) {
    Reduction::Node& node = result_.nodes[id];
    const OpSchema& op = graph_.op(id);
    node.op = &op;
    node.value = {id, 0};
    node.first_input = static_cast<std::uint32_t>(result_.inputs.size());
    const bool drops_zeros = op.commutative && op.zero_rule == ZeroRule::kKeeps;
    std::size_t zero_count = 0;
    const std::span<const PortRef> inputs = graph_.inputs(id);
    for (const PortRef& input : inputs) {
      const ReducedValue value = resolve(input);
      if (value.is_zeros()) ++zero_count;
      if (!value.is_zeros() || !drops_zeros) result_.inputs.push_back(value);
    }
    node.input_count = static_cast<std::uint32_t>(result_.inputs.size()) - node.first_input;
    const std::span<const TensorType> types = graph_.output_types(id);
    if (types.size() != 1) return;
    if (gives_zeros(id, zero_count)) {
      node.value = zeros(types[0]);
    } else if (op.neutral.exists && is_neutral(id)) {
      node.value = result_.inputs[node.first_input];
    }
  }

  bool gives_zeros(NodeId id, std::size_t zero_count) const {
    const std::size_t inputs = graph_.inputs(id).size();
    const bool all_zero = zero_count == inputs && inputs > 0;
    switch (graph_.op(id).zero_rule) {
      case ZeroRule::kMakes:
        return true;
      case ZeroRule::kKeeps:
        return all_zero;
      case ZeroRule::kUnbiased:
        return all_zero && !graph_.get_bool(id, "bias");
      case ZeroRule::kAbsorbs:
        return zero_count > 0;
      case ZeroRule::kUnknown:
        break;
    }
    return false;
  }

  bool is_neutral(NodeId id) const {
    const Reduction::Node& node = result_.nodes[id];
    if (node.input_count != 1) return false;
    if (graph_.type(graph_.inputs(id)[0]) != graph_.output_types(id)[0]) return false;
    const NeutralRule& neutral = node.op->neutral;
    return std::ranges::all_of(neutral.attrs, [&](std::string_view attr) {
      return attr.empty() || graph_.get_int(id, attr) == neutral.value;
    });
  }

  void mark(ReducedValue value) {
    if (value.is_zeros()) {
      result_.zero_live[value.port] = 1;
    } else {
      result_.nodes[value.node].live = true;
    }
  }

  void mark_live() {
    result_.zero_live.assign(result_.zero_types.size(), 0);
    for (const NodeId id : graph_.graph_inputs()) result_.nodes[id].live = true;
    for (const ReducedValue& output : result_.outputs) mark(output);
    for (std::size_t id = result_.nodes.size(); id-- > 0;) {
      if (!result_.nodes[id].live) continue;
      for (const ReducedValue& input : result_.inputs_of(result_.nodes[id])) mark(input);
    }
  }

  const ArchGraph& graph_;
  Reduction result_;
};

}  // namespace

Reduction reduce(const ArchGraph& graph) {
  return Reducer(graph).run();
}

}  // namespace nas
