#include "tests/core/onnx/onnx_bytes.h"

#include "core/ir/forms/text_form.h"
#include "core/onnx/import_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"

namespace nas::test {
namespace {

OnnxTensor with_bytes(OnnxTensor tensor, const void* data, std::size_t size) {
  tensor.owned = std::make_shared<const std::string>(static_cast<const char*>(data), size);
  tensor.bytes = *tensor.owned;
  tensor.place = OnnxTensor::Place::kRaw;
  return tensor;
}

}  // namespace

OnnxValueInfo declared(std::string name, std::initializer_list<std::int64_t> dims) {
  OnnxValueInfo info{std::move(name), OnnxType::kFloat, true, {}};
  for (const std::int64_t dim : dims) info.dims.push_back({dim, dim < 0 ? "N" : ""});
  return info;
}

OnnxModel model_of(std::initializer_list<std::int64_t> dims, std::int64_t opset) {
  OnnxModel model;
  model.source = "m.onnx";
  model.ir_version = 7;
  model.opsets = {{"", opset}};
  model.graph_name = "g";
  model.inputs.push_back(declared("x", dims));
  model.inputs[0].dims.insert(model.inputs[0].dims.begin(), {1, ""});
  model.outputs.push_back({"y", OnnxType::kFloat, false, {}});
  return model;
}

OnnxTensor floats(std::string name, std::vector<std::int64_t> dims, float value) {
  OnnxTensor tensor{.name = std::move(name), .type = OnnxType::kFloat, .dims = std::move(dims)};
  const std::vector<float> values(static_cast<std::size_t>(tensor.elements()), value);
  return with_bytes(std::move(tensor), values.data(), values.size() * sizeof(float));
}

OnnxTensor scalar(std::string name, float value) {
  return floats(std::move(name), {}, value);
}

OnnxTensor int64s(std::string name, const std::vector<std::int64_t>& values) {
  OnnxTensor tensor{.name = std::move(name),
                    .type = OnnxType::kInt64,
                    .dims = {static_cast<std::int64_t>(values.size())}};
  return with_bytes(std::move(tensor), values.data(), values.size() * sizeof(std::int64_t));
}

OnnxNode constant_node(const OnnxTensor& tensor) {
  OnnxAttribute value{.name = "value", .type = OnnxAttributeType::kTensor};
  value.tensors.push_back(tensor);
  return {"Constant", "", {}, {tensor.name}, {value}};
}

void add_node(OnnxModel& model, std::string op_type, std::vector<std::string> inputs,
              std::vector<std::string> outputs, std::vector<OnnxAttribute> attributes) {
  model.nodes.push_back(
      {std::move(op_type), "", std::move(inputs), std::move(outputs), std::move(attributes)});
}

std::string read_back(const OnnxModel& model) {
  try {
    const OnnxModel read = parse_onnx(format_onnx(model), model.source, model.folder);
    const std::string text = to_text(to_graph(read).graph);
    return text.substr(text.find('\n') + 1);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace nas::test
