#include "core/ir/cost.h"

#include "core/util/error.h"

namespace nas {
namespace {

void add_checked(std::int64_t& total, std::int64_t value, const char* what) {
  if (__builtin_add_overflow(total, value, &total)) {
    throw Error(
        ErrorKind::kNumeric,
        std::string(what) + " of the graph do not fit into 64 bits; is a dimension absurd?");
  }
}

}  // namespace

GraphCost graph_cost(const ArchGraph& graph) {
  GraphCost total;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const OpCost cost = graph.cost(node);
    add_checked(total.macs, cost.macs, "the MACs");
    add_checked(total.bias_macs, cost.bias_macs, "the MACs of biases");
    add_checked(total.norm_macs, cost.norm_macs, "the MACs of batch normalisations");
    for (const ParamSpec& param : graph.params(node)) {
      if (param.trainable) {
        add_checked(total.params, param.shape.elements(), "the parameters");
      }
    }
    for (const TensorType& type : graph.output_types(node)) {
      add_checked(total.activation_bytes, bytes_of(type), "the activation bytes");
    }
  }
  return total;
}

}  // namespace nas
