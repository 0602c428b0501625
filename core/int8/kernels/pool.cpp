#include <limits>

#include "core/int8/kernels/window.h"

namespace nas {
namespace {

/// The part of a window that lies in the image.
struct Span {
  std::int64_t begin, end;
};
Span inside(const SlidingAxis& axis, std::int64_t position) {
  const std::int64_t begin = axis.begin(position);
  return {std::max<std::int64_t>(begin, 0), std::min(begin + axis.kernel, axis.extent)};
}

struct Mean {
  static constexpr std::int32_t kStart = 0;
  static std::int32_t add(std::int32_t sum, std::int32_t value) { return sum + value; }
  /// Rounded to nearest, halves away from zero.
  static std::int32_t finish(std::int32_t sum, std::int64_t count) {
    const std::int64_t half = sum > 0 ? count / 2 : -(count / 2);
    return static_cast<std::int32_t>((sum + half) / count);
  }
};

struct Maximum {
  static constexpr std::int32_t kStart = std::numeric_limits<std::int16_t>::min();
  static std::int32_t add(std::int32_t best, std::int32_t value) { return std::max(best, value); }
  static std::int32_t finish(std::int32_t best, std::int64_t) { return best; }
};

template <class Pool, class T>
void run(const SlidingWindow& window, const ClampRange& clamp, const T* image, T* out) {
  const std::int64_t channels = window.in_channels;
  std::vector<std::int32_t> values(static_cast<std::size_t>(channels));
  for (std::int64_t position = 0; position < window.positions(); ++position) {
    const Span rows = inside(window.rows, position / window.columns.positions);
    const Span columns = inside(window.columns, position % window.columns.positions);
    std::fill(values.begin(), values.end(), Pool::kStart);
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      for (std::int64_t x = columns.begin; x < columns.end; ++x) {
        const T* pixel = image + (y * window.columns.extent + x) * channels;
        for (std::int64_t c = 0; c < channels; ++c) {
          std::int32_t& value = values[static_cast<std::size_t>(c)];
          value = Pool::add(value, pixel[c]);
        }
      }
    }
    const std::int64_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
    for (const std::int32_t value : values) {
      *out++ = static_cast<T>(clamp(Pool::finish(value, count)));
    }
  }
}

template <class Pool>
MicroRun prepare_pool(const KernelCall& call) {
  const MicroTensor &image = call.input(0), &output = call.output();
  call.expect(image.element == output.element, "input and output hold other elements");
  call.expect(call.options().dilation_h == 1 && call.options().dilation_w == 1, "is dilated");
  const SlidingWindow window =
      sliding_window(call, image, call.options().filter_h, call.options().filter_w);
  call.expect(window.in_channels == window.out_channels, "input and output have other channels");
  for (const SlidingAxis* axis : {&window.rows, &window.columns}) {
    const Span first = inside(*axis, 0), last = inside(*axis, axis->positions - 1);
    call.expect(first.begin < first.end && last.begin < last.end,
                "a window lies outside of the image");
  }
  // A window that reaches beyond the image has no more places than that.
  const std::int64_t places = std::min(window.rows.kernel, window.rows.extent) *
                              std::min(window.columns.kernel, window.columns.extent);
  const std::int64_t most = std::int64_t{1} << (image.element == MicroElement::kInt8 ? 23 : 15);
  call.expect(places <= most, "its window has more places than sums of 32 bits hold");
  const ClampRange clamp = clamp_range(call, output, call.options().activation);
  const int from = call.input_at(0), to = call.output_at();
  return for_activation_type(call, image.element, [&]<class T>(T) -> MicroRun {
    return [=](MicroMemory memory) {
      for (std::int64_t n = 0; n < window.batch; ++n) {
        run<Pool>(window, clamp, at<T>(memory, from) + n * window.in_elements(),
                  at<T>(memory, to) + n * window.out_elements());
      }
    };
  });
}

constexpr MicroKernel kKernels[] = {{MicroOp::kAveragePool2d, prepare_pool<Mean>},
                                    {MicroOp::kMaxPool2d, prepare_pool<Maximum>}};

}  // namespace

extern constinit const MicroKernels pool_kernels{kKernels};

}  // namespace nas
