#include "core/onnx/node_writer.h"

#include "core/onnx/graph_writer.h"
#include "core/util/error.h"

namespace nas {
namespace {

template <class T>
OnnxTensor constant_tensor(std::string name, OnnxType type, const std::vector<T>& values,
                           std::vector<std::int64_t> dims) {
  OnnxTensor tensor{.name = std::move(name), .type = type, .dims = std::move(dims)};
  tensor.owned = std::make_shared<const std::string>(reinterpret_cast<const char*>(values.data()),
                                                     values.size() * sizeof(T));
  tensor.bytes = *tensor.owned;
  tensor.place = OnnxTensor::Place::kRaw;
  return tensor;
}

/// Layers that are one node in every opset, whose declared output says what their weights would.
bool is_one_node(const OpSchema& op) {
  return op.onnx_name == "Conv" || op.onnx_name == "BatchNormalization" || op.onnx_name == "Gemm";
}

}  // namespace

OnnxAttribute int_attribute(std::string_view name, std::int64_t value) {
  return {.name = std::string(name), .type = OnnxAttributeType::kInt, .integer = value};
}

OnnxAttribute ints_attribute(std::string_view name, std::vector<std::int64_t> values) {
  return {.name = std::string(name), .type = OnnxAttributeType::kInts, .ints = std::move(values)};
}

OnnxAttribute real_attribute(std::string_view name, double value) {
  return {.name = std::string(name),
          .type = OnnxAttributeType::kFloat,
          .real = static_cast<float>(value)};
}

std::string GraphWriter::add_initializer(OnnxTensor tensor) {
  std::string name = tensor.name;
  model.initializers.push_back(std::move(tensor));
  return name;
}

NodeWriter::NodeWriter(GraphWriter& writer, NodeId node)
    : writer_(writer),
      node_(node),
      name_(writer.node_name(node)),
      undeclared_(writer.options.sketch && is_one_node(writer.graph.op(node))),
      params_(undeclared_ ? ParamList{} : writer.graph.params(node)) {}

int NodeWriter::opset() const {
  return writer_.options.opset;
}
const OpSchema& NodeWriter::op() const {
  return writer_.graph.op(node_);
}
std::string NodeWriter::named(std::string_view part) const {
  std::string name;
  name.reserve(name_.size() + 1 + part.size());
  return name.append(name_).append(1, '.').append(part);
}

std::int64_t NodeWriter::integer(std::string_view attr) const {
  return writer_.graph.get_int(node_, attr);
}
bool NodeWriter::flag(std::string_view attr) const {
  return writer_.graph.get_bool(node_, attr);
}
double NodeWriter::real(std::string_view attr) const {
  return writer_.graph.get_real(node_, attr);
}

std::size_t NodeWriter::input_count() const {
  return writer_.graph.inputs(node_).size();
}

const std::string& NodeWriter::input(std::size_t index) const {
  return writer_.names[writer_.graph.inputs(node_)[index].node];
}

const Shape& NodeWriter::input_shape(std::size_t index) const {
  return writer_.graph.type(writer_.graph.inputs(node_)[index]).shape;
}

const Shape& NodeWriter::output_shape() const {
  return writer_.graph.output_types(node_)[0].shape;
}

std::string NodeWriter::weight(std::string_view param) {
  if (undeclared_) return named(param);
  for (const ParamSpec& spec : params_) {
    if (spec.name != param) continue;
    const auto dims = spec.shape.dims();
    OnnxTensor tensor{
        .name = named(param), .type = OnnxType::kFloat, .dims = {dims.begin(), dims.end()}};
    if (writer_.weights != nullptr) {
      const auto found = writer_.weights->tensors.find(tensor.name);
      if (found == writer_.weights->tensors.end()) {
        throw Error(ErrorKind::kData, "the weights have no tensor '" + tensor.name + "'");
      }
      if (found->second.dtype != "F32" || found->second.shape != tensor.dims) {
        throw Error(ErrorKind::kData, "tensor '" + tensor.name + "' of the weights is not F32 " +
                                          to_string(spec.shape));
      }
      tensor.bytes = found->second.bytes;
      tensor.place = OnnxTensor::Place::kRaw;
    }
    return writer_.add_initializer(std::move(tensor));
  }
  NAS_CHECK(false, "the operation owns no such tensor");
}

std::string NodeWriter::reals(std::string_view part, std::vector<float> values,
                              std::vector<std::int64_t> dims) {
  return writer_.add_initializer(
      constant_tensor(named(part), OnnxType::kFloat, values, std::move(dims)));
}

std::string NodeWriter::ints(std::string_view part, std::span<const std::int64_t> values) {
  const std::vector<std::int64_t> numbers(values.begin(), values.end());
  return writer_.add_initializer(constant_tensor(named(part), OnnxType::kInt64, numbers,
                                                 {static_cast<std::int64_t>(numbers.size())}));
}

std::string NodeWriter::fixed(std::string_view part, float value, std::int64_t length) {
  OnnxAttribute attribute{.name = "value", .type = OnnxAttributeType::kTensor};
  const std::vector<float> values(static_cast<std::size_t>(length), value);
  attribute.tensors.push_back(constant_tensor("", OnnxType::kFloat, values, {length}));
  return step(part, "Constant", {}, {std::move(attribute)});
}

std::string NodeWriter::step(std::string_view part, std::string_view op_type, Names inputs,
                             Attributes attributes) {
  std::string name = named(part);
  writer_.model.nodes.push_back(
      {std::string(op_type), name, std::move(inputs), list_of(name), std::move(attributes)});
  return name;
}

void NodeWriter::result(std::string_view op_type, Names inputs, Attributes attributes) {
  writer_.names[node_] = writer_.wanted[node_];
  writer_.model.nodes.push_back({std::string(op_type), name_, std::move(inputs),
                                 list_of(writer_.names[node_]), std::move(attributes)});
}

void NodeWriter::pass() {
  writer_.names[node_] = input();
}

void NodeWriter::axes(Names& inputs, Attributes& attributes, std::string_view part,
                      std::vector<std::int64_t> axes, int since) {
  if (opset() >= since) {
    inputs.push_back(ints(part, axes));
  } else {
    attributes.push_back(ints_attribute("axes", std::move(axes)));
  }
}

void NodeWriter::fail(const std::string& what) const {
  throw Error(ErrorKind::kUnsupported,
              std::string(op().name) + " '" + writer_.graph.path(node_) + "' " + what);
}

}  // namespace nas
