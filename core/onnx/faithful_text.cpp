#include <algorithm>
#include <charconv>

#include "core/onnx/read_onnx.h"
#include "core/onnx/text_names.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Words = std::vector<std::string>;

/// The shortest text that reads back as the same number: "1e-05".
std::string real_text(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

std::string real_texts(const std::vector<float>& values) {
  Words words;
  for (const float value : values) words.push_back(real_text(value));
  return "[" + join(words, ",") + "]";
}

/// Ours: nothing is left out but names and weights.
class FaithfulText {
 public:
  explicit FaithfulText(const OnnxModel& model) : model_(model), names_(model) {
    Words opsets;
    for (const auto& [domain, version] : model.opsets) {
      opsets.push_back((is_standard_domain(domain) ? "" : domain + " ") + std::to_string(version));
    }
    lines_.push_back("opset " + join(opsets, ", "));
    std::size_t inputs = 0;
    for (const std::string& input : names_.inputs) {
      named_[input] = "In" + std::to_string(++inputs);
      lines_.push_back(named_[input] + ":" + names_.shape(input, "graph input"));
    }
    for (const OnnxNode& node : model.nodes) add(node);
    Words outputs;
    for (const std::string& output : names_.outputs) outputs.push_back(operand(output));
    lines_.push_back("return " + join(outputs, ", "));
  }
  std::string take() { return join(lines_, "\n"); }

 private:
  void add(const OnnxNode& node) {
    Words inputs, attributes, outputs;
    for (const std::string& input : node.inputs) inputs.push_back(operand(input));
    std::vector<const OnnxAttribute*> ordered;
    for (const OnnxAttribute& attribute : node.attributes) ordered.push_back(&attribute);
    std::ranges::sort(ordered, {}, [](const OnnxAttribute* one) { return one->name; });
    for (const OnnxAttribute* one : ordered) {
      attributes.push_back(one->name + "=" + value_text(*one));
    }
    for (const std::string& output : node.outputs) {
      if (output.empty()) {
        outputs.emplace_back("-");
        continue;
      }
      named_[output] = "Value" + std::to_string(++values_);
      const bool shaped = names_.shapes.contains(output);
      outputs.push_back(named_[output] + (shaped ? ":" + names_.shape(output, node.op_type) : ""));
    }
    std::string line = is_standard_domain(node.domain) ? "" : node.domain + ".";
    line += node.op_type + "(" + join(inputs, ", ") + ")";
    if (!attributes.empty()) line += "(" + join(attributes, ",") + ")";
    lines_.push_back(line + " --> " + join(outputs, ", "));
  }

  /// A parameter's number tells one that is used twice from two of the same shape.
  std::string operand(const std::string& name) {
    if (name.empty()) return "-";
    const auto param = names_.params.find(name);
    if (param == names_.params.end()) {
      const auto found = named_.find(name);
      if (found != named_.end()) return found->second;
      throw Error(ErrorKind::kData,
                  "value '" + printable(name) + "' is used before a node gives it");
    }
    const auto [place, fresh] = named_.try_emplace(name);
    if (fresh) place->second = "Param" + std::to_string(++params_);
    return place->second + bracketed(param->second->dims);
  }

  std::string value_text(const OnnxAttribute& attribute) const {
    switch (attribute.type) {
      case OnnxAttributeType::kFloat:
        return real_text(attribute.real);
      case OnnxAttributeType::kInt:
        return std::to_string(attribute.integer);
      case OnnxAttributeType::kString:
        return json_quote(attribute.text);
      case OnnxAttributeType::kInts:
        return bracketed(attribute.ints);
      case OnnxAttributeType::kFloats:
        return real_texts(attribute.reals);
      case OnnxAttributeType::kStrings: {
        Words quoted;
        for (const std::string& text : attribute.texts) quoted.push_back(json_quote(text));
        return "[" + join(quoted, ",") + "]";
      }
      case OnnxAttributeType::kTensor:
        if (!attribute.tensors.empty()) return constant_text(attribute.tensors[0]);
        break;
      default:
        break;
    }
    throw Error(ErrorKind::kUnsupported,
                "attribute '" + printable(attribute.name) + "' holds what has no faithful text");
  }

  /// The numbers of a small constant, the digest of a large one.
  std::string constant_text(const OnnxTensor& tensor) const {
    constexpr std::int64_t kMostNumbers = 16;
    const std::string type = to_string(tensor.type) + bracketed(tensor.dims);
    const std::string numbers = tensor.type == OnnxType::kInt64
                                    ? bracketed(tensor_ints(model_, tensor))
                                    : real_texts(tensor_reals(model_, tensor));
    return type + (tensor.elements() <= kMostNumbers ? numbers : "#" + sha256_hex(numbers));
  }

  const OnnxModel& model_;
  TextNames names_;
  std::map<std::string, std::string> named_;
  std::size_t values_ = 0, params_ = 0;
  Words lines_;
};

}  // namespace

std::string faithful_text(const OnnxModel& model) {
  return FaithfulText(model).take();
}

}  // namespace nas
