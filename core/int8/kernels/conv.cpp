#include <memory>

#include "core/int8/kernels/layer.h"
#include "core/int8/kernels/products.h"
#include "core/int8/kernels/window.h"

namespace nas {
namespace {

/// A convolution with its weights [out, H, W, in / groups], widened.
struct Convolution {
  SlidingWindow window;
  LayerOutput output;
  std::vector<std::int16_t> weights;
  std::int32_t input_zero = 0;
  std::int64_t groups = 1;
  int from = 0, to = 0;

  std::int64_t group_channels() const { return window.in_channels / groups; }
  std::int64_t group_outputs() const { return window.out_channels / groups; }
  /// Weights of one output channel.
  std::int64_t length() const {
    return window.rows.kernel * window.columns.kernel * group_channels();
  }
};

/// The numbers under the window at one position, less the zero point; outside of the image 0.
template <class T>
void gather(const Convolution& conv, const T* image, std::int64_t row, std::int64_t column,
            std::int64_t group, std::int16_t* out) {
  const SlidingWindow& window = conv.window;
  const std::int64_t channels = conv.group_channels();
  for (std::int64_t i = 0; i < window.rows.kernel; ++i) {
    const std::int64_t y = window.rows.begin(row) + i * window.rows.dilation;
    for (std::int64_t j = 0; j < window.columns.kernel; ++j, out += channels) {
      const std::int64_t x = window.columns.begin(column) + j * window.columns.dilation;
      if (y < 0 || y >= window.rows.extent || x < 0 || x >= window.columns.extent) {
        std::fill_n(out, channels, std::int16_t{0});
        continue;
      }
      const T* pixel =
          image + (y * window.columns.extent + x) * window.in_channels + group * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        out[c] = static_cast<std::int16_t>(pixel[c] - conv.input_zero);
      }
    }
  }
}

/// One row of positions at a time: gathered, multiplied, scaled.
void run_int8(const Convolution& conv, const std::int8_t* image, std::int8_t* out) {
  const SlidingWindow& window = conv.window;
  const std::int64_t length = conv.length(), outputs = conv.group_outputs();
  const std::int64_t columns = window.columns.positions;
  std::vector<std::int16_t> patches(static_cast<std::size_t>(columns * length));
  std::vector<std::int32_t> sums(static_cast<std::size_t>(columns * outputs));
  for (std::int64_t row = 0; row < window.rows.positions; ++row) {
    for (std::int64_t group = 0; group < conv.groups; ++group) {
      for (std::int64_t column = 0; column < columns; ++column) {
        gather(conv, image, row, column, group, patches.data() + column * length);
      }
      const std::span<const std::int16_t> weights(conv.weights.data() + group * outputs * length,
                                                  static_cast<std::size_t>(outputs * length));
      int16_products(patches, weights, length, sums);
      for (std::int64_t column = 0; column < columns; ++column) {
        std::int8_t* pixel = out + (row * columns + column) * window.out_channels;
        for (std::int64_t o = 0; o < outputs; ++o) {
          const auto channel = static_cast<std::size_t>(group * outputs + o);
          const std::int32_t sum = sums[static_cast<std::size_t>(column * outputs + o)] +
                                   static_cast<std::int32_t>(conv.output.biases[channel]);
          pixel[channel] = static_cast<std::int8_t>(conv.output(sum, channel));
        }
      }
    }
  }
}

/// Of int16 activations, with 64-bit sums.
void run_int16(const Convolution& conv, const std::int16_t* image, std::int16_t* out) {
  const SlidingWindow& window = conv.window;
  const std::int64_t length = conv.length();
  std::vector<std::int16_t> patch(static_cast<std::size_t>(length));
  for (std::int64_t position = 0; position < window.positions(); ++position) {
    for (std::int64_t group = 0; group < conv.groups; ++group) {
      gather(conv, image, position / window.columns.positions, position % window.columns.positions,
             group, patch.data());
      for (std::int64_t o = 0; o < conv.group_outputs(); ++o) {
        const std::int64_t channel = group * conv.group_outputs() + o;
        std::int64_t sum = conv.output.biases[static_cast<std::size_t>(channel)];
        for (std::int64_t k = 0; k < length; ++k) {
          sum += std::int64_t{patch[static_cast<std::size_t>(k)]} *
                 conv.weights[static_cast<std::size_t>(channel * length + k)];
        }
        out[position * window.out_channels + channel] =
            static_cast<std::int16_t>(conv.output(sum, static_cast<std::size_t>(channel)));
      }
    }
  }
}

MicroRun prepare_conv(const KernelCall& call) {
  const MicroTensor &image = call.input(0), &weights = call.input(1);
  call.expect(weights.dims.size() == 4, "its weights are not [out, H, W, in]");
  const auto conv = std::make_shared<Convolution>();
  conv->window = sliding_window(call, image, weights.dims[1], weights.dims[2]);
  const std::int64_t channels = weights.dims[3];
  call.expect(channels >= 1 && conv->window.in_channels % channels == 0 &&
                  weights.dims[0] == conv->window.out_channels,
              "weights and image have other channels");
  conv->groups = conv->window.in_channels / channels;
  call.expect(conv->window.out_channels % conv->groups == 0, "groups do not divide the output");
  conv->output = layer_output(call, {}, conv->window.out_channels);
  const std::vector<std::int8_t> values = int8_weights(call, 1);
  conv->weights.assign(values.begin(), values.end());
  conv->input_zero = zero_point_of(image);
  if (image.element == MicroElement::kInt8) {
    const auto length = static_cast<std::size_t>(conv->length());
    expect_sums_fit(call, conv->output, conv->weights, [&](std::size_t i) { return i / length; });
  }
  conv->from = call.input_at(0);
  conv->to = call.output_at();
  return for_activation_type(call, image.element, [&]<class T>(T) -> MicroRun {
    return [conv](MicroMemory memory) {
      for (std::int64_t n = 0; n < conv->window.batch; ++n) {
        const T* from = at<T>(memory, conv->from) + n * conv->window.in_elements();
        T* to = at<T>(memory, conv->to) + n * conv->window.out_elements();
        if constexpr (sizeof(T) == 1) {
          run_int8(*conv, from, to);
        } else {
          run_int16(*conv, from, to);
        }
      }
    };
  });
}

constexpr MicroKernel kKernels[] = {{MicroOp::kConv2d, prepare_conv}};

}  // namespace

extern constinit const MicroKernels conv_kernels{kKernels};

}  // namespace nas
