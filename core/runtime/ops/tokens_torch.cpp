#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_token_linear(const ArchGraph& graph, NodeId node) {
  const bool bias = graph.get_bool(node, "bias");
  return [bias](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];  // [N, T, F]
    const auto as_input = [&x](const at::Tensor& weight) { return weight.to(x.scalar_type()); };
    return at::linear(x, as_input(run.params[0]), bias ? as_input(run.params[1]) : at::Tensor());
  };
}

OpKernel make_matmul(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return at::matmul(run.inputs[0], run.inputs[1]); };
}

OpKernel make_reshape(const ArchGraph& graph, NodeId node) {
  const Shape shape = graph.output_types(node)[0].shape;
  return [shape](const OpRun& run) {
    std::vector<std::int64_t> sizes{run.inputs[0].size(0)};
    for (const std::int64_t dim : shape.dims()) sizes.push_back(dim);
    return run.inputs[0].reshape(sizes);
  };
}

OpKernel make_swap_axes(const ArchGraph& graph, NodeId node) {
  const std::int64_t first = graph.get_int(node, "first") + 1;
  const std::int64_t second = graph.get_int(node, "second") + 1;
  return [=](const OpRun& run) { return run.inputs[0].transpose(first, second); };
}

OpKernel make_scale(const ArchGraph& graph, NodeId node) {
  const double factor = graph.get_real(node, "factor");
  return [factor](const OpRun& run) { return at::mul(run.inputs[0], factor); };
}

constexpr OpBuilder kBuilders[] = {
    {"matmul", make_matmul},       {"reshape", make_reshape},           {"scale_by", make_scale},
    {"swap_axes", make_swap_axes}, {"token_linear", make_token_linear},
};

}  // namespace

extern constinit const OpBuilders tokens_builders{kBuilders};

}  // namespace nas
