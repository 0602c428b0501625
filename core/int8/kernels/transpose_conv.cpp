#include <memory>

#include "core/int8/kernels/layer.h"
#include "core/int8/kernels/window.h"

namespace nas {
namespace {

/// A transposed convolution: every input pixel spreads over a window of the output. Weights [out,
/// H, W, in].
struct TransposedConvolution {
  SlidingWindow window;  ///< of the convolution that goes back, from the output to the input
  LayerOutput output;
  std::vector<std::int8_t> weights;
  std::int32_t input_zero = 0;
  int from = 0, to = 0;
};

/// sums[y, x, o] += what the pixel at (row, column) spreads.
template <class T>
void spread(const TransposedConvolution& conv, const T* pixel, std::int64_t row,
            std::int64_t column, std::vector<std::int64_t>& sums) {
  const SlidingAxis &rows = conv.window.rows, &columns = conv.window.columns;
  const std::int64_t outs = conv.window.in_channels, ins = conv.window.out_channels;
  for (std::int64_t i = 0; i < rows.kernel; ++i) {
    const std::int64_t y = rows.begin(row) + i;
    if (y < 0 || y >= rows.extent) continue;
    for (std::int64_t j = 0; j < columns.kernel; ++j) {
      const std::int64_t x = columns.begin(column) + j;
      if (x < 0 || x >= columns.extent) continue;
      for (std::int64_t o = 0; o < outs; ++o) {
        const std::int8_t* weights =
            conv.weights.data() + ((o * rows.kernel + i) * columns.kernel + j) * ins;
        std::int64_t sum = 0;
        for (std::int64_t c = 0; c < ins; ++c) {
          sum += (std::int64_t{pixel[c]} - conv.input_zero) * weights[c];
        }
        sums[static_cast<std::size_t>((y * columns.extent + x) * outs + o)] += sum;
      }
    }
  }
}

template <class T>
void run(const TransposedConvolution& conv, const T* image, T* out) {
  const SlidingWindow& window = conv.window;
  std::vector<std::int64_t> sums(static_cast<std::size_t>(window.in_elements()), 0);
  for (std::int64_t position = 0; position < window.positions(); ++position) {
    spread(conv, image + position * window.out_channels, position / window.columns.positions,
           position % window.columns.positions, sums);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t channel = i % static_cast<std::size_t>(window.in_channels);
    const std::int64_t sum = sums[i] + conv.output.biases[channel];
    // int8 data have sums of 32 bits, int16 data sums of 64: they are scaled in other ways.
    const std::int32_t value = sizeof(T) == 1 ? conv.output(static_cast<std::int32_t>(sum), channel)
                                              : conv.output(sum, channel);
    out[i] = static_cast<T>(value);
  }
}

SlidingAxis backward_axis(const KernelCall& call, std::int64_t extent, std::int64_t positions,
                          std::int64_t kernel, std::int64_t stride) {
  call.expect(stride >= 1 && kernel >= 1 && extent >= 1 && positions >= 1,
              "window, stride and image are at least 1");
  SlidingAxis axis{extent, positions, kernel, stride, 1, 0};
  const bool same = call.options().padding == MicroPadding::kSame;
  if (same) axis.before = same_padding(extent, positions, kernel, stride);
  const std::int64_t expected =
      same ? (extent + stride - 1) / stride : (extent - kernel + stride) / stride;
  call.expect(positions == expected, "input and output have sizes that do not fit the window");
  return axis;
}

MicroRun prepare_transpose_conv(const KernelCall& call) {
  const MicroTensor &weights = call.input(1), &image = call.input(2), &output = call.output();
  call.expect(weights.dims.size() == 4 && image.dims.size() == 4 && output.dims.size() == 4 &&
                  weights.dims[0] == output.dims[3] && weights.dims[3] == image.dims[3] &&
                  image.dims[0] == output.dims[0],
              "weights, input and output have shapes that do not fit");
  call.expect(call.options().padding != MicroPadding::kExplicit, "has explicit padding");
  const auto conv = std::make_shared<TransposedConvolution>();
  conv->window = {
      image.dims[0], output.dims[3], image.dims[3],
      backward_axis(call, output.dims[1], image.dims[1], weights.dims[1], call.options().stride_h),
      backward_axis(call, output.dims[2], image.dims[2], weights.dims[2], call.options().stride_w)};
  conv->output = layer_output(call, {.data = 2, .weights = 1, .bias = 3}, output.dims[3]);
  conv->weights = int8_weights(call, 1);
  conv->input_zero = zero_point_of(image);
  conv->from = call.input_at(2);
  conv->to = call.output_at();
  return for_activation_type(call, image.element, [&]<class T>(T) -> MicroRun {
    return [conv](MicroMemory memory) {
      for (std::int64_t n = 0; n < conv->window.batch; ++n) {
        run(*conv, at<T>(memory, conv->from) + n * conv->window.out_elements(),
            at<T>(memory, conv->to) + n * conv->window.in_elements());
      }
    };
  });
}

constexpr MicroKernel kKernels[] = {{MicroOp::kTransposeConv, prepare_transpose_conv}};

}  // namespace

extern constinit const MicroKernels transpose_conv_kernels{kKernels};

}  // namespace nas
