#include <algorithm>

#include "core/ir/reachability.h"
#include "core/runtime/model_torch.h"

namespace nas {
namespace {

class Planner {
 public:
  Planner(const ArchGraph& graph, bool all_nodes)
      : graph_(graph),
        all_nodes_(all_nodes),
        inputs_(graph.size()),
        needed_(graph.size(), all_nodes),
        readers_(graph.size(), 0) {}

  ExecutionPlan plan() {
    for (NodeId node = 0; node < graph_.size(); ++node) collect_inputs(node);
    find_needed();
    for (NodeId node = 0; node < graph_.size(); ++node) {
      if (!needed_[node]) continue;
      for (const NodeId input : inputs_[node]) ++readers_[input];
    }
    // An output is read after the last node: it is never expendable.
    for (const GraphOutput& output : graph_.graph_outputs()) readers_[output.value.node] += 2;
    ExecutionPlan plan;
    for (NodeId node = 0; node < graph_.size(); ++node) {
      if (needed_[node] && !inputs_[node].empty()) plan.steps.push_back(step(node));
    }
    mark_last_reads(plan);
    return plan;
  }

 private:
  ResultMemory memory(NodeId node) const {
    return inputs_[node].empty() ? ResultMemory::kKept : find_builder(graph_.op(node).name).memory;
  }

  void collect_inputs(NodeId node) {
    for (const PortRef& input : graph_.inputs(node)) {
      NAS_CHECK(input.port == 0, "primitives have one output");
      inputs_[node].push_back(input.node);
    }
    if (memory(node) != ResultMemory::kSum || all_nodes_) return;
    std::vector<NodeId>& terms = inputs_[node];
    const auto is_zero = [&](NodeId term) { return memory(term) == ResultMemory::kZero; };
    const auto kept = std::stable_partition(terms.begin(), terms.end(), std::not_fn(is_zero));
    terms.erase(kept == terms.begin() ? kept + 1 : kept, terms.end());
  }

  void find_needed() {
    for (const GraphOutput& output : graph_.graph_outputs()) needed_[output.value.node] = true;
    mark_needed(needed_, [&](std::size_t node) { return std::span<const NodeId>(inputs_[node]); });
  }

  bool expendable(NodeId node) const {
    if (readers_[node] != 1) return false;
    const ResultMemory kind = memory(node);
    return kind == ResultMemory::kFresh || kind == ResultMemory::kZero ||
           (kind == ResultMemory::kSum && inputs_[node].size() > 1);
  }

  ExecutionPlan::Step step(NodeId node) const {
    ExecutionPlan::Step step{.node = node, .inputs = inputs_[node], .last_read = {}};
    if (memory(node) == ResultMemory::kSum) {
      std::stable_partition(step.inputs.begin(), step.inputs.end(),
                            [&](NodeId input) { return expendable(input); });
    }
    step.overwrite = expendable(step.inputs[0]);
    return step;
  }

  void mark_last_reads(ExecutionPlan& plan) const {
    std::vector<bool> read(graph_.size(), false);
    for (const GraphOutput& output : graph_.graph_outputs()) read[output.value.node] = true;
    for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
      step->last_read.resize(step->inputs.size());
      for (std::size_t i = step->inputs.size(); i-- > 0;) {
        step->last_read[i] = !read[step->inputs[i]];
        read[step->inputs[i]] = true;
      }
    }
  }

  const ArchGraph& graph_;
  const bool all_nodes_;
  std::vector<std::vector<NodeId>> inputs_;
  std::vector<bool> needed_;
  std::vector<int> readers_;
};

}  // namespace

ExecutionPlan make_plan(const ArchGraph& graph, bool all_nodes) {
  return Planner(graph, all_nodes).plan();
}

}  // namespace nas
