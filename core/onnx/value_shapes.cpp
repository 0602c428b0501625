#include "core/onnx/value_shapes.h"

#include "core/onnx/read_onnx.h"
#include "core/onnx/shape_rules.h"

namespace nas {
namespace {

constexpr std::int64_t kMostInts = 64;  // of a constant that says a shape, pads or axes

using Constants = std::map<std::string, const OnnxTensor*>;

std::optional<NodeShapes::Ints> numbers(const OnnxModel& model, const Constants& constants,
                                        const std::string& name) {
  const auto found = constants.find(name);
  if (found == constants.end()) return std::nullopt;
  const OnnxTensor& tensor = *found->second;
  const bool there = tensor.place != OnnxTensor::Place::kNowhere;
  if (tensor.type != OnnxType::kInt64 || !there || tensor.elements() > kMostInts) {
    return std::nullopt;
  }
  return tensor_ints(model, tensor);
}

std::vector<OnnxDim> dims_of(const OnnxTensor& tensor) {
  std::vector<OnnxDim> dims;
  for (const std::int64_t dim : tensor.dims) dims.push_back({dim, ""});
  return dims;
}

}  // namespace

OnnxShapes value_shapes(const OnnxModel& model) {
  OnnxShapes shapes;
  Constants constants;
  for (const OnnxTensor& tensor : model.initializers) {
    shapes[tensor.name] = dims_of(tensor);
    constants[tensor.name] = &tensor;
  }
  for (const auto* declared : {&model.inputs, &model.values, &model.outputs}) {
    for (const OnnxValueInfo& value : *declared) {
      if (value.has_shape) shapes.emplace(value.name, value.dims);
    }
  }
  for (const OnnxNode& node : model.nodes) {
    if (node.outputs.empty() || !is_standard_domain(node.domain)) continue;
    const OnnxAttribute* value =
        node.op_type == "Constant" ? find_attribute(node, "value") : nullptr;
    if (value != nullptr && !value->tensors.empty()) {
      constants[node.outputs[0]] = &value->tensors[0];
    }
    const ShapeRule rule = find_shape_rule(node.op_type);
    if (rule == nullptr || shapes.contains(node.outputs[0])) continue;
    std::vector<std::optional<NodeShapes::Ints>> known;
    for (const std::string& input : node.inputs) known.push_back(numbers(model, constants, input));
    if (auto dims = rule(NodeShapes(node, shapes, std::move(known)))) {
      shapes.emplace(node.outputs[0], std::move(*dims));
    }
  }
  return shapes;
}

}  // namespace nas
