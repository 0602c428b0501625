#include "core/ops/shape_rules.h"

namespace nas {
namespace {

[[noreturn]] void fail_mismatch(const OpCall& call, std::size_t index) {
  call.fail("input " + std::to_string(index) + " is " + to_string(call.inputs[index]) +
            ", but input 0 is " + to_string(call.inputs[0]));
}

void infer_add(const OpCall& call, std::vector<TensorType>& outputs) {
  const TensorType& type = expect_float(call);
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    if (call.inputs[i] != type) {
      fail_mismatch(call, i);
    }
  }
  outputs.push_back(type);
}

void infer_multiply(const OpCall& call, std::vector<TensorType>& outputs) {
  const TensorType& type = expect_float(call);
  const TensorType& factor = expect_float(call, 1);
  const std::size_t rank = type.shape.rank();
  const bool channel_gate = (rank == 3 && factor.shape == Shape{type.shape[0], 1, 1}) ||
                            (rank == 2 && factor.shape == Shape{type.shape[0], 1});
  if (factor != type && !channel_gate) {
    fail_mismatch(call, 1);
  }
  outputs.push_back(type);
}

void infer_concat(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  if (type.shape.rank() == 0) {
    call.fail("input 0 is " + to_string(type) + ", expected at least one dimension");
  }
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    TensorType expected = call.inputs[i];
    if (expected.shape.rank() != type.shape.rank()) {
      fail_mismatch(call, i);
    }
    const std::int64_t channels = expected.shape[0];
    expected.shape[0] = type.shape[0];
    if (expected != type) {
      fail_mismatch(call, i);
    }
    type.shape[0] += channels;
  }
  outputs.push_back(type);
}

ParamList mix_params(const OpCall& call) {
  ParamList list;
  list.add({.name = "weights",
            .shape = {static_cast<std::int64_t>(call.inputs.size())},
            .init = ParamInit::kOnes,
            .trainable = false});
  return list;
}

constexpr OpSchema kOps[] = {
    // the first is `mix_op`
    {
        .name = "mix",
        .doc = "sum of tensors of one shape, each times its weight: the open choice of a supernet",
        .max_inputs = -1,
        .role = OpRole::kOtherWeights,
        .family = OpFamily::kMerge,
        .zero_rule = ZeroRule::kKeeps,
        .channels = ChannelRule::kAsInput,
        .infer = infer_add,
        .params = mix_params,
    },
    {
        .name = "add",
        .doc = "sum of tensors of one shape",
        .max_inputs = -1,
        .commutative = true,
        .role = OpRole::kMerge,
        .family = OpFamily::kMerge,
        .zero_rule = ZeroRule::kKeeps,
        .neutral = {.exists = true},
        .channels = ChannelRule::kAsInput,
        .infer = infer_add,
        .onnx_name = "Add",
    },
    {
        .name = "multiply",
        .doc = "element-wise product; the second input may be [C,1,1] (for a sequence [C,1]), one "
               "factor for each channel",
        .min_inputs = 2,
        .max_inputs = 2,
        .role = OpRole::kMerge,
        .family = OpFamily::kMerge,
        .zero_rule = ZeroRule::kAbsorbs,
        .channels = ChannelRule::kAsInput,
        .infer = infer_multiply,
        .onnx_name = "Mul",
    },
    {
        .name = "concat",
        .doc = "tensors put one after the other along the channels",
        .max_inputs = -1,
        .role = OpRole::kMerge,
        .family = OpFamily::kMerge,
        .zero_rule = ZeroRule::kKeeps,
        .neutral = {.exists = true},
        .channels = ChannelRule::kConcat,
        .infer = infer_concat,
        .onnx_name = "Concat",
    },
};

}  // namespace

constinit const OpSchema& mix_op = kOps[0];

extern constinit const OpList arithmetic_list{kOps};

}  // namespace nas
