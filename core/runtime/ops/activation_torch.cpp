#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

template <at::Tensor (*function)(const at::Tensor&)>
OpKernel make_pointwise(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return function(run.inputs[0]); };
}

at::Tensor relu6(const at::Tensor& x) {
  return at::hardtanh(x, 0, 6);
}
at::Tensor gelu(const at::Tensor& x) {
  return at::gelu(x);
}

OpKernel make_relu(const ArchGraph&, NodeId) {
  return [](const OpRun& run) {
    at::Tensor x = run.inputs[0];
    return run.overwrite ? at::relu_(x) : at::relu(x);
  };
}

OpKernel make_dropout(const ArchGraph& graph, NodeId node) {
  const double rate = graph.get_real(node, "rate");
  return [rate](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    if (!run.training || rate <= 0) return x;
    if (rate >= 1) return at::mul(x, 0);
    const auto scale = static_cast<float>(1 / (1 - rate));
    std::vector<float> mask(static_cast<std::size_t>(x.numel()));
    for (float& m : mask) m = run.chance->bernoulli(rate) ? 0.0F : scale;
    return at::mul(x, at::tensor(mask).view(x.sizes()).to(x.options()));
  };
}

constexpr OpBuilder kBuilders[] = {
    {"dropout", make_dropout},
    {"gelu", make_pointwise<gelu>},
    {"hsigmoid", make_pointwise<at::hardsigmoid>},
    {"hswish", make_pointwise<at::hardswish>},
    {"relu", make_relu},
    {"relu6", make_pointwise<relu6>},
    {"sigmoid", make_pointwise<at::sigmoid>},
    {"tanh", make_pointwise<at::tanh>},
};

}  // namespace

extern constinit const OpBuilders activation_builders{kBuilders};

}  // namespace nas
