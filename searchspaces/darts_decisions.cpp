#include "searchspaces/darts_decisions.h"

#include "searchspaces/blueprint_space.h"
#include "searchspaces/darts_genotype.h"

namespace nas::darts {

std::vector<InputPair> input_pairs(int node) {
  std::vector<InputPair> pairs;
  for (int low = 0; low < node; ++low) {
    for (int high = low + 1; high < node; ++high) pairs.push_back({low, high});
  }
  return pairs;
}

Decisions::Decisions() {
  add_cell("normal", kNormal);
  add_cell("reduce", kReduce);
}

DecisionId Decisions::add(std::string name, DecisionKind kind, std::vector<std::string> choices) {
  list.push_back({std::move(name), kind, std::move(choices)});
  return static_cast<DecisionId>(list.size() - 1);
}

void Decisions::add_cell(const std::string& name, CellType type) {
  for (int node = kFirstNode; node <= kLastNode; ++node) {
    const std::string prefix = name + "/node_" + std::to_string(node) + "/";
    NodeDecisions& decisions = nodes[type][static_cast<std::size_t>(node)];
    if (node > kFirstNode) {
      std::vector<std::string> pairs;
      for (const InputPair& pair : input_pairs(node)) {
        pairs.push_back(std::to_string(pair.low) + "_" + std::to_string(pair.high));
      }
      decisions.inputs = add(prefix + "inputs", DecisionKind::kInput, pairs);
    }
    decisions.op_low = add(prefix + "op_a", DecisionKind::kOperation, darts_operations());
    decisions.op_high = add(prefix + "op_b", DecisionKind::kOperation, darts_operations());
  }
}

ElasticValue edge_selector(const NodeDecisions& decisions, int node, int input) {
  const auto ops = static_cast<std::uint16_t>(darts_operations().size());
  if (!decisions.inputs) {
    return choice_of(input == 0 ? decisions.op_low : decisions.op_high, ops)
        .map_int([](std::int64_t op) { return op + 1; });
  }
  const std::vector<InputPair> pairs = input_pairs(node);
  return ElasticValue::of({*decisions.inputs, decisions.op_low, decisions.op_high},
                          {static_cast<std::uint16_t>(pairs.size()), ops, ops},
                          [&](Choices c) -> AttrValue {
                            if (pairs[c[0]].low == input) return std::int64_t{c[1]} + 1;
                            if (pairs[c[0]].high == input) return std::int64_t{c[2]} + 1;
                            return std::int64_t{0};
                          });
}

ElasticValue open_selector(const NodeDecisions& decisions, int node, int input) {
  if (decisions.inputs) return edge_selector(decisions, node, input);
  return choice_of(input == 0 ? decisions.op_low : decisions.op_high,
                   darts_operations().size() + 1);
}

}  // namespace nas::darts
