#include "core/ops/shape_rules.h"

namespace nas {
namespace {

constexpr AttrSpec kBatchNormAttrs[] = {
    flag("affine", true, "learns a scale and a shift for each channel"),
    optional_real("momentum", 0.1, 0, 1, "weight of the new batch in the running statistics"),
    optional_real("eps", 1e-5, 0, 1, "added to the variance"),
};
enum BatchNormAttr { kAffine };

void infer_batch_norm(const OpCall& call, std::vector<TensorType>& outputs) {
  const TensorType& type = call.inputs[0];
  if (type.element != Element::kFloat || type.shape.rank() < 1 || type.shape.rank() > 3) {
    call.fail("input 0 is " + to_string(type) +
              ", expected float[channels,height,width], float[channels,frames] or "
              "float[features]");
  }
  outputs.push_back(type);
}

/// In inference the statistics fold into one factor and one shift an element.
OpCost batch_norm_cost(const OpCall&, std::span<const TensorType> outputs) {
  return {.norm_macs = 2 * outputs[0].shape.elements()};
}

ParamList batch_norm_params(const OpCall& call) {
  const Shape channels{call.inputs[0].shape[0]};
  ParamList list;
  if (call.attrs[kAffine].as_bool()) {
    list.add({.name = "weight", .shape = channels, .init = ParamInit::kOnes});
    list.add({.name = "bias", .shape = channels, .init = ParamInit::kZeros});
  }
  list.add(
      {.name = "running_mean", .shape = channels, .init = ParamInit::kZeros, .trainable = false});
  list.add(
      {.name = "running_var", .shape = channels, .init = ParamInit::kOnes, .trainable = false});
  return list;
}

constexpr OpSchema kOps[] = {
    {
        .name = "batch_norm",
        .doc = "batch normalisation of each channel, with running statistics",
        .role = OpRole::kNormalisation,
        .family = OpFamily::kNorm,
        .channels = ChannelRule::kAsInput,
        .attrs = kBatchNormAttrs,
        .infer = infer_batch_norm,
        .cost = batch_norm_cost,
        .params = batch_norm_params,
        .onnx_name = "BatchNormalization",
    },
};

}  // namespace

extern constinit const OpList norm_list{kOps};

}  // namespace nas
