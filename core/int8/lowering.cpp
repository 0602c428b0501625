#include "core/int8/lowering.h"

#include <algorithm>

#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/ir/same/rebuild.h"
#include "core/ir/same/simplify.h"
#include "core/ops/registry.h"
#include "core/util/error.h"

namespace nas {
namespace {

bool is_long_sum(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  return op.role == OpRole::kMerge && op.commutative && graph.inputs(node).size() > 2;
}

/// Every operation of the graph without a rule, in one error.
void refuse_unsupported(const ArchGraph& graph) {
  std::vector<std::string> reasons, named;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const OpSchema& op = graph.op(node);
    if (op.role == OpRole::kInput) {
      if (graph.output_types(node)[0].element != Element::kFloat) {
        reasons.push_back("'" + graph.path(node) + "' is not made of real numbers");
      }
      continue;
    }
    const LoweringRule* rule = find_lowering(op.name);
    const std::string name(op.name);
    if (rule != nullptr && rule->lower != nullptr) continue;
    if (std::ranges::find(named, name) != named.end()) continue;
    named.push_back(name);
    reasons.push_back(name + " ('" + graph.path(node) + "') " +
                      std::string(rule == nullptr ? "has no rule" : rule->refusal));
  }
  if (reasons.empty()) return;
  std::string text = "the network has no int8 form: ";
  for (const std::string& reason : reasons) {
    text += (&reason == &reasons.front() ? "" : "; ") + reason;
  }
  throw Error(ErrorKind::kUnsupported, text);
}

/// A sequence that a layer along time reads stands as an image; other matrices are rows of tokens.
MicroLayout input_layout(const ArchGraph& graph, NodeId node) {
  const std::size_t rank = graph.output_types(node)[0].shape.rank();
  if (rank == 3) return MicroLayout::kChannelsLast;
  const auto along_time = [&](const Consumer& reader) {
    const OpFamily family = graph.op(reader.node).family;
    return family == OpFamily::kConv || has_running_statistics(graph, reader.node);
  };
  const bool sequence = rank == 2 && std::ranges::any_of(graph.consumers(node), along_time);
  return sequence ? MicroLayout::kChannelsLast : MicroLayout::kPlain;
}

void give_input(LoweringState& state, NodeId node) {
  const Shape& shape = state.result.graph.output_types(node)[0].shape;
  const MicroLayout layout = input_layout(state.result.graph, node);
  NodeLowering lowering(state, node);
  const int tensor = lowering.value(micro_dims(shape, layout));
  state.result.program.inputs.push_back(tensor);
  state.result.program.input_names.push_back(state.result.graph.path(node));
  lowering.give(tensor, layout);
}

}  // namespace

const LoweringRule* find_lowering(std::string_view op) {
  for (const LoweringRules* rules : lowering_rules()) {
    for (const LoweringRule& rule : *rules) {
      if (rule.op == op) return &rule;
    }
  }
  return nullptr;
}

ArchGraph with_binary_sums(const ArchGraph& graph) {
  Rebuild rebuild(graph);
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!is_long_sum(graph, node)) {
      rebuild.copy(node, graph.scope(node));
      continue;
    }
    const std::vector<Value> terms = rebuild.inputs(node);
    Value sum = terms[0];
    for (std::size_t i = 1; i < terms.size(); ++i) {
      const Value pair[] = {sum, terms[i]};
      sum = rebuild.builder().add_in_scope(graph.op(node), pair, {}, graph.scope(node));
    }
    rebuild.replace(node, sum);
  }
  return rebuild.finish();
}

Lowering lower_prepared(const ArchGraph& graph, const LoweringOptions& options) {
  refuse_unsupported(graph);
  LoweringState state{options, {.graph = graph}};
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role == OpRole::kInput) {
      give_input(state, node);
    } else {
      NodeLowering lowering(state, node);
      find_lowering(graph.op(node).name)->lower(lowering);
    }
  }
  for (const GraphOutput& output : graph.graph_outputs()) {
    state.result.program.outputs.push_back(state.forms.at(output.value).tensor);
    state.result.program.output_names.push_back(output.name);
  }
  state.result.program.check();
  return std::move(state.result);
}

Lowering lower(const ArchGraph& graph, const LoweringOptions& options) {
  return lower_prepared(with_binary_sums(fold_batch_norm(simplified(graph))), options);
}

}  // namespace nas
