#include "core/ops/shape_rules.h"

// Convolutions of sequences and images, which differ in the number of axes that the window moves
// along.
namespace nas {
namespace {

enum ConvAttr { kOutChannels, kKernel, kStride, kPadding, kDilation, kGroups, kBias, kWidth };

#define NAS_CONV_ATTRS                                                                             \
  required_int("out_channels", 0, "output channels; 0 = as the input"),                            \
      required_int("kernel", 1, "length of the window along each axis"),                           \
      optional_int("stride", 1, 1, "step of the window"),                                          \
      optional_int("padding", 0, 0, "zeros put around the input, on each side"),                   \
      optional_int("dilation", 1, 1, "distance between the points of the window"),                 \
      optional_int("groups", 1, 0, "independent groups of channels; 0 = depthwise, as the input"), \
      flag("bias", false, "adds a constant to every output channel")

constexpr AttrSpec kConv1dAttrs[] = {NAS_CONV_ATTRS};
constexpr AttrSpec kConv2dAttrs[] = {
    NAS_CONV_ATTRS,
    added_later(
        optional_int("kernel_width", 0, 0,
                     "length of the window along the width, where that is another; 0 = kernel")),
};

std::int64_t at(const OpCall& call, ConvAttr attr) {
  return call.attrs[attr].as_int();
}

/// Of an image.
std::int64_t kernel_width(const OpCall& call) {
  const std::int64_t width = at(call, kWidth);
  return width == 0 ? at(call, kKernel) : width;
}

/// [out_channels, in_channels / groups, kernel for each axis]
Shape weight_shape(const OpCall& call) {
  const Shape& input = call.inputs[0].shape;
  const std::int64_t out = at(call, kOutChannels), in = input[0] / at(call, kGroups);
  const std::int64_t kernel = at(call, kKernel);
  return input.rank() == 2 ? Shape{out, in, kernel} : Shape{out, in, kernel, kernel_width(call)};
}

void expect_divides(const OpCall& call, std::string_view of, std::int64_t channels) {
  if (channels % at(call, kGroups) != 0) {
    call.fail("groups = " + std::to_string(at(call, kGroups)) + " does not divide " +
              std::string(of) + " = " + std::to_string(channels));
  }
}

/// `axes` names the dimensions of `input` behind the channels.
void infer_conv(const OpCall& call, const Shape& input, std::span<const std::string_view> axes,
                std::vector<TensorType>& outputs) {
  if (at(call, kOutChannels) == 0) {
    call.attrs[kOutChannels] = input[0];
  }
  if (at(call, kGroups) == 0) {
    call.attrs[kGroups] = input[0];
  }
  expect_divides(call, "in_channels", input[0]);
  expect_divides(call, "out_channels", at(call, kOutChannels));
  expect_weight_fits(call, weight_shape(call));
  Window window{at(call, kKernel), at(call, kStride), at(call, kPadding), at(call, kDilation)};
  TensorType output{Element::kFloat, input};
  output.shape[0] = at(call, kOutChannels);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (axis == 1) window.kernel = kernel_width(call);
    output.shape[axis + 1] = window_positions(call, axes[axis], input[axis + 1], window);
  }
  outputs.push_back(output);
}

void infer_conv1d(const OpCall& call, std::vector<TensorType>& outputs) {
  constexpr std::string_view kAxes[] = {"frames"};
  infer_conv(call, expect_sequence(call), kAxes, outputs);
}

void infer_conv2d(const OpCall& call, std::vector<TensorType>& outputs) {
  constexpr std::string_view kAxes[] = {"height", "width"};
  // One network, one way to say it.
  if (at(call, kWidth) == at(call, kKernel)) call.attrs[kWidth] = 0;
  infer_conv(call, expect_image(call), kAxes, outputs);
}

OpCost conv_cost(const OpCall& call, std::span<const TensorType> outputs) {
  const Shape& out = outputs[0].shape;
  return {.macs = weight_shape(call).elements() * (out.elements() / out[0])};
}

ParamList conv_params(const OpCall& call) {
  const Shape weight = weight_shape(call);
  const std::int64_t fan_in = weight.elements() / weight[0];
  ParamList list;
  list.add(
      {.name = "weight", .shape = weight, .init = ParamInit::kKaimingUniform, .fan_in = fan_in});
  if (call.attrs[kBias].as_bool()) {
    list.add(
        {.name = "bias", .shape = {weight[0]}, .init = ParamInit::kFanInBias, .fan_in = fan_in});
  }
  return list;
}

constexpr OpSchema kOps[] = {
    {
        .name = "conv1d",
        .doc = "convolution along time, [C,T] -> [out_channels,T']",
        .role = OpRole::kWeight,
        .family = OpFamily::kConv,
        .zero_rule = ZeroRule::kUnbiased,
        .channels = ChannelRule::kOutChannels,
        .attrs = kConv1dAttrs,
        .infer = infer_conv1d,
        .cost = conv_cost,
        .params = conv_params,
        .onnx_name = "Conv",
    },
    {
        .name = "conv2d",
        .doc = "two-dimensional convolution, [C,H,W] -> [out_channels,H',W']",
        .role = OpRole::kWeight,
        .family = OpFamily::kConv,
        .zero_rule = ZeroRule::kUnbiased,
        .channels = ChannelRule::kOutChannels,
        .attrs = kConv2dAttrs,
        .infer = infer_conv2d,
        .cost = conv_cost,
        .params = conv_params,
        .onnx_name = "Conv",
    },
};

}  // namespace

extern constinit const OpList conv_list{kOps};

}  // namespace nas
