#include "core/ops/shape_rules.h"

// Element-wise functions of one tensor: the output has the input's type.
namespace nas {
namespace {

constexpr OpSchema kOps[] = {
    {
        .name = "relu",
        .doc = "max(x, 0)",
        .role = OpRole::kRectifier,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "Relu",
    },
    {
        .name = "relu6",
        .doc = "min(max(x, 0), 6)",
        .role = OpRole::kRectifier,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "Clip",
    },
    {
        .name = "hswish",
        .doc = "x relu6(x + 3) / 6",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "HardSwish",
    },
    // ONNX: alpha = 1/6 (its default is 0.2), beta = 0.5.
    {
        .name = "hsigmoid",
        .doc = "relu6(x + 3) / 6",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kUnknown,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "HardSigmoid",
    },
    {
        .name = "sigmoid",
        .doc = "1 / (1 + exp(-x))",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kUnknown,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "Sigmoid",
    },
    {
        .name = "tanh",
        .doc = "hyperbolic tangent",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "Tanh",
    },
    {
        .name = "gelu",
        .doc = "x Phi(x) with the normal distribution function Phi",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .in_place = true,
        .channels = ChannelRule::kAsInput,
        .infer = infer_as_input,
        .onnx_name = "Gelu",
    },
};

}  // namespace

extern constinit const OpList activation_list{kOps};

}  // namespace nas
