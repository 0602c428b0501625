#include "core/onnx/text_names.h"

#include <algorithm>

#include "core/onnx/value_shapes.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string size_text(const OnnxDim& dim) {
  if (dim.value >= 0) return std::to_string(dim.value);
  return dim.name.empty() ? "?" : dim.name;
}

}  // namespace

std::string bracketed(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> words;
  for (const std::int64_t number : numbers) words.push_back(std::to_string(number));
  return "[" + join(words, ",") + "]";
}

std::string bracketed(const std::vector<float>& numbers) {
  std::vector<std::string> words;
  for (const float number : numbers) words.push_back(format_double(static_cast<double>(number)));
  return "[" + join(words, ",") + "]";
}

TextNames::TextNames(const OnnxModel& model) : shapes(value_shapes(model)) {
  for (const OnnxTensor& tensor : model.initializers) params.emplace(tensor.name, &tensor);
  for (const OnnxValueInfo& input : model.inputs) {
    if (!params.contains(input.name)) inputs.push_back(input.name);
  }
  for (const OnnxValueInfo& output : model.outputs) outputs.push_back(output.name);
}

bool TextNames::is_given(const std::string& name) const {
  return params.contains(name) || std::ranges::find(inputs, name) != inputs.end();
}

std::string TextNames::shape(const std::string& name, std::string_view op) const {
  const auto found = shapes.find(name);
  if (found == shapes.end()) {
    throw Error(ErrorKind::kUnsupported,
                "value '" + printable(name) + "' (" + printable(op) +
                    "): its shape is neither declared nor known; run shape inference on the file");
  }
  std::vector<std::string> sizes;
  for (const OnnxDim& dim : found->second) sizes.push_back(size_text(dim));
  return join(sizes, "x");
}

}  // namespace nas
