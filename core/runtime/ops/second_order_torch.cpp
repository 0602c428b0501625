#include "core/runtime/ops/second_order_torch.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/runtime/normalisation_kernel.h"

namespace nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

struct Window {
  std::int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
};

void keep(AutogradContext* context, const Window& w) {
  context->saved_data["window"] =
      std::vector<std::int64_t>{w.stride, w.padding, w.dilation, w.groups};
}

Window kept(AutogradContext* context) {
  const auto w = context->saved_data["window"].toIntVector();
  return {w[0], w[1], w[2], w[3]};
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& w, const Window& window) {
  const std::vector<std::int64_t> stride(2, window.stride), padding(2, window.padding),
      dilation(2, window.dilation), none(2, 0);
  return at::convolution(x, w, {}, stride, padding, dilation, false, none, window.groups);
}

/// Gradients by x and w; undefined where not asked for. `x` (or `w`) only lends its shape when the
/// other one is not asked for.
std::array<at::Tensor, 2> convolve_back(const at::Tensor& gy, const at::Tensor& x,
                                        const at::Tensor& w, const Window& window,
                                        std::array<bool, 2> wanted) {
  const std::vector<std::int64_t> stride(2, window.stride), padding(2, window.padding),
      dilation(2, window.dilation), none(2, 0);
  auto [gx, gw, gb] =
      at::convolution_backward(gy, x, w, at::OptionalIntArrayRef(), stride, padding, dilation,
                               false, none, window.groups, {wanted[0], wanted[1], false});
  return {gx, gw};
}

/// (gy, x, w) -> what is wanted of (gx, gw), in this order; differentiable once more:
///   <v, gx> + <u, gw> = <gy, v * w + x * u>.
struct ConvolutionBackward : Function<ConvolutionBackward> {
  static variable_list forward(AutogradContext* context, const at::Tensor& gy, const at::Tensor& x,
                               const at::Tensor& w, const Window& window,
                               std::array<bool, 2> wanted) {
    context->save_for_backward({gy, x, w});
    context->set_materialize_grads(false);
    keep(context, window);
    context->saved_data["by_x"] = wanted[0];
    const auto [gx, gw] = convolve_back(gy, x, w, window, wanted);
    if (wanted[0] && wanted[1]) return {gx, gw};
    return {wanted[0] ? gx : gw};
  }

  static variable_list backward(AutogradContext* context, variable_list cotangents) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &gy = saved[0], &x = saved[1], &w = saved[2];
    const bool by_image = context->saved_data["by_x"].toBool();
    const at::Tensor v = by_image ? cotangents[0] : at::Tensor();
    const at::Tensor u = by_image && cotangents.size() == 1 ? at::Tensor() : cotangents.back();
    const Window window = kept(context);
    at::Tensor by_gy, by_x, by_w;
    if (v.defined()) {
      by_gy = convolve(v, w, window);
      if (context->needs_input_grad(2)) by_w = convolve_back(gy, v, w, window, {false, true})[1];
    }
    if (u.defined()) {
      const at::Tensor term = convolve(x, u, window);
      by_gy = by_gy.defined() ? by_gy.add_(term) : term;
      if (context->needs_input_grad(1)) by_x = convolve_back(gy, x, u, window, {true, false})[0];
    }
    return {by_gy, by_x, by_w, at::Tensor(), at::Tensor()};
  }
};

struct Convolution : Function<Convolution> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const Window& window) {
    context->save_for_backward({x, w});
    keep(context, window);
    return convolve(x, w, window);
  }

  static variable_list backward(AutogradContext* context, variable_list cotangents) {
    const variable_list saved = context->get_saved_variables();
    const std::array<bool, 2> wanted{context->needs_input_grad(0), context->needs_input_grad(1)};
    const variable_list found =
        ConvolutionBackward::apply(cotangents[0], saved[0], saved[1], kept(context), wanted);
    return {wanted[0] ? found.front() : at::Tensor(), wanted[1] ? found.back() : at::Tensor(),
            at::Tensor()};
  }
};

/// (gy, x) -> gx of batch normalisation in train mode; `w` is a constant here.
struct NormalisationBackward : Function<NormalisationBackward> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gy, const at::Tensor& x,
                            const at::Tensor& w, const at::Tensor& mean, const at::Tensor& invstd,
                            double eps) {
    context->save_for_backward({gy, x, w, mean, invstd});
    const auto found = at::native_batch_norm_backward(gy, x, w, {}, {}, mean, invstd, true, eps,
                                                      {true, false, false});
    return std::get<0>(found);
  }

  static variable_list backward(AutogradContext* context, variable_list cotangents) {
    const variable_list saved = context->get_saved_variables();
    const auto last = at::MemoryFormat::ChannelsLast;
    const at::Tensor gy = saved[0].contiguous(last);
    const at::Tensor x = saved[1].contiguous(last);
    const at::Tensor v = cotangents[0].contiguous(last);
    at::Tensor by_gy = at::empty_like(x);
    at::Tensor by_x;
    if (context->needs_input_grad(1)) by_x = at::empty_like(x);
    const auto channels = static_cast<std::size_t>(x.size(1));
    const auto count = static_cast<std::size_t>(x.numel());
    normalisation_second_order({.rows = count / channels,
                                .channels = channels,
                                .gy = gy.data_ptr<float>(),
                                .x = x.data_ptr<float>(),
                                .v = v.data_ptr<float>(),
                                .weight = saved[2].data_ptr<float>(),
                                .mean = saved[3].data_ptr<float>(),
                                .invstd = saved[4].data_ptr<float>(),
                                .by_gy = by_gy.data_ptr<float>(),
                                .by_x = by_x.defined() ? by_x.data_ptr<float>() : nullptr});
    return {by_gy, by_x, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct Normalisation : Function<Normalisation> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w,
                            const at::Tensor& bias, const at::Tensor& running_mean,
                            const at::Tensor& running_var, double momentum, double eps) {
    auto [y, mean, invstd] =
        at::native_batch_norm(x, w, bias, running_mean, running_var, true, momentum, eps);
    context->save_for_backward({x, w});
    // No inputs or outputs: plain values, but a saved tensor of the graph would be a cycle.
    context->saved_data["mean"] = mean;
    context->saved_data["invstd"] = invstd;
    context->saved_data["eps"] = eps;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list cotangents) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gx = NormalisationBackward::apply(
        cotangents[0], saved[0], saved[1].detach(), context->saved_data["mean"].toTensor(),
        context->saved_data["invstd"].toTensor(), context->saved_data["eps"].toDouble());
    variable_list result(7);
    result[0] = gx;
    return result;
  }
};

/// Hard sigmoid of parts that can be differentiated twice, which LibTorch's own cannot.
at::Tensor gate(const at::Tensor& x) {
  return at::hardtanh(x + 3, 0, 6) / 6;
}

OpKernel convolution_kernel(const ArchGraph& graph, NodeId node, const OpKernel& usual) {
  const Window window{graph.get_int(node, "stride"), graph.get_int(node, "padding"),
                      graph.get_int(node, "dilation"), graph.get_int(node, "groups")};
  return [window, usual](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    const bool ours = x.is_cpu() && x.scalar_type() == at::kFloat && run.params.size() == 1;
    return ours ? Convolution::apply(x, run.params[0], window) : usual(run);
  };
}

OpKernel normalisation_kernel(const ArchGraph& graph, NodeId node, const OpKernel& usual) {
  const double momentum = graph.get_real(node, "momentum");
  const double eps = graph.get_real(node, "eps");
  const int weight = param_index(graph, node, "weight");
  const int bias = param_index(graph, node, "bias");
  const int mean = param_index(graph, node, "running_mean");
  const int variance = param_index(graph, node, "running_var");
  return [=](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    const bool ours = x.is_cpu() && x.scalar_type() == at::kFloat && x.dim() == 4 && weight >= 0 &&
                      run.batch_statistics;
    if (!ours) return usual(run);
    const auto param = [&](int i) { return run.params[static_cast<std::size_t>(i)]; };
    return Normalisation::apply(x, param(weight), param(bias), param(mean), param(variance),
                                momentum, eps);
  };
}

OpKernel hsigmoid_kernel(const ArchGraph&, NodeId, const OpKernel&) {
  return [](const OpRun& run) { return gate(run.inputs[0]); };
}

OpKernel hswish_kernel(const ArchGraph&, NodeId, const OpKernel&) {
  return [](const OpRun& run) { return run.inputs[0] * gate(run.inputs[0]); };
}

/// Operations that need another kernel than the usual one; LibTorch differentiates all others
/// twice.
struct SecondOrderBuilder {
  std::string_view op;
  OpKernel (*make)(const ArchGraph& graph, NodeId node, const OpKernel& usual);
};
constexpr SecondOrderBuilder kBuilders[] = {
    {"batch_norm", normalisation_kernel},
    {"conv2d", convolution_kernel},
    {"hsigmoid", hsigmoid_kernel},
    {"hswish", hswish_kernel},
};

}  // namespace

FastSecondOrder::FastSecondOrder(ModelImpl& model) : model_(model), kernels_(model.kernels) {
  for (NodeId node = 0; node < model.graph.size(); ++node) {
    for (const SecondOrderBuilder& builder : kBuilders) {
      if (builder.op != model.graph.op(node).name) continue;
      model.kernels[node] = builder.make(model.graph, node, kernels_[node]);
    }
  }
}

FastSecondOrder::~FastSecondOrder() {
  model_.kernels.swap(kernels_);
}

}  // namespace nas
