#include "core/onnx/write_onnx.h"

#include "core/onnx/external_data.h"
#include "core/util/error.h"
#include "core/util/protobuf.h"

namespace nas {
namespace {

constexpr std::size_t kMostBytes = (std::size_t{1} << 31) - 1;

std::string entry_bytes(const std::pair<std::string, std::string>& entry) {
  ProtobufWriter message;
  message.text(1, entry.first);
  message.text(2, entry.second);
  return message.take();
}

std::string tensor_bytes(const OnnxModel& model, const OnnxTensor& tensor) {
  // A tensor of typed fields is a whole message already; the name in it is the same.
  if (tensor.place == OnnxTensor::Place::kFields) return std::string(tensor.bytes);
  ProtobufWriter message;
  if (!tensor.dims.empty()) message.packed(1, tensor.dims);
  message.integer(2, static_cast<std::int64_t>(tensor.type));
  if (!tensor.name.empty()) message.text(8, tensor.name);
  if (tensor.place == OnnxTensor::Place::kRaw) {
    message.text(9, tensor.bytes);
  } else {
    message.text(9, stored_elsewhere(model, tensor));
  }
  return message.take();
}

std::string attribute_bytes(const OnnxModel& model, const OnnxAttribute& attribute) {
  ProtobufWriter message;
  message.text(1, attribute.name);
  switch (attribute.type) {
    case OnnxAttributeType::kFloat:
      message.real(2, attribute.real);
      break;
    case OnnxAttributeType::kInt:
      message.integer(3, attribute.integer);
      break;
    case OnnxAttributeType::kString:
      message.text(4, attribute.text);
      break;
    case OnnxAttributeType::kTensor:
      message.text(5, tensor_bytes(model, attribute.tensors.at(0)));
      break;
    case OnnxAttributeType::kFloats:
      for (const float value : attribute.reals) message.real(7, value);
      break;
    case OnnxAttributeType::kInts:
      for (const std::int64_t value : attribute.ints) message.integer(8, value);
      break;
    case OnnxAttributeType::kStrings:
      for (const std::string& value : attribute.texts) message.text(9, value);
      break;
    default:
      throw Error(ErrorKind::kUnsupported,
                  "attribute '" + attribute.name + "' holds graphs, which cannot be written");
  }
  message.integer(20, static_cast<std::int64_t>(attribute.type));
  return message.take();
}

std::string node_bytes(const OnnxModel& model, const OnnxNode& node) {
  ProtobufWriter message;
  for (const std::string& input : node.inputs) message.text(1, input);
  for (const std::string& output : node.outputs) message.text(2, output);
  if (!node.name.empty()) message.text(3, node.name);
  message.text(4, node.op_type);
  for (const OnnxAttribute& attribute : node.attributes) {
    message.text(5, attribute_bytes(model, attribute));
  }
  if (!node.domain.empty()) message.text(7, node.domain);
  return message.take();
}

std::string shape_bytes(const OnnxValueInfo& info) {
  ProtobufWriter shape;
  for (const OnnxDim& dim : info.dims) {
    ProtobufWriter message;
    if (dim.value >= 0) message.integer(1, dim.value);
    if (dim.value < 0 && !dim.name.empty()) message.text(2, dim.name);
    shape.text(1, message.bytes());
  }
  return shape.take();
}

std::string value_bytes(const OnnxValueInfo& info) {
  ProtobufWriter tensor, type, message;
  tensor.integer(1, static_cast<std::int64_t>(info.type));
  if (info.has_shape) tensor.text(2, shape_bytes(info));
  type.text(1, tensor.bytes());
  message.text(1, info.name);
  message.text(2, type.bytes());
  if (info.weight) message.text(3, kWeightDescription);
  return message.take();
}

OnnxValueInfo declared(const OnnxTensor& tensor) {
  OnnxValueInfo info{tensor.name, tensor.type, true, {}, true};
  for (const std::int64_t dim : tensor.dims) info.dims.push_back({dim, ""});
  return info;
}

std::string graph_bytes(const OnnxModel& model) {
  ProtobufWriter message;
  for (const OnnxNode& node : model.nodes) message.text(1, node_bytes(model, node));
  message.text(2, model.graph_name);
  for (const OnnxTensor& tensor : model.initializers) {
    if (tensor.place == OnnxTensor::Place::kNowhere) continue;
    message.text(5, tensor_bytes(model, tensor));
  }
  for (const OnnxValueInfo& info : model.inputs) message.text(11, value_bytes(info));
  for (const OnnxTensor& tensor : model.initializers) {
    if (tensor.place != OnnxTensor::Place::kNowhere) continue;
    message.text(11, value_bytes(declared(tensor)));
  }
  for (const OnnxValueInfo& info : model.outputs) message.text(12, value_bytes(info));
  for (const OnnxValueInfo& info : model.values) message.text(13, value_bytes(info));
  return message.take();
}

}  // namespace

std::string format_onnx(const OnnxModel& model) {
  ProtobufWriter message;
  message.integer(1, model.ir_version);
  if (!model.producer.empty()) message.text(2, model.producer);
  message.text(7, graph_bytes(model));
  for (const auto& [domain, version] : model.opsets) {
    ProtobufWriter opset;
    if (!domain.empty()) opset.text(1, domain);
    opset.integer(2, version);
    message.text(8, opset.bytes());
  }
  for (const auto& entry : model.metadata) message.text(14, entry_bytes(entry));
  if (message.bytes().size() > kMostBytes) {
    throw Error(ErrorKind::kUnsupported,
                "the model has more than 2 GiB, which an ONNX file cannot hold");
  }
  return message.take();
}

}  // namespace nas
