#include "core/ops/shape_rules.h"

namespace nas {
namespace {

enum ConvAttr { kOutChannels, kKernel, kStride, kPadding, kDilation, kGroups, kBias };

constexpr AttrSpec kConvAttrs[] = {
    required_int("out_channels", 0, "output channels; 0 = as the input"),
    required_int("kernel", 1, "height and width of the window"),
    optional_int("stride", 1, 1, "step of the window"),
    optional_int("padding", 0, 0, "zeros put around the input, on each side"),
    optional_int("dilation", 1, 1, "distance between the points of the window"),
    optional_int("groups", 1, 0, "independent groups of channels; 0 = depthwise, as the input"),
    flag("bias", false, "adds a constant to every output channel"),
};

std::int64_t at(const OpCall& call, ConvAttr attr) {
  return call.attrs[attr].as_int();
}

Shape weight_shape(const OpCall& call) {
  const std::int64_t kernel = at(call, kKernel);
  return {at(call, kOutChannels), call.inputs[0].shape[0] / at(call, kGroups), kernel, kernel};
}

void expect_divides(const OpCall& call, std::string_view of, std::int64_t channels) {
  if (channels % at(call, kGroups) != 0) {
    call.fail("groups = " + std::to_string(at(call, kGroups)) + " does not divide " +
              std::string(of) + " = " + std::to_string(channels));
  }
}

void infer_conv(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& image = expect_image(call);
  if (at(call, kOutChannels) == 0) {
    call.attrs[kOutChannels] = image[0];
  }
  if (at(call, kGroups) == 0) {
    call.attrs[kGroups] = image[0];
  }
  expect_divides(call, "in_channels", image[0]);
  expect_divides(call, "out_channels", at(call, kOutChannels));
  expect_weight_fits(call, weight_shape(call));
  const Window window{at(call, kKernel), at(call, kStride), at(call, kPadding),
                      at(call, kDilation)};
  outputs.push_back({Element::kFloat,
                     {at(call, kOutChannels), window_positions(call, "height", image[1], window),
                      window_positions(call, "width", image[2], window)}});
}

OpCost conv_cost(const OpCall& call, std::span<const TensorType> outputs) {
  const Shape& out = outputs[0].shape;
  return {.macs = weight_shape(call).elements() * (out[1] * out[2])};
}

ParamList conv_params(const OpCall& call) {
  const Shape weight = weight_shape(call);
  const std::int64_t fan_in = weight[1] * weight[2] * weight[3];
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
        .name = "conv2d",
        .doc = "two-dimensional convolution, [C,H,W] -> [out_channels,H',W']",
        .role = OpRole::kWeight,
        .family = OpFamily::kConv,
        .zero_rule = ZeroRule::kUnbiased,
        .channels = ChannelRule::kOutChannels,
        .attrs = kConvAttrs,
        .infer = infer_conv,
        .cost = conv_cost,
        .params = conv_params,
        .onnx_name = "Conv",
        .onnx_opset = 11,
    },
};

}  // namespace

extern constinit const OpList conv_list{kOps};

}  // namespace nas
