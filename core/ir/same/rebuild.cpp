#include "core/ir/same/rebuild.h"

namespace nas {

std::vector<Value> Rebuild::inputs(NodeId node) const {
  std::vector<Value> inputs;
  for (const PortRef& input : graph_.inputs(node)) {
    inputs.push_back({values_[input.node].node, input.port});
  }
  return inputs;
}

void Rebuild::copy(NodeId node, std::string_view scope) {
  const std::vector<AttrValue> attrs(graph_.attrs(node).begin(), graph_.attrs(node).end());
  copy(node, scope, attrs);
}

void Rebuild::copy(NodeId node, std::string_view scope, std::span<const AttrValue> attrs) {
  const bool input = graph_.inputs(node).empty();
  values_[node] = input ? builder_.input_in_scope(graph_.output_types(node)[0], scope)
                        : builder_.add_in_scope(graph_.op(node), inputs(node), attrs, scope);
}

ArchGraph Rebuild::finish() {
  for (const GraphOutput& output : graph_.graph_outputs()) {
    builder_.output(output.name, {values_[output.value.node].node, output.value.port});
  }
  return builder_.finish();
}

}  // namespace nas
