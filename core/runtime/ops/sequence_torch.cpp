#include <ATen/ops/cat.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_softmax(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return at::softmax(run.inputs[0], -1); };
}

OpKernel make_layer_norm(const ArchGraph& graph, NodeId node) {
  const double eps = graph.get_real(node, "eps");
  const bool affine = graph.get_bool(node, "affine");
  const bool over_channels = graph.get_bool(node, "over_channels");
  return [=](const OpRun& run) {
    // [N, C, T] -> [N, T, C]
    const at::Tensor x = over_channels ? run.inputs[0].movedim(1, -1) : run.inputs[0];
    const auto as_input = [&x](const at::Tensor& weight) { return weight.to(x.scalar_type()); };
    const at::Tensor weight = affine ? as_input(run.params[0]) : at::Tensor();
    const at::Tensor bias = affine ? as_input(run.params[1]) : at::Tensor();
    const at::Tensor y = at::layer_norm(x, {x.size(-1)}, weight, bias, eps, /*cudnn_enable=*/false);
    return over_channels ? y.movedim(-1, 1) : y;
  };
}

OpKernel make_weighted_stats(const ArchGraph& graph, NodeId node) {
  const double min_variance = graph.get_real(node, "min_variance");
  return [min_variance](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];  // [N, C, T]
    const at::Tensor weighted = at::mul(run.inputs[1], x);
    const at::Tensor mean = weighted.sum(2);  // [N, C]
    const at::Tensor variance = at::sub(at::mul(weighted, x).sum(2), at::square(mean));
    const at::Tensor deviation = at::sqrt(at::clamp_min(variance, min_variance));
    return at::cat({mean, deviation}, 1);  // [N, 2 C]
  };
}

constexpr OpBuilder kBuilders[] = {
    {"layer_norm", make_layer_norm},
    {"softmax", make_softmax},
    {"weighted_stats", make_weighted_stats, ResultMemory::kFresh},
};

}  // namespace

extern constinit const OpBuilders sequence_builders{kBuilders};

}  // namespace nas
