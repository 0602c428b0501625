#include "core/onnx/shape_rules.h"

#include <algorithm>
#include <span>

namespace nas {
namespace {

using Dims = NodeShapes::Dims;
using Ints = NodeShapes::Ints;

Dims fixed(const Ints& sizes) {
  Dims dims;
  for (const std::int64_t size : sizes) dims.push_back({size, ""});
  return dims;
}

bool known(const OnnxDim& dim) {
  return dim.value >= 0;
}

std::optional<Dims> same(const NodeShapes& node) {
  return node.input(0);
}

std::optional<Dims> broadcast(const NodeShapes& node) {
  Dims result;
  for (std::size_t i = 0; i < node.inputs(); ++i) {
    std::optional<Dims> input = node.input(i);
    if (!input) return std::nullopt;
    if (input->size() > result.size()) std::swap(*input, result);
    const std::size_t before = result.size() - input->size();
    for (std::size_t k = 0; k < input->size(); ++k) {
      OnnxDim& to = result[before + k];
      const OnnxDim& from = (*input)[k];
      if (known(from) && known(to) && from.value != to.value && from.value != 1 && to.value != 1) {
        node.wrong("inputs of " + std::to_string(to.value) + " and " + std::to_string(from.value) +
                   " do not fit");
      }
      if (to.value == 1 || (!known(to) && known(from) && from.value != 1)) to = from;
    }
  }
  return result;
}

/// Windows over the dimensions behind the second.
std::optional<Dims> windows(const NodeShapes& node, Dims result, const Ints& kernel) {
  const std::size_t spatial = result.size() - 2;
  const Ints ones(spatial, 1), none(2 * spatial, 0);
  const Ints strides = node.ints("strides").value_or(ones);
  const Ints dilations = node.ints("dilations").value_or(ones);
  const Ints pads = node.ints("pads").value_or(none);
  if (kernel.size() != spatial || strides.size() != spatial || dilations.size() != spatial ||
      pads.size() != 2 * spatial) {
    node.wrong("its windows do not have the dimensions of its input");
  }
  for (const Ints* numbers : {&kernel, &strides, &dilations, &pads}) node.check_sizes(*numbers);
  const OnnxAttribute* automatic = find_attribute(node.node(), "auto_pad");
  const bool keeps = automatic != nullptr && automatic->text.starts_with("SAME");
  const bool rounds_up = node.integer("ceil_mode", 0) == 1;
  for (std::size_t i = 0; i < spatial; ++i) {
    OnnxDim& dim = result[i + 2];
    if (strides[i] < 1) node.wrong("a stride below 1");
    if (!known(dim)) {
      dim = {};
    } else if (keeps) {
      dim.value = (dim.value + strides[i] - 1) / strides[i];
    } else {
      const std::int64_t room =
          dim.value + pads[i] + pads[i + spatial] - (dilations[i] * (kernel[i] - 1) + 1);
      if (room < 0) node.wrong("a window larger than its input");
      dim.value = (rounds_up ? (room + strides[i] - 1) / strides[i] : room / strides[i]) + 1;
    }
  }
  return result;
}

std::optional<Dims> conv(const NodeShapes& node) {
  std::optional<Dims> input = node.input(0);
  const std::optional<Dims> weight = node.input(1);
  if (!input || !weight) return std::nullopt;
  if (input->size() < 3 || weight->size() != input->size()) node.wrong("inputs of another rank");
  (*input)[1] = (*weight)[0];
  Ints kernel;
  for (std::size_t i = 2; i < weight->size(); ++i) kernel.push_back((*weight)[i].value);
  return windows(node, *input, kernel);
}

std::optional<Dims> pool(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  const std::optional<Ints> kernel = node.ints("kernel_shape");
  if (!input || !kernel) return std::nullopt;
  if (input->size() < 3) node.wrong("an input without sizes");
  return windows(node, *input, *kernel);
}

std::optional<Dims> global_pool(const NodeShapes& node) {
  std::optional<Dims> input = node.input(0);
  if (!input) return std::nullopt;
  for (std::size_t i = 2; i < input->size(); ++i) (*input)[i] = {1, ""};
  return input;
}

std::optional<Dims> reduce(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  if (!input) return std::nullopt;
  const std::optional<Ints> axes = node.ints("axes", 1);
  if (!axes && node.inputs() > 1) return std::nullopt;
  std::vector<bool> gone(input->size(), !axes);
  for (const std::int64_t axis : axes.value_or(Ints{})) gone[node.axis(axis, gone.size())] = true;
  const bool stay = node.integer("keepdims", 1) == 1;
  Dims result;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) result.push_back((*input)[i]);
    if (gone[i] && stay) result.push_back({1, ""});
  }
  return result;
}

std::optional<Dims> gemm(const NodeShapes& node) {
  const std::optional<Dims> a = node.input(0), b = node.input(1);
  if (!a || !b) return std::nullopt;
  if (a->size() != 2 || b->size() != 2) node.wrong("its inputs are no matrices");
  return Dims{(*a)[node.integer("transA", 0) == 0 ? 0 : 1],
              (*b)[node.integer("transB", 0) == 0 ? 1 : 0]};
}

std::optional<Dims> matmul(const NodeShapes& node) {
  const std::optional<Dims> a = node.input(0), b = node.input(1);
  if (!a || !b) return std::nullopt;
  if (a->size() < 2 || b->size() < 2) return std::nullopt;
  const Dims& longer = a->size() >= b->size() ? *a : *b;
  Dims result(longer.begin(), longer.end() - 2);
  result.push_back((*a)[a->size() - 2]);
  result.push_back(b->back());
  return result;
}

std::optional<Dims> concat(const NodeShapes& node) {
  std::optional<Dims> result = node.input(0);
  if (!result) return std::nullopt;
  const std::size_t axis = node.axis(node.integer("axis", 0), result->size());
  for (std::size_t i = 1; i < node.inputs(); ++i) {
    const std::optional<Dims> next = node.input(i);
    if (!next) return std::nullopt;
    if (next->size() != result->size()) node.wrong("inputs of another rank");
    OnnxDim& sum = (*result)[axis];
    const bool both = known(sum) && known((*next)[axis]);
    sum = both ? OnnxDim{sum.value + (*next)[axis].value, ""} : OnnxDim{};
  }
  return result;
}

OnnxDim product(const NodeShapes& node, std::span<const OnnxDim> dims) {
  if (dims.size() == 1) return dims[0];
  OnnxDim result{1, ""};
  for (const OnnxDim& dim : dims) {
    if (!known(dim)) return {};
    result.value *= dim.value;
    node.check_sizes({result.value});
  }
  return result;
}

std::optional<Dims> flatten(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  if (!input) return std::nullopt;
  const std::int64_t given = node.integer("axis", 1);
  const std::size_t axis = given == static_cast<std::int64_t>(input->size())
                               ? input->size()
                               : node.axis(given, input->size());
  const std::span<const OnnxDim> dims(*input);
  return Dims{product(node, dims.first(axis)), product(node, dims.subspan(axis))};
}

std::optional<Dims> reshape(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  const std::optional<Ints> sizes = node.ints("shape", 1);
  if (!input || !sizes) return std::nullopt;
  node.check_sizes(*sizes);
  Dims result = fixed(*sizes);
  const OnnxDim all = product(node, *input);
  Dims others;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if ((*sizes)[i] == 0) {
      if (i >= input->size()) node.wrong("it keeps a dimension that its input does not have");
      result[i] = (*input)[i];
    }
    if ((*sizes)[i] != -1) others.push_back(result[i]);
  }
  const OnnxDim part = product(node, others);
  const bool divides = known(all) && part.value > 0 && all.value % part.value == 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if ((*sizes)[i] == -1) result[i] = divides ? OnnxDim{all.value / part.value, ""} : OnnxDim{};
  }
  return result;
}

std::optional<Dims> transpose(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  if (!input) return std::nullopt;
  const std::optional<Ints> order = node.ints("perm");
  if (!order) return Dims(input->rbegin(), input->rend());
  Dims result;
  for (const std::int64_t axis : *order) result.push_back((*input)[node.axis(axis, input->size())]);
  return result;
}

std::optional<Dims> pad(const NodeShapes& node) {
  std::optional<Dims> input = node.input(0);
  const std::optional<Ints> pads = node.ints("pads", 1);
  if (!input || !pads || node.inputs() > 3) return std::nullopt;
  node.check_sizes(*pads);
  if (pads->size() != 2 * input->size()) node.wrong("pads of another rank");
  for (std::size_t i = 0; i < input->size(); ++i) {
    const std::int64_t more = (*pads)[i] + (*pads)[i + input->size()];
    if (more != 0)
      (*input)[i] = known((*input)[i]) ? OnnxDim{(*input)[i].value + more, ""} : OnnxDim{};
  }
  return input;
}

std::optional<Dims> slice(const NodeShapes& node) {
  std::optional<Dims> input = node.input(0);
  const std::optional<Ints> starts = node.ints("starts", 1), ends = node.ints("ends", 2);
  if (!input || !starts || !ends || starts->size() != ends->size()) return std::nullopt;
  Ints axes;
  for (std::size_t i = 0; i < starts->size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  axes = node.ints("axes", 3).value_or(axes);
  const Ints steps = node.ints("steps", 4).value_or(Ints(axes.size(), 1));
  if (axes.size() != starts->size() || steps.size() != axes.size()) return std::nullopt;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    OnnxDim& dim = (*input)[node.axis(axes[i], input->size())];
    if (!known(dim) || steps[i] < 1) return std::nullopt;
    node.check_sizes({steps[i]});
    const auto place = [&dim](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + dim.value : at, 0, dim.value);
    };
    const std::int64_t length = std::max<std::int64_t>(place((*ends)[i]) - place((*starts)[i]), 0);
    dim = {(length + steps[i] - 1) / steps[i], ""};
  }
  return input;
}

std::optional<Dims> squeeze(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  if (!input) return std::nullopt;
  const std::optional<Ints> axes = node.ints("axes", 1);
  std::vector<bool> gone(input->size());
  for (std::size_t i = 0; i < gone.size(); ++i) gone[i] = !axes && (*input)[i].value == 1;
  for (const std::int64_t axis : axes.value_or(Ints{})) gone[node.axis(axis, gone.size())] = true;
  Dims result;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) result.push_back((*input)[i]);
  }
  return result;
}

std::optional<Dims> unsqueeze(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  const std::optional<Ints> axes = node.ints("axes", 1);
  if (!input || !axes) return std::nullopt;
  std::vector<bool> fresh(input->size() + axes->size());
  for (const std::int64_t axis : *axes) fresh[node.axis(axis, fresh.size())] = true;
  Dims result;
  std::size_t next = 0;
  for (const bool one : fresh) {
    if (!one && next == input->size()) node.wrong("an axis twice");
    result.push_back(one ? OnnxDim{1, ""} : (*input)[next++]);
  }
  return result;
}

std::optional<Dims> constant_node(const NodeShapes& node) {
  if (const OnnxAttribute* value = find_attribute(node.node(), "value")) {
    if (value->tensors.empty()) return std::nullopt;
    return fixed(value->tensors[0].dims);
  }
  if (find_attribute(node.node(), "value_int") != nullptr ||
      find_attribute(node.node(), "value_float") != nullptr) {
    return Dims{};
  }
  if (const auto ints = node.ints("value_ints"))
    return Dims{{static_cast<std::int64_t>(ints->size()), ""}};
  return std::nullopt;
}

std::optional<Dims> shape_of(const NodeShapes& node) {
  const std::optional<Dims> input = node.input(0);
  if (!input || node.node().attributes.size() > 0) return std::nullopt;
  return Dims{{static_cast<std::int64_t>(input->size()), ""}};
}

struct Named {
  std::string_view op;
  ShapeRule rule;
};

constexpr Named kRules[] = {
    {"Add", broadcast},
    {"AveragePool", pool},
    {"BatchNormalization", same},
    {"Cast", same},
    {"Clip", same},
    {"Concat", concat},
    {"Constant", constant_node},
    {"Conv", conv},
    {"Div", broadcast},
    {"Dropout", same},
    {"Elu", same},
    {"Erf", same},
    {"Exp", same},
    {"Flatten", flatten},
    {"Gelu", same},
    {"Gemm", gemm},
    {"GlobalAveragePool", global_pool},
    {"GlobalMaxPool", global_pool},
    {"HardSigmoid", same},
    {"HardSwish", same},
    {"Identity", same},
    {"InstanceNormalization", same},
    {"LayerNormalization", same},
    {"LeakyRelu", same},
    {"MatMul", matmul},
    {"Max", broadcast},
    {"MaxPool", pool},
    {"Min", broadcast},
    {"Mul", broadcast},
    {"Neg", same},
    {"PRelu", same},
    {"Pad", pad},
    {"Pow", broadcast},
    {"ReduceMax", reduce},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"Relu", same},
    {"Reshape", reshape},
    {"Shape", shape_of},
    {"Sigmoid", same},
    {"Slice", slice},
    {"Softmax", same},
    {"Sqrt", same},
    {"Squeeze", squeeze},
    {"Sub", broadcast},
    {"Sum", broadcast},
    {"Tanh", same},
    {"Transpose", transpose},
    {"Unsqueeze", unsqueeze},
};

}  // namespace

ShapeRule find_shape_rule(std::string_view op_type) {
  const auto found = std::ranges::find(kRules, op_type, &Named::op);
  return found == std::end(kRules) ? nullptr : found->rule;
}

}  // namespace nas
