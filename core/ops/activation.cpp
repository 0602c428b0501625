#include "core/ops/shape_rules.h"

// Element-wise functions of one tensor: the output has the input's type.
namespace nas {

extern constinit const OpSchema relu_op{
    .name = "relu",
    .doc = "max(x, 0)",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "Relu",
    .onnx_opset = 14,
};

extern constinit const OpSchema relu6_op{
    .name = "relu6",
    .doc = "min(max(x, 0), 6)",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "Clip",
    .onnx_opset = 13,
};

extern constinit const OpSchema hswish_op{
    .name = "hswish",
    .doc = "x relu6(x + 3) / 6",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "HardSwish",
    .onnx_opset = 14,
};

// ONNX: alpha = 1/6 (its default is 0.2), beta = 0.5.
extern constinit const OpSchema hsigmoid_op{
    .name = "hsigmoid",
    .doc = "relu6(x + 3) / 6",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "HardSigmoid",
    .onnx_opset = 6,
};

extern constinit const OpSchema sigmoid_op{
    .name = "sigmoid",
    .doc = "1 / (1 + exp(-x))",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "Sigmoid",
    .onnx_opset = 13,
};

extern constinit const OpSchema tanh_op{
    .name = "tanh",
    .doc = "hyperbolic tangent",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "Tanh",
    .onnx_opset = 13,
};

extern constinit const OpSchema gelu_op{
    .name = "gelu",
    .doc = "x Phi(x) with the normal distribution function Phi",
    .channels = ChannelRule::kAsInput,
    .infer = infer_as_input,
    .onnx_name = "Gelu",
    .onnx_opset = 20,
};

}  // namespace nas
