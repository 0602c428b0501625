#include "core/runtime/avg_pool_torch.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

namespace nas {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Applies the pooling (or its transpose) to every plane.
at::Tensor pool_images(const at::Tensor& images, const PoolAxis& rows, const PoolAxis& columns) {
  const bool last = images.suggest_memory_format() == at::MemoryFormat::ChannelsLast;
  const auto format = last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  const at::Tensor source = images.contiguous(format);
  const std::int64_t n = source.size(0);
  const std::int64_t c = source.size(1);
  at::Tensor target =
      at::empty({n, c, rows.target_size, columns.target_size}, source.options(), format);
  const PoolExtent extent = last ? PoolExtent{n, c} : PoolExtent{n * c, 1};
  if (source.scalar_type() == at::kFloat) {
    pool_plane(rows, columns, extent, source.data_ptr<float>(), target.data_ptr<float>());
  } else {
    pool_plane(rows, columns, extent, source.data_ptr<double>(), target.data_ptr<double>());
  }
  return target;
}

/// The pooling is linear, so the gradient of pooling is its transpose and the gradient of the
/// transpose is the pooling again: one function with a direction is differentiable without end.
struct LinearPool : torch::autograd::Function<LinearPool> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& images, PoolWindow window,
                            std::int64_t height, std::int64_t width, bool transpose) {
    context->saved_data["window"] = std::vector<std::int64_t>{
        window.kernel, window.stride, window.padding, static_cast<std::int64_t>(window.ceil_mode),
        static_cast<std::int64_t>(window.count_include_pad)};
    context->saved_data["extent"] =
        std::vector<std::int64_t>{height, width, static_cast<std::int64_t>(transpose)};
    const PoolAxis rows = pool_axis(window, height);
    const PoolAxis columns = pool_axis(window, width);
    return transpose ? pool_images(images, transposed(rows), transposed(columns))
                     : pool_images(images, rows, columns);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto w = context->saved_data["window"].toIntVector();
    const auto e = context->saved_data["extent"].toIntVector();
    const PoolWindow window{w[0], w[1], w[2], w[3] != 0, w[4] != 0};
    return {LinearPool::apply(gradients[0], window, e[0], e[1], e[2] == 0), at::Tensor(),
            at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor average_pool(const at::Tensor& images, const PoolWindow& window) {
  const bool ours = images.is_cpu() &&
                    (images.scalar_type() == at::kFloat || images.scalar_type() == at::kDouble);
  if (!ours) {
    return at::avg_pool2d(images, {window.kernel, window.kernel}, {window.stride, window.stride},
                          {window.padding, window.padding}, window.ceil_mode,
                          window.count_include_pad);
  }
  return LinearPool::apply(images, window, images.size(2), images.size(3), false);
}

}  // namespace nas
