#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/slice.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

/// Weights are kept in float32; where activations are bfloat16 a copy follows them.
at::Tensor as(const at::Tensor& weight, const at::Tensor& x) {
  return weight.scalar_type() == x.scalar_type() ? weight : weight.to(x.scalar_type());
}

/// at::conv1d or at::conv2d.
using Convolution = at::Tensor (*)(const at::Tensor&, const at::Tensor&,
                                   const c10::optional<at::Tensor>&, at::IntArrayRef,
                                   at::IntArrayRef, at::IntArrayRef, std::int64_t);

/// oneDNN 2.7 writes beyond a buffer in the gradient of such weights where they are strided,
/// channels last and the processor has AVX2 at most: double frees, crashes.
bool is_narrow_pointwise(const at::Tensor& weight) {
  return weight.dim() == 4 && weight.size(1) < 8 && weight.size(2) == 1 && weight.size(3) == 1;
}

template <Convolution convolution>
OpKernel make_conv(const ArchGraph& graph, NodeId node) {
  const std::int64_t stride = graph.get_int(node, "stride");
  const std::int64_t padding = graph.get_int(node, "padding");
  const std::int64_t dilation = graph.get_int(node, "dilation");
  const std::int64_t groups = graph.get_int(node, "groups");
  const bool bias = graph.get_bool(node, "bias");
  return [=](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    const at::Tensor b = bias ? as(run.params[1], x) : at::Tensor();
    if (stride > 1 && padding == 0 && groups == 1 && is_narrow_pointwise(run.params[0])) {
      // The pixels that it reads, then without a stride: the same numbers.
      const at::Tensor read =
          at::slice(at::slice(x, 2, 0, c10::nullopt, stride), 3, 0, c10::nullopt, stride);
      return convolution(read, as(run.params[0], x), b, 1, 0, 1, 1);
    }
    return convolution(x, as(run.params[0], x), b, stride, padding, dilation, groups);
  };
}

OpKernel make_linear(const ArchGraph& graph, NodeId node) {
  const bool bias = graph.get_bool(node, "bias");
  return [bias](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    return at::linear(x, as(run.params[0], x), bias ? as(run.params[1], x) : at::Tensor());
  };
}

constexpr OpBuilder kBuilders[] = {
    {"conv1d", make_conv<at::conv1d>, ResultMemory::kFresh},
    {"conv2d", make_conv<at::conv2d>, ResultMemory::kFresh},
    {"linear", make_linear, ResultMemory::kFresh},
};

}  // namespace

extern constinit const OpBuilders conv_builders{kBuilders};

}  // namespace nas
