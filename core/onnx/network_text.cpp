#include "core/onnx/network_text.h"

#include <algorithm>
#include <map>

#include "core/onnx/export_graph.h"
#include "core/onnx/text_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Words = std::vector<std::string>;

/// As the authors' code prints them: scalars are left out. `shorten`: one number for a list of
/// equal ones.
Words list_attributes(const OnnxNode& node, bool shorten) {
  Words words;
  for (const OnnxAttribute& attribute : node.attributes) {
    std::string text;
    switch (attribute.type) {
      case OnnxAttributeType::kInts: {
        const bool equal =
            !attribute.ints.empty() && std::ranges::count(attribute.ints, attribute.ints[0]) ==
                                           static_cast<std::ptrdiff_t>(attribute.ints.size());
        text = shorten && equal ? std::to_string(attribute.ints[0]) : bracketed(attribute.ints);
        break;
      }
      case OnnxAttributeType::kFloats:
        text = bracketed(attribute.reals);
        break;
      case OnnxAttributeType::kStrings:
        text = "[" + join(attribute.texts, ",") + "]";
        break;
      case OnnxAttributeType::kTensor:
      case OnnxAttributeType::kGraph:
        text = "<BLOB>";
        break;
      default:
        continue;
    }
    words.push_back(attribute.name + "=" + text);
  }
  return words;
}

/// What a chain mode prints of a node.
struct Parts {
  bool inputs, attributes, numbers, shapes;
};

Parts parts_of(NetworkText mode) {
  switch (mode) {
    case NetworkText::kChainBase:
      return {false, false, false, false};
    case NetworkText::kChainParam:
      return {false, true, false, false};
    case NetworkText::kChainOutshape:
      return {false, false, false, true};
    case NetworkText::kChainInput:
      return {true, false, true, false};
    default:
      return {true, true, true, true};
  }
}

/// Nodes with one input that is no parameter go on in one line, others begin and end lines.
class ChainText {
 public:
  ChainText(const OnnxModel& model, Parts parts) : parts_(parts), names_(model) {
    for (const std::string& input : names_.inputs) {
      printed_[input] = names_.shape(input, "graph input");
    }
    for (const auto& [name, tensor] : names_.params) {
      printed_[name] = "Param" + bracketed(tensor->dims);
    }
    for (const std::string& output : names_.outputs) printed_[output] = "Out";
    for (const OnnxNode& node : model.nodes) add(node);
    if (open_) text_ += name_of(open_->outputs[0]);
    if (text_.ends_with('\n')) text_.pop_back();
  }
  std::string take() { return std::move(text_); }

 private:
  void add(const OnnxNode& node) {
    Words computed, given;
    for (const std::string& input : node.inputs) {
      (names_.is_given(input) ? given : computed).push_back(input);
    }
    if (computed.size() == 1 && node.outputs.size() == 1) {
      add_link(node, computed[0], given);
    } else {
      add_line(node);
    }
  }

  void add_link(const OnnxNode& node, const std::string& from, const Words& given) {
    const bool follows = open_ != nullptr && open_->outputs[0] == from;
    const bool breaks = open_ != nullptr && !follows;
    if (breaks) close();
    Words operands;
    // The name is lost where a chain was closed for a node without parameters.
    if (!breaks || !given.empty()) operands.push_back(follows ? "prev" : operand(from));
    for (const std::string& name : given) operands.push_back(operand(name));
    text_ += node.op_type;
    if (parts_.inputs) text_ += "(" + join(operands, ", ") + ")";
    add_attributes(node);
    text_ += " --> ";
    open_ = &node;
  }

  void add_line(const OnnxNode& node) {
    close();
    Words operands;
    for (const std::string& name : node.inputs) operands.push_back(operand(name));
    text_ += node.op_type;
    if (parts_.inputs) {
      text_ += "(" + join(operands, ", ");
      // The last two characters are cut in the belief that they are a separator.
      if (operands.empty()) text_.resize(text_.size() - std::min<std::size_t>(text_.size(), 2));
    }
    if (parts_.inputs || parts_.shapes) text_ += ")";
    add_attributes(node);
    Words outputs;
    for (const std::string& name : node.outputs) outputs.push_back(name_of(name));
    text_ += " --> " + join(outputs, ", ");
    if (!node.outputs.empty()) add_shape(node);
    text_ += "\n";
  }

  void close() {
    if (open_ == nullptr) return;
    text_ += name_of(open_->outputs[0]);
    add_shape(*open_);
    text_ += "\n";
    open_ = nullptr;
  }

  void add_attributes(const OnnxNode& node) {
    if (!parts_.attributes) return;
    const Words words = list_attributes(node, true);
    if (!words.empty()) text_ += "(" + join(words, ",") + ")";
  }

  void add_shape(const OnnxNode& node) {
    if (parts_.shapes) text_ += ":" + names_.shape(node.outputs[0], node.op_type);
  }

  /// A value inside of a chain has no name.
  std::string operand(const std::string& name) const {
    const auto found = printed_.find(name);
    return found == printed_.end() ? "prev" : found->second;
  }

  std::string name_of(const std::string& output) {
    const auto found = printed_.find(output);
    if (found != printed_.end()) return found->second;
    const std::string name =
        parts_.numbers ? "Value" + std::to_string(++values_) : std::string("Value");
    printed_[output] = name;
    return name;
  }

  Parts parts_;
  TextNames names_;
  std::map<std::string, std::string> printed_;
  const OnnxNode* open_ = nullptr;
  std::size_t values_ = 0;
  std::string text_;
};

/// "full": values and parameters are numbered in the order in which they are met.
class FullText {
 public:
  explicit FullText(const OnnxModel& model) : names_(model) {
    for (const std::string& input : names_.inputs) {
      const std::string& name = number(input, "In", inputs_);
      lines_.push_back(name + ":");
      lines_.push_back("Op: Input(" + shape_tuple(input) + ")");
    }
    for (const std::string& output : names_.outputs) number(output, "Out", outputs_);
    for (const OnnxNode& node : model.nodes) add(node);
    for (const std::string& output : names_.outputs) {
      lines_.push_back(numbered_.at(output) + ":");
      lines_.push_back("Op: Output(" + shape_tuple(output) + ")");
    }
  }
  std::string take() { return join(lines_, "\n"); }

 private:
  void add(const OnnxNode& node) {
    Words inputs, outputs, params;
    for (const std::string& input : node.inputs) {
      if (input.empty()) continue;
      const bool param = names_.params.contains(input);
      inputs.push_back(param ? number(input, "Param", params_) : number(input, "Value", values_));
      if (param) params.push_back(inputs.back() + ": " + bracketed(names_.params.at(input)->dims));
    }
    if (inputs.empty()) inputs.push_back("Const");
    for (const std::string& output : node.outputs) {
      outputs.push_back(number(output, "Value", values_));
    }
    lines_.push_back(join(inputs, ",") + "-->" + join(outputs, ",") + ":");
    lines_.push_back("Op: " + node.op_type + "(" + join(list_attributes(node, false), ",") + ")");
    lines_.insert(lines_.end(), params.begin(), params.end());
  }

  const std::string& number(const std::string& name, const char* kind, std::size_t& count) {
    const auto [place, fresh] = numbered_.try_emplace(name);
    if (fresh) place->second = kind + std::to_string(++count);
    return place->second;
  }

  std::string shape_tuple(const std::string& name) const {
    Words sizes = split(names_.shape(name, "input or output"), 'x');
    if (sizes.size() == 1) return "(" + sizes[0] + (sizes[0].empty() ? ")" : ",)");
    return "(" + join(sizes, ", ") + ")";
  }

  TextNames names_;
  std::map<std::string, std::string> numbered_;
  std::size_t inputs_ = 0, outputs_ = 0, params_ = 0, values_ = 0;
  Words lines_;
};

}  // namespace

NetworkText network_text_mode(std::string_view name) {
  const Words known = split(kNetworkTexts, '|');
  const auto found = std::ranges::find(known, name);
  if (found == known.end()) throw Error(ErrorKind::kUsage, unknown_name("text", name, known));
  return static_cast<NetworkText>(found - known.begin());
}

std::string network_text(const OnnxModel& model, NetworkText mode) {
  if (mode == NetworkText::kFull) return FullText(model).take();
  if (mode == NetworkText::kFaithful) return faithful_text(model);
  if (mode == NetworkText::kRunLength) return run_length_text(model);
  return ChainText(model, parts_of(mode)).take();
}

std::string network_text(const ArchGraph& graph, NetworkText mode) {
  const bool sketch = mode == NetworkText::kRunLength;
  return network_text(to_onnx(graph, nullptr, {.opset = 13, .sketch = sketch}), mode);
}

}  // namespace nas
