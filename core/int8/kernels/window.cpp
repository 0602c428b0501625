#include "core/int8/kernels/window.h"

namespace nas {
namespace {

struct AxisOptions {
  std::int64_t stride, dilation, before, after;
};

SlidingAxis sliding_axis(const KernelCall& call, std::int64_t extent, std::int64_t positions,
                         std::int64_t kernel, const AxisOptions& options) {
  call.expect(options.stride >= 1 && options.dilation >= 1 && kernel >= 1 && extent >= 1 &&
                  positions >= 1 && options.before >= 0 && options.after >= 0,
              "window, stride, dilation and image are at least 1");
  SlidingAxis axis{extent, positions, kernel, options.stride, options.dilation, 0};
  const std::int64_t reach = options.dilation * (kernel - 1) + 1;
  std::int64_t expected = 0;
  switch (call.options().padding) {
    case MicroPadding::kSame:
      expected = (extent + options.stride - 1) / options.stride;
      axis.before = same_padding(extent, positions, reach, options.stride);
      break;
    case MicroPadding::kValid:
      expected = (extent - reach + options.stride) / options.stride;
      break;
    case MicroPadding::kExplicit:
      axis.before = options.before;
      expected =
          (extent + options.before + options.after - reach + options.stride) / options.stride;
      break;
  }
  call.expect(positions == expected, "the output has " + std::to_string(positions) +
                                         " positions along an axis, the window " +
                                         std::to_string(expected));
  return axis;
}

}  // namespace

std::int64_t same_padding(std::int64_t extent, std::int64_t positions, std::int64_t reach,
                          std::int64_t stride) {
  return std::max<std::int64_t>((positions - 1) * stride + reach - extent, 0) / 2;
}

SlidingWindow sliding_window(const KernelCall& call, const MicroTensor& image,
                             std::int64_t kernel_h, std::int64_t kernel_w) {
  const MicroTensor& output = call.output();
  call.expect(image.dims.size() == 4 && output.dims.size() == 4 && image.dims[0] == output.dims[0],
              "input and output are images [N, H, W, C]");
  const MicroOptions& options = call.options();
  SlidingWindow window{image.dims[0], image.dims[3], output.dims[3], {}, {}};
  window.rows =
      sliding_axis(call, image.dims[1], output.dims[1], kernel_h,
                   {options.stride_h, options.dilation_h, options.pad_top, options.pad_bottom});
  window.columns =
      sliding_axis(call, image.dims[2], output.dims[2], kernel_w,
                   {options.stride_w, options.dilation_w, options.pad_left, options.pad_right});
  return window;
}

}  // namespace nas
