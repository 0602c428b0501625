#include <ATen/ops/batch_norm.h>

#include "core/runtime/ops/op_torch.h"
#include "core/util/error.h"

namespace nas {
namespace {

OpKernel make_batch_norm(const ArchGraph& graph, NodeId node) {
  const double momentum = graph.get_real(node, "momentum");
  const double eps = graph.get_real(node, "eps");
  const int weight = param_index(graph, node, "weight");
  const int bias = param_index(graph, node, "bias");
  const int mean = param_index(graph, node, "running_mean");
  const int variance = param_index(graph, node, "running_var");
  NAS_CHECK(mean >= 0 && variance >= 0, "batch_norm without running statistics");
  return [=](const OpRun& run) {
    const auto at_index = [&](int i) {
      return i < 0 ? at::Tensor() : run.params[static_cast<std::size_t>(i)];
    };
    return at::batch_norm(run.inputs[0], at_index(weight), at_index(bias), at_index(mean),
                          at_index(variance), run.batch_statistics, momentum, eps,
                          /*cudnn_enabled=*/true);
  };
}

constexpr OpBuilder kBuilders[] = {
    {"batch_norm", make_batch_norm, ResultMemory::kFresh},
};

}  // namespace

extern constinit const OpBuilders norm_builders{kBuilders};

}  // namespace nas
