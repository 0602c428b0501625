#include <algorithm>
#include <array>
#include <cstring>

#include "core/tflite/graph_reader.h"

// The operation of a graph for each operator of a program.
namespace nas {
namespace {

using Dims = StepReader::Dims;

/// A window along one axis, with what it reads before and behind the image.
struct Axis {
  std::int64_t extent = 0, kernel = 0, stride = 0, dilation = 0, positions = 0;
  std::int64_t before = 0, behind = 0;

  void pad(MicroPadding padding) {
    if (padding == MicroPadding::kValid) return;
    // SAME: the odd zero comes behind.
    const std::int64_t reach = dilation * (kernel - 1) + 1;
    const std::int64_t total = std::max<std::int64_t>((positions - 1) * stride + reach - extent, 0);
    before = total / 2;
    behind = total - before;
  }
  bool whole() const { return before == 0 && behind == 0 && kernel == extent; }
};

struct Axes {
  Axis rows, columns;

  /// What both axes share; an axis with one position moves at any pace.
  std::int64_t stride(const StepReader& step) const {
    if (rows.stride == columns.stride || columns.positions == 1) return rows.stride;
    if (rows.positions == 1) return columns.stride;
    step.unsupported("has strides of " + std::to_string(rows.stride) + " and " +
                     std::to_string(columns.stride) +
                     ": windows of a graph move alike along both axes");
  }
  std::int64_t dilation(const StepReader& step) const {
    if (rows.dilation == columns.dilation || columns.kernel == 1) return rows.dilation;
    if (rows.kernel == 1) return columns.dilation;
    step.unsupported("has dilations that differ between the axes");
  }
  bool evenly_padded() const {
    return rows.before == rows.behind && columns.before == columns.behind &&
           rows.before == columns.before;
  }
};

Axes axes_of(const StepReader& step, std::int64_t height, std::int64_t width) {
  const Dims &in = step.dims(0), &out = step.output_dims();
  const MicroOptions& options = step.options();
  Axes axes{{in[1], height, options.stride_h, options.dilation_h, out[1]},
            {in[2], width, options.stride_w, options.dilation_w, out[2]}};
  axes.rows.pad(options.padding);
  axes.columns.pad(options.padding);
  return axes;
}

void read_conv(StepReader& step) {
  const Dims& weights = step.dims(1);
  const bool depthwise = step.step().op == MicroOp::kDepthwiseConv2d;
  const std::int64_t channels = step.dims(0)[3];
  const Axes axes = axes_of(step, weights[1], weights[2]);
  Value x = step.image();
  std::int64_t padding = axes.rows.before;
  if (!axes.evenly_padded()) {
    x = step.add("pad", {x},
                 {{"top", axes.rows.before},
                  {"left", axes.columns.before},
                  {"bottom", axes.rows.behind},
                  {"right", axes.columns.behind}});
    padding = 0;
  }
  const Value result = step.add("conv2d", {x},
                                {{"out_channels", depthwise ? weights[3] : weights[0]},
                                 {"kernel", weights[1]},
                                 {"kernel_width", weights[2]},
                                 {"stride", axes.stride(step)},
                                 {"padding", padding},
                                 {"dilation", axes.dilation(step)},
                                 {"groups", depthwise ? channels : channels / weights[3]},
                                 {"bias", step.has(2)}});
  step.weight(result, "weight", 1, depthwise ? WeightOrder::kDepthwise : WeightOrder::kConv);
  if (step.has(2)) step.weight(result, "bias", 2);
  step.give_image(result);
}

void read_fully_connected(StepReader& step) {
  const std::int64_t features = step.dims(1)[0], depth = step.dims(1)[1];
  Value x = step.stored();
  const std::size_t rank = step.dims(0).size() - 1;
  const bool rows = rank > 1 && step.dims(0).back() == depth && step.output_dims().size() > 2;
  if (!rows && rank > 1) x = step.add("flatten", {x});
  const Value result = step.add(rows ? "token_linear" : "linear", {x},
                                {{"out_features", features}, {"bias", step.has(2)}});
  step.weight(result, "weight", 1);
  if (step.has(2)) step.weight(result, "bias", 2);
  step.give_stored(result);
}

void read_pool(StepReader& step) {
  const MicroOptions& options = step.options();
  const bool average = step.step().op == MicroOp::kAveragePool2d;
  const Axes axes = axes_of(step, options.filter_h, options.filter_w);
  const Value x = step.image();
  if (average && axes.rows.whole() && axes.columns.whole()) {
    return step.give_image(step.add("global_avg_pool", {x}, {{"keep_dims", true}}));
  }
  if (options.filter_h != options.filter_w) step.unsupported("has a window that is not square");
  const std::int64_t stride = axes.stride(step);
  // A window that reaches beyond the end alone is one that `ceil_mode` adds.
  const bool added = axes.rows.before == 0 && axes.columns.before == 0 &&
                     axes.rows.behind < stride && axes.columns.behind < stride;
  if (!added && !axes.evenly_padded()) step.unsupported("pads one side more than the other");
  step.give_image(
      step.add(average ? "avg_pool" : "max_pool", {x},
               {{"kernel", std::int64_t{options.filter_h}},
                {"stride", stride},
                {"padding", axes.rows.before},
                {"ceil_mode", added && (axes.rows.behind > 0 || axes.columns.behind > 0)}}));
}

void read_mean(StepReader& step) {
  Dims over = step.ints(1);
  for (std::int64_t& axis : over) axis += axis < 0 ? 4 : 0;
  std::ranges::sort(over);
  if (!step.is_image() || over != Dims{1, 2}) {
    step.unsupported("is a mean of other axes than the positions of an image");
  }
  const bool keep = step.options().keep_dims;
  step.give_any(step.add("global_avg_pool", {step.image()}, {{"keep_dims", keep}}));
}

void read_add(StepReader& step) {
  if (step.dims(0) != step.dims(1)) step.unsupported("adds tensors of different shapes");
  step.give_any(step.add("add", {step.any(0), step.any(1)}));
}

void read_mul(StepReader& step) {
  for (const std::size_t one : {std::size_t{0}, std::size_t{1}}) {
    if (step.tensor(one).constant) step.unsupported("multiplies by a constant");
  }
  const bool swapped = step.dims(0) != step.output_dims();
  step.give_any(step.add("multiply", {step.any(swapped ? 1 : 0), step.any(swapped ? 0 : 1)}));
}

void read_concatenation(StepReader& step) {
  const auto rank = static_cast<std::int32_t>(step.dims(0).size());
  const std::int32_t axis = step.options().axis + (step.options().axis < 0 ? rank : 0);
  // Our first dimension: the channels of an image, what follows the batch otherwise.
  if (axis != (rank == 4 ? 3 : 1)) step.unsupported("joins another axis than the channels");
  Value all = step.any(0);
  for (std::size_t i = 1; i < step.step().inputs.size(); ++i) {
    all = step.add("concat", {all, step.any(i)});
  }
  step.give_any(all);
}

void read_reshape(StepReader& step) {
  const Dims& to = step.output_dims();
  if (to.empty() || to.front() != 1) step.unsupported("has a batch that is not 1");
  const Value x = step.stored();
  switch (to.size()) {
    case 2:
      return step.give_stored(step.dims(0).size() == 2 ? x : step.add("flatten", {x}));
    case 3:
      return step.give_stored(step.add("reshape", {x}, {{"dim0", to[1]}, {"dim1", to[2]}}));
    case 4:
      return step.give_stored(
          step.add("reshape", {x}, {{"dim0", to[1]}, {"dim1", to[2]}, {"dim2", to[3]}}));
    default:
      step.unsupported("gives a tensor of " + std::to_string(to.size()) + " dimensions");
  }
}

void read_transpose(StepReader& step) {
  Dims order = step.ints(1);
  if (order.empty() || order.front() != 0) step.unsupported("moves the batch");
  Value x = step.stored();
  // places[i]: which of the input's axes stands at i.
  Dims places(order.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (places[i] == order[i]) continue;
    const auto found = std::ranges::find(places, order[i]);
    const std::int64_t from = found - places.begin();
    x = step.add("swap_axes", {x},
                 {{"first", static_cast<std::int64_t>(i) - 1}, {"second", from - 1}});
    std::swap(places[i], *found);
  }
  step.give_stored(x);
}

void read_matmul(StepReader& step) {
  const auto side = [&](std::size_t input, bool turned) {
    const Value x = step.stored(input);
    const auto rank = static_cast<std::int64_t>(step.dims(input).size()) - 1;
    if (rank < 2) step.unsupported("multiplies by the batch");
    return turned ? step.add("swap_axes", {x}, {{"first", rank - 2}, {"second", rank - 1}}) : x;
  };
  step.give_stored(
      step.add("matmul", {side(0, step.options().adj_x), side(1, step.options().adj_y)}));
}

void read_pad(StepReader& step) {
  const Dims pads = step.ints(1);
  if (!step.is_image() || pads[0] + pads[1] + pads[6] + pads[7] != 0) {
    step.unsupported("pads other axes than the positions of an image");
  }
  step.give_image(
      step.add("pad", {step.image()},
               {{"top", pads[2]}, {"left", pads[4]}, {"bottom", pads[3]}, {"right", pads[5]}}));
}

void read_softmax(StepReader& step) {
  Value x = step.stored();
  const auto beta = static_cast<double>(step.options().beta);
  if (beta != 1) x = step.add("scale_by", {x}, {{"factor", beta}});
  step.give_stored(step.add("softmax", {x}));
}

void read_gelu(StepReader& step) {
  if (step.options().approximate) step.unsupported("is the approximation by tanh");
  step.give_any(step.add("gelu", {step.any()}));
}

/// Changes of scales change nothing in a graph.
void read_scales(StepReader& step) {
  step.give_any(step.any());
}

template <std::size_t name>
void read_function(StepReader& step) {
  constexpr std::array<std::string_view, 5> kNames{"hswish", "sigmoid", "relu", "relu6", "tanh"};
  step.give_any(step.add(kNames[name], {step.any()}));
}

constexpr StepReading kReadings[] = {
    {MicroOp::kAdd, read_add},
    {MicroOp::kAveragePool2d, read_pool},
    {MicroOp::kBatchMatmul, read_matmul},
    {MicroOp::kConcatenation, read_concatenation},
    {MicroOp::kConv2d, read_conv},
    {MicroOp::kDepthwiseConv2d, read_conv},
    {MicroOp::kDequantize, read_scales},
    {MicroOp::kFullyConnected, read_fully_connected},
    {MicroOp::kGelu, read_gelu},
    {MicroOp::kHardSwish, read_function<0>},
    {MicroOp::kLogistic, read_function<1>},
    {MicroOp::kMaxPool2d, read_pool},
    {MicroOp::kMean, read_mean},
    {MicroOp::kMul, read_mul},
    {MicroOp::kPad, read_pad},
    {MicroOp::kQuantize, read_scales},
    {MicroOp::kRelu, read_function<2>},
    {MicroOp::kRelu6, read_function<3>},
    {MicroOp::kReshape, read_reshape},
    {MicroOp::kSoftmax, read_softmax},
    {MicroOp::kTanh, read_function<4>},
    {MicroOp::kTranspose, read_transpose},
};

}  // namespace

const StepReading* find_step_reading(MicroOp op) {
  const auto* found = std::ranges::find(kReadings, op, &StepReading::op);
  return found == std::end(kReadings) ? nullptr : found;
}

}  // namespace nas
