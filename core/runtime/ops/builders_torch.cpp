#include <string>

#include "core/runtime/ops/op_torch.h"
#include "core/util/error.h"

namespace nas {

const OpBuilder& find_builder(std::string_view op) {
  for (const OpBuilders* builders : op_builders()) {
    for (const OpBuilder& builder : *builders) {
      if (builder.op == op) return builder;
    }
  }
  throw Error(ErrorKind::kUnsupported,
              "operation '" + std::string(op) + "' cannot be run by LibTorch");
}

}  // namespace nas
