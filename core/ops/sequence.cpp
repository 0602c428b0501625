#include "core/ops/shape_rules.h"

// Operations along the last axis: the frames of a sequence [C, T], the features of a vector [F].
namespace nas {
namespace {

constexpr AttrSpec kLayerNormAttrs[] = {
    flag("affine", true, "learns a scale and a shift for each place of the axis"),
    optional_real("eps", 1e-5, 0, 1, "added to the variance"),
    flag("over_channels", false, "normalises the channels of each position instead"),
};
enum LayerNormAttr { kAffine, kEps, kOverChannels };

constexpr AttrSpec kWeightedStatsAttrs[] = {
    optional_real("min_variance", 1e-9, 0, 1, "smaller variances count as this one"),
};

const Shape& expect_axis(const OpCall& call) {
  const TensorType& type = expect_float(call);
  if (type.shape.rank() == 0) {
    call.fail("input 0 is " + to_string(type) + ", expected at least one dimension");
  }
  return type.shape;
}

void infer_along_axis(const OpCall& call, std::vector<TensorType>& outputs) {
  outputs.push_back({Element::kFloat, expect_axis(call)});
}

ParamList layer_norm_params(const OpCall& call) {
  ParamList list;
  if (!call.attrs[kAffine].as_bool()) return list;
  const Shape& input = call.inputs[0].shape;
  const Shape axis{input[call.attrs[kOverChannels].as_bool() ? 0 : input.rank() - 1]};
  list.add({.name = "weight", .shape = axis, .init = ParamInit::kOnes});
  list.add({.name = "bias", .shape = axis, .init = ParamInit::kZeros});
  return list;
}

void infer_weighted_stats(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& sequence = expect_sequence(call);
  if (call.inputs[1] != call.inputs[0]) {
    call.fail("the weights are " + to_string(call.inputs[1]) + ", but the sequence is " +
              to_string(call.inputs[0]));
  }
  outputs.push_back({Element::kFloat, {2 * sequence[0]}});
}

constexpr OpSchema kOps[] = {
    {
        .name = "layer_norm",
        .doc =
            "normalises the last axis, or the channels of each position, to mean 0 and variance 1",
        .role = OpRole::kNormalisation,
        .family = OpFamily::kNorm,
        .channels = ChannelRule::kAsInput,
        .attrs = kLayerNormAttrs,
        .infer = infer_along_axis,
        .params = layer_norm_params,
        .onnx_name = "LayerNormalization",
    },
    {
        .name = "softmax",
        .doc = "exp(x) divided by its sum along the last axis",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .monotone = false,
        .channels = ChannelRule::kAsInput,
        .infer = infer_along_axis,
        .onnx_name = "Softmax",
    },
    // With weights a that sum to 1 along time: mean = sum a x, variance = sum a x^2 - mean^2.
    {
        .name = "weighted_stats",
        .doc =
            "means, then standard deviations, of each channel along time under the weights of the "
            "second input, [C,T] -> [2 C]",
        .min_inputs = 2,
        .max_inputs = 2,
        .role = OpRole::kGlobalPool,
        .family = OpFamily::kPool,
        .monotone = false,
        .channels = ChannelRule::kRepeated,
        .attrs = kWeightedStatsAttrs,
        .infer = infer_weighted_stats,
    },
};

}  // namespace

extern constinit const OpList sequence_list{kOps};

}  // namespace nas
