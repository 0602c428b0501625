#include <string>

#include "core/runtime/ops/op_torch.h"
#include "core/util/error.h"

namespace nas {

const OpBuilder& find_builder(std::string_view op) {
  static const std::span<const OpBuilder> kTables[] = {
      activation_builders(), arithmetic_builders(), conv_builders(),
      norm_builders(),       pool_builders(),       structure_builders(),
  };
  for (const std::span<const OpBuilder> table : kTables) {
    for (const OpBuilder& builder : table) {
      if (builder.op == op) return builder;
    }
  }
  throw Error(ErrorKind::kUnsupported,
              "operation '" + std::string(op) + "' cannot be run by LibTorch");
}

int param_index(const ArchGraph& graph, NodeId node, std::string_view name) {
  int index = 0;
  const ParamList params = graph.params(node);
  for (const ParamSpec& spec : params) {
    if (spec.name == name) return index;
    ++index;
  }
  return -1;
}

}  // namespace nas
