#include "tests/core/tflite/program_maker.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nas::test {
namespace {

template <typename T>
std::string bytes_of_numbers(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

/// Of a layer whose inputs are independent: what keeps the spread of its output as it was.
float weight_scale(std::int64_t fan_in) {
  return 1.5F / (127.0F * std::sqrt(static_cast<float>(fan_in)));
}

}  // namespace

int ProgramMaker::tensor(MicroTensor tensor) {
  const int index = static_cast<int>(program.tensors.size());
  if (tensor.name.empty()) tensor.name = "t" + std::to_string(index);
  program.tensors.push_back(std::move(tensor));
  return index;
}

int ProgramMaker::value(Dims dims, float scale, std::int64_t zero_point, MicroElement element) {
  MicroTensor made{.element = element, .dims = std::move(dims)};
  if (scale > 0) made.quantisation = {.scales = {scale}, .zero_points = {zero_point}};
  return tensor(std::move(made));
}

int ProgramMaker::input(Dims dims, float scale, std::int64_t zero_point) {
  const int index = value(std::move(dims), scale, zero_point);
  program.inputs.push_back(index);
  program.input_names.push_back(tensor(index).name);
  return index;
}

int ProgramMaker::weights(Dims dims, float scale, int axis) {
  const std::int64_t places = axis < 0 ? 1 : dims[static_cast<std::size_t>(axis)];
  MicroTensor made{.dims = std::move(dims), .constant = true};
  std::vector<std::int8_t> numbers(static_cast<std::size_t>(made.elements()));
  for (std::int8_t& number : numbers) number = static_cast<std::int8_t>(rng_.below(255));
  for (std::int8_t& number : numbers) number = std::max<std::int8_t>(number, -127);
  for (std::int64_t i = 0; i < places; ++i) {
    made.quantisation.scales.push_back(scale * (0.5F + static_cast<float>(rng_.uniform())));
  }
  made.quantisation.axis = std::max(axis, 0);
  if (places == 1) made.quantisation.zero_points = {0};
  made.data = bytes_of_numbers(numbers);
  return tensor(std::move(made));
}

int ProgramMaker::bias(std::int64_t length, std::vector<float> scales, std::int32_t most) {
  MicroTensor made{.element = MicroElement::kInt32, .dims = {length}, .constant = true};
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(length));
  for (std::int32_t& number : numbers) {
    number = static_cast<std::int32_t>(rng_.below(static_cast<std::uint64_t>(2 * most + 1))) - most;
  }
  made.quantisation.scales = std::move(scales);
  if (made.quantisation.scales.size() == 1) made.quantisation.zero_points = {0};
  made.data = bytes_of_numbers(numbers);
  return tensor(std::move(made));
}

int ProgramMaker::ints(const std::vector<std::int32_t>& values, Dims dims) {
  if (dims.empty()) dims = {static_cast<std::int64_t>(values.size())};
  return tensor({.element = MicroElement::kInt32,
                 .dims = std::move(dims),
                 .constant = true,
                 .data = bytes_of_numbers(values)});
}

int ProgramMaker::add(MicroOp op, std::vector<int> inputs, int output, MicroOptions options) {
  program.steps.push_back({.op = op,
                           .name = tensor(output).name,
                           .inputs = std::move(inputs),
                           .outputs = {output},
                           .options = options});
  return output;
}

ProgramMaker::Dims ProgramMaker::window_dims(int data, std::int64_t height, std::int64_t width,
                                             std::int64_t channels,
                                             const MicroOptions& options) const {
  const Dims& dims = tensor(data).dims;
  const auto positions = [&](std::int64_t size, std::int64_t window, std::int64_t stride,
                             std::int64_t dilation) {
    const std::int64_t covered = (window - 1) * dilation + 1;
    const std::int64_t room =
        options.padding == MicroPadding::kSame ? size + stride - 1 : size - covered + stride;
    return room / stride;
  };
  return {dims[0], positions(dims[1], height, options.stride_h, options.dilation_h),
          positions(dims[2], width, options.stride_w, options.dilation_w), channels};
}

int ProgramMaker::conv(int data, std::int64_t channels, std::int64_t kernel_h,
                       std::int64_t kernel_w, MicroOptions options, float scale) {
  const std::int64_t depth = tensor(data).dims[3];
  const int w =
      weights({channels, kernel_h, kernel_w, depth}, weight_scale(kernel_h * kernel_w * depth), 0);
  std::vector<float> scales = tensor(w).quantisation.scales;
  for (float& one : scales) one *= tensor(data).quantisation.scale();
  const int b = bias(channels, scales);
  return add(MicroOp::kConv2d, {data, w, b},
             value(window_dims(data, kernel_h, kernel_w, channels, options), scale, -5), options);
}

int ProgramMaker::depthwise(int data, std::int64_t multiplier, std::int64_t kernel,
                            MicroOptions options, float scale) {
  const std::int64_t channels = tensor(data).dims[3] * multiplier;
  options.depth_multiplier = static_cast<std::int32_t>(multiplier);
  const int w = weights({1, kernel, kernel, channels}, weight_scale(kernel * kernel), 3);
  std::vector<float> scales = tensor(w).quantisation.scales;
  for (float& one : scales) one *= tensor(data).quantisation.scale();
  const int b = bias(channels, scales);
  return add(MicroOp::kDepthwiseConv2d, {data, w, b},
             value(window_dims(data, kernel, kernel, channels, options), scale, 4), options);
}

int ProgramMaker::fully_connected(int data, std::int64_t features, float scale) {
  const std::int64_t depth = tensor(data).dims.back();
  const int w = weights({features, depth}, weight_scale(depth), -1);
  const int b =
      bias(features, {tensor(w).quantisation.scale() * tensor(data).quantisation.scale()});
  return add(MicroOp::kFullyConnected, {data, w, b}, value({1, features}, scale, 2));
}

MicroProgram random_network(std::uint64_t seed) {
  ProgramMaker maker(seed);
  Rng& rng = maker.rng();
  const auto pick = [&](std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(most - least + 1)));
  };
  const auto options = [&] {
    MicroOptions made{.padding = rng.bernoulli(0.6) ? MicroPadding::kSame : MicroPadding::kValid};
    constexpr MicroActivation kActivations[] = {MicroActivation::kNone, MicroActivation::kRelu,
                                                MicroActivation::kRelu6};
    made.activation = kActivations[rng.below(3)];
    return made;
  };
  int x = maker.input({1, pick(9, 16), pick(9, 16), pick(1, 4)}, 0.04F, pick(-20, 20));
  const std::int64_t layers = pick(3, 7);
  for (std::int64_t i = 0; i < layers; ++i) {
    const auto dims = maker.tensor(x).dims;
    const std::int64_t smallest = std::min(dims[1], dims[2]);
    MicroOptions made = options();
    const std::int64_t kernel = std::min<std::int64_t>(pick(1, 3), smallest);
    if (smallest >= 6) made.stride_h = made.stride_w = static_cast<std::int32_t>(pick(1, 2));
    switch (rng.below(6)) {
      case 0:
      case 1:
        x = maker.conv(x, pick(1, 12), kernel, std::min<std::int64_t>(pick(1, 3), smallest), made);
        break;
      case 2:
        x = maker.depthwise(x, dims[3] <= 6 ? pick(1, 2) : 1, kernel, made);
        break;
      case 3: {  // a block with a shortcut
        made.stride_h = made.stride_w = 1;
        made.padding = MicroPadding::kSame;
        const int inner = maker.conv(x, dims[3], kernel, kernel, made, 0.06F);
        made.padding = MicroPadding::kValid;
        x = maker.add(MicroOp::kAdd, {x, inner}, maker.value(dims, 0.07F, pick(-9, 9)),
                      {.activation = made.activation});
        break;
      }
      case 4: {  // two branches, of the scale of the input
        made = {.padding = MicroPadding::kSame};
        const float scale = maker.tensor(x).quantisation.scale();
        const std::int64_t zero = maker.tensor(x).quantisation.zero_point();
        const int other = maker.conv(x, pick(1, 4), 1, 1, made, scale);
        maker.program.tensors[static_cast<std::size_t>(other)].quantisation.zero_points = {zero};
        auto both = dims;
        both[3] += maker.tensor(other).dims[3];
        x = maker.add(MicroOp::kConcatenation, {x, other}, maker.value(both, scale, zero),
                      {.axis = 3});
        break;
      }
      default: {
        if (smallest < 4) break;
        const auto& quantisation = maker.tensor(x).quantisation;
        const MicroOptions pool{.stride_h = 2, .stride_w = 2, .filter_h = 2, .filter_w = 2};
        x = maker.add(rng.bernoulli(0.5) ? MicroOp::kMaxPool2d : MicroOp::kAveragePool2d, {x},
                      maker.value({1, dims[1] / 2, dims[2] / 2, dims[3]}, quantisation.scale(),
                                  quantisation.zero_point()),
                      pool);
        break;
      }
    }
  }
  const auto dims = maker.tensor(x).dims;
  const auto quantisation = maker.tensor(x).quantisation;
  const auto like_x = [&](std::vector<std::int64_t> shape) {
    return maker.value(std::move(shape), quantisation.scale(), quantisation.zero_point());
  };
  x = maker.add(MicroOp::kAveragePool2d, {x}, like_x({1, 1, 1, dims[3]}),
                {.filter_h = static_cast<std::int32_t>(dims[1]),
                 .filter_w = static_cast<std::int32_t>(dims[2])});
  const int shape = maker.ints({1, static_cast<std::int32_t>(dims[3])});
  x = maker.add(MicroOp::kReshape, {x, shape}, like_x({1, dims[3]}));
  x = maker.fully_connected(x, pick(2, 10), 0.03F);
  if (rng.bernoulli(0.5)) {
    x = maker.add(MicroOp::kSoftmax, {x}, maker.value(maker.tensor(x).dims, 1.0F / 256, -128));
  }
  maker.program.outputs = {x};
  maker.program.output_names = {maker.tensor(x).name};
  return maker.program;
}

MicroProgram every_operator() {
  ProgramMaker maker;
  const auto like = [&](int x) {
    return maker.value(maker.tensor(x).dims, maker.tensor(x).quantisation.scale(),
                       maker.tensor(x).quantisation.zero_point());
  };
  int x = maker.input({1, 8, 8, 4});
  x = maker.conv(x, 6, 3, 2,
                 {.padding = MicroPadding::kSame,
                  .stride_h = 2,
                  .stride_w = 1,
                  .activation = MicroActivation::kRelu});
  x = maker.depthwise(x, 2, 3,
                      {.padding = MicroPadding::kSame,
                       .dilation_h = 2,
                       .dilation_w = 2,
                       .activation = MicroActivation::kRelu6});
  const std::vector<std::int64_t> dims = maker.tensor(x).dims;
  for (const MicroOp op : {MicroOp::kGelu, MicroOp::kHardSwish, MicroOp::kLogistic, MicroOp::kRelu,
                           MicroOp::kRelu6, MicroOp::kRsqrt, MicroOp::kTanh, MicroOp::kQuantize}) {
    x = maker.add(op, {x}, maker.value(dims, 0.06F, 1));
  }
  x = maker.add(MicroOp::kLeakyRelu, {x}, maker.value(dims, 0.05F, 1), {.alpha = 0.3F});
  for (const MicroOp op : {MicroOp::kAdd, MicroOp::kSub, MicroOp::kMul}) {
    x = maker.add(op, {x, x}, maker.value(dims, 0.1F, 1), {.activation = MicroActivation::kRelu});
  }
  x = maker.add(MicroOp::kMaxPool2d, {x}, like(x),
                {.padding = MicroPadding::kSame, .filter_h = 3, .filter_w = 3});
  x = maker.add(MicroOp::kAveragePool2d, {x}, like(x),
                {.padding = MicroPadding::kSame, .filter_h = 2, .filter_w = 3});
  const auto scaled_as = [&](int from, std::vector<std::int64_t> shape) {
    return maker.value(std::move(shape), maker.tensor(from).quantisation.scale(),
                       maker.tensor(from).quantisation.zero_point());
  };
  // [1, 4, 8, 12] -> [1, 6, 9, 12] -> [1, 7, 9, 12] -> [1, 3, 8, 12]
  x = maker.add(MicroOp::kPad, {x, maker.ints({0, 0, 1, 1, 0, 1, 0, 0}, {4, 2})},
                scaled_as(x, {1, 6, 9, 12}));
  const int lowest = maker.weights({1}, maker.tensor(x).quantisation.scale(), -1);
  x = maker.add(MicroOp::kPadV2, {x, maker.ints({0, 0, 1, 0, 0, 0, 0, 0}, {4, 2}), lowest},
                scaled_as(x, {1, 7, 9, 12}));
  x = maker.add(MicroOp::kStridedSlice,
                {x, maker.ints({0, 1, 1, 0}), maker.ints({0, 7, 9, 0}), maker.ints({1, 2, 1, 1})},
                scaled_as(x, {1, 3, 8, 12}), {.begin_mask = 9, .end_mask = 9});
  const int up = maker.value({1, 6, 16, 5}, 0.2F, 0);
  x = maker.add(MicroOp::kTransposeConv,
                {maker.ints({1, 6, 16, 5}), maker.weights({5, 2, 2, 12}, 0.01F, 0), x,
                 maker.bias(5, std::vector<float>(5, 0.001F))},
                up, {.padding = MicroPadding::kSame, .stride_h = 2, .stride_w = 2});
  x = maker.add(MicroOp::kTranspose, {x, maker.ints({0, 3, 1, 2})}, scaled_as(x, {1, 5, 6, 16}));
  const int mean = maker.add(MicroOp::kMean, {x, maker.ints({2})}, maker.value({1, 5, 1, 16}),
                             {.keep_dims = true});
  x = maker.add(MicroOp::kConcatenation, {x, mean}, maker.value({1, 5, 7, 16}), {.axis = 2});
  x = maker.add(MicroOp::kBatchMatmul, {x, x}, maker.value({1, 5, 7, 7}, 0.4F, 1), {.adj_y = true});
  x = maker.add(MicroOp::kSoftmax, {x}, maker.value({1, 5, 7, 7}, 1.0F / 256, -128), {.beta = 2});
  x = maker.add(MicroOp::kReshape, {x, maker.ints({1, 245})}, scaled_as(x, {1, 245}));
  x = maker.fully_connected(x, 3);
  x = maker.add(MicroOp::kDequantize, {x}, maker.value({1, 3}, 0, 0, MicroElement::kFloat32));
  maker.program.outputs = {x};
  maker.program.output_names = {maker.tensor(x).name};
  return maker.program;
}

}  // namespace nas::test
