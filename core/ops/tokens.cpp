#include <algorithm>
#include <utility>

#include "core/ops/shape_rules.h"

// What networks of tokens [T, F] need: layers on every row, products of two computed matrices, and
// the other ways to look at the same numbers.
namespace nas {
namespace {

enum TokenLinearAttr { kOutFeatures, kBias };
constexpr AttrSpec kTokenLinearAttrs[] = {
    required_int("out_features", 1, "length of each output row"),
    flag("bias", true, "adds a constant to every output"),
};

constexpr AttrSpec kReshapeAttrs[] = {
    optional_int("dim0", 0, 0, "first dimension; 0 = what the others leave"),
    optional_int("dim1", 0, 0, "second dimension; 0 = there is none"),
    optional_int("dim2", 0, 0, "third dimension; 0 = there is none"),
    optional_int("dim3", 0, 0, "fourth dimension; 0 = there is none"),
};

constexpr AttrSpec kSwapAttrs[] = {
    optional_int("first", 0, 0, "a dimension, counted from 0"),
    optional_int("second", 1, 0, "the dimension that changes places with it"),
};

constexpr AttrSpec kScaleAttrs[] = {
    optional_real("factor", 1, -kNoLimit, kNoLimit, "what every number is multiplied by"),
};

Shape token_weight(const OpCall& call) {
  const Shape& rows = call.inputs[0].shape;
  return {call.attrs[kOutFeatures].as_int(), rows[rows.rank() - 1]};
}

void infer_token_linear(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  if (type.shape.rank() < 2) {
    call.fail("input 0 is " + to_string(type) + ", expected float[tokens,features]");
  }
  expect_weight_fits(call, token_weight(call));
  type.shape[type.shape.rank() - 1] = call.attrs[kOutFeatures].as_int();
  outputs.push_back(type);
}

OpCost token_linear_cost(const OpCall& call, std::span<const TensorType> outputs) {
  const std::int64_t features = token_weight(call)[1];
  return {.macs = outputs[0].shape.elements() * features,
          .bias_macs = call.attrs[kBias].as_bool() ? outputs[0].shape.elements() : 0};
}

ParamList token_linear_params(const OpCall& call) {
  const Shape weight = token_weight(call);
  ParamList list;
  list.add(
      {.name = "weight", .shape = weight, .init = ParamInit::kKaimingUniform, .fan_in = weight[1]});
  if (call.attrs[kBias].as_bool()) {
    list.add(
        {.name = "bias", .shape = {weight[0]}, .init = ParamInit::kFanInBias, .fan_in = weight[1]});
  }
  return list;
}

void infer_matmul(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  const TensorType& right = expect_float(call, 1);
  const std::size_t rank = type.shape.rank();
  bool fits =
      rank >= 2 && right.shape.rank() == rank && type.shape[rank - 1] == right.shape[rank - 2];
  for (std::size_t i = 0; fits && i + 2 < rank; ++i) fits = type.shape[i] == right.shape[i];
  if (!fits) {
    call.fail("inputs are " + to_string(type) + " and " + to_string(right) +
              ", expected float[...,rows,n] and float[...,n,columns]");
  }
  type.shape[rank - 1] = right.shape[rank - 1];
  outputs.push_back(type);
}

OpCost matmul_cost(const OpCall& call, std::span<const TensorType> outputs) {
  const Shape& left = call.inputs[0].shape;
  std::int64_t macs = 0;
  if (__builtin_mul_overflow(outputs[0].shape.elements(), left[left.rank() - 1], &macs)) {
    call.fail("has too many multiplications to count");
  }
  return {.macs = macs};
}

void infer_reshape(const OpCall& call, std::vector<TensorType>& outputs) {
  const TensorType& type = expect_float(call);
  std::vector<std::int64_t> dims{0};
  std::int64_t others = 1;
  for (std::size_t i = 1; i < call.attrs.size(); ++i) {
    const std::int64_t dim = call.attrs[i].as_int();
    if (dim == 0) continue;
    if (dims.size() < i) call.fail("a dimension follows one that is not there");
    if (__builtin_mul_overflow(others, dim, &others)) others = kMaxExtent + 1;
    dims.push_back(dim);
  }
  const std::int64_t elements = type.shape.elements();
  if (call.attrs[0].as_int() == 0) {
    call.attrs[0] = std::max<std::int64_t>(elements / others, 1);
  }
  dims[0] = call.attrs[0].as_int();
  const Shape shape(dims);
  if (shape.elements() != elements) {
    call.fail(to_string(shape) + " has other numbers than the input, " + to_string(type));
  }
  outputs.push_back({Element::kFloat, shape});
}

void infer_swap(const OpCall& call, std::vector<TensorType>& outputs) {
  TensorType type = expect_float(call);
  const std::int64_t first = call.attrs[0].as_int(), second = call.attrs[1].as_int();
  const auto rank = static_cast<std::int64_t>(type.shape.rank());
  if (first >= rank || second >= rank) {
    call.fail("first = " + std::to_string(first) + " and second = " + std::to_string(second) +
              " are not both dimensions of " + to_string(type));
  }
  std::swap(type.shape[static_cast<std::size_t>(first)],
            type.shape[static_cast<std::size_t>(second)]);
  outputs.push_back(type);
}

constexpr OpSchema kOps[] = {
    {
        .name = "token_linear",
        .doc = "the same fully connected layer for every token, [T,F] -> [T,out_features]; more "
               "leading dimensions are tokens too",
        .role = OpRole::kWeight,
        .family = OpFamily::kLinear,
        .zero_rule = ZeroRule::kUnbiased,
        .attrs = kTokenLinearAttrs,
        .infer = infer_token_linear,
        .cost = token_linear_cost,
        .params = token_linear_params,
        .onnx_name = "MatMul",
    },
    {
        .name = "matmul",
        .doc = "product of two computed matrices, [...,M,K] and [...,K,N] -> [...,M,N]",
        .min_inputs = 2,
        .max_inputs = 2,
        .role = OpRole::kMerge,
        .family = OpFamily::kMerge,
        .zero_rule = ZeroRule::kAbsorbs,
        .infer = infer_matmul,
        .cost = matmul_cost,
        .onnx_name = "MatMul",
    },
    {
        .name = "reshape",
        .doc = "the same numbers, row-major, under other dimensions",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .attrs = kReshapeAttrs,
        .infer = infer_reshape,
        .onnx_name = "Reshape",
    },
    {
        .name = "swap_axes",
        .doc = "two dimensions change places",
        .role = OpRole::kStructure,
        .family = OpFamily::kShape,
        .zero_rule = ZeroRule::kKeeps,
        .attrs = kSwapAttrs,
        .infer = infer_swap,
        .onnx_name = "Transpose",
    },
    {
        .name = "scale_by",
        .doc = "every number times a constant",
        .role = OpRole::kActivation,
        .family = OpFamily::kActivation,
        .zero_rule = ZeroRule::kKeeps,
        .monotone = false,
        .channels = ChannelRule::kAsInput,
        .attrs = kScaleAttrs,
        .infer = infer_as_input,
        .onnx_name = "Mul",
    },
};

}  // namespace

extern constinit const OpList tokens_list{kOps};

}  // namespace nas
