#include "core/ops/shape_rules.h"

namespace nas {
namespace {

enum LinearAttr { kOutFeatures, kBias };

constexpr AttrSpec kLinearAttrs[] = {
    required_int("out_features", 1, "length of the output vector"),
    flag("bias", true, "adds a constant to every output"),
};

Shape weight_shape(const OpCall& call) {
  return {call.attrs[kOutFeatures].as_int(), call.inputs[0].shape[0]};
}

void infer_linear(const OpCall& call, std::vector<TensorType>& outputs) {
  const TensorType& type = call.inputs[0];
  if (type.element != Element::kFloat || type.shape.rank() != 1) {
    call.fail("input 0 is " + to_string(type) +
              ", expected float[features]; put flatten or global_avg_pool before it");
  }
  expect_weight_fits(call, weight_shape(call));
  outputs.push_back({Element::kFloat, {call.attrs[kOutFeatures].as_int()}});
}

OpCost linear_cost(const OpCall& call, std::span<const TensorType> outputs) {
  return {.macs = weight_shape(call).elements(),
          .bias_macs = call.attrs[kBias].as_bool() ? outputs[0].shape[0] : 0};
}

ParamList linear_params(const OpCall& call) {
  const Shape weight = weight_shape(call);
  ParamList list;
  list.add(
      {.name = "weight", .shape = weight, .init = ParamInit::kKaimingUniform, .fan_in = weight[1]});
  if (call.attrs[kBias].as_bool()) {
    list.add(
        {.name = "bias", .shape = {weight[0]}, .init = ParamInit::kFanInBias, .fan_in = weight[1]});
  }
  return list;
}

constexpr OpSchema kOps[] = {
    {
        .name = "linear",
        .doc = "fully connected layer, [F] -> [out_features]",
        .role = OpRole::kWeight,
        .family = OpFamily::kLinear,
        .zero_rule = ZeroRule::kUnbiased,
        .channels = ChannelRule::kOwn,
        .attrs = kLinearAttrs,
        .infer = infer_linear,
        .cost = linear_cost,
        .params = linear_params,
        .onnx_name = "Gemm",
    },
};

}  // namespace

extern constinit const OpList linear_list{kOps};

}  // namespace nas
