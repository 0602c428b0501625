#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "core/onnx/read_onnx.h"
#include "core/onnx/repeated_lines.h"
#include "core/onnx/text_names.h"
#include "core/onnx/value_shapes.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Words = std::vector<std::string>;
using Ints = std::vector<std::int64_t>;

const Ints* ints_of(const OnnxNode& node, std::string_view name) {
  const OnnxAttribute* found = find_attribute(node, name);
  return found == nullptr || found->type != OnnxAttributeType::kInts ? nullptr : &found->ints;
}

bool all_are(const Ints& numbers, std::int64_t value) {
  return std::ranges::all_of(numbers, [value](std::int64_t one) { return one == value; });
}

/// "3x3".
std::string sizes_text(const Ints& numbers) {
  Words words;
  for (const std::int64_t number : numbers) words.push_back(std::to_string(number));
  return join(words, "x");
}

/// One number where all are equal.
std::string short_text(const Ints& numbers) {
  return all_are(numbers, numbers[0]) ? std::to_string(numbers[0]) : sizes_text(numbers);
}

/// The padding that keeps the size of a window of stride 1.
Ints same_pads(const Ints& kernel, const Ints* dilations) {
  Ints pads;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t dilation =
        dilations != nullptr && i < dilations->size() ? (*dilations)[i] : 1;
    pads.push_back(dilation * (kernel[i] - 1) / 2);
  }
  pads.insert(pads.end(), pads.begin(), pads.end());
  return pads;
}

/// "*2", "*1/3": channels are divided among branches to a whole number, so that a third of 128 and
/// of 256 shall be one; "" for less than that.
std::string ratio_text(std::int64_t to, std::int64_t from) {
  constexpr double kNear = 0.03;
  constexpr std::int64_t kMost = 8;
  const double wanted = static_cast<double>(to) / static_cast<double>(from);
  for (std::int64_t below = 1; below <= kMost; ++below) {
    for (std::int64_t above = 1; above <= kMost; ++above) {
      const double ratio = static_cast<double>(above) / static_cast<double>(below);
      if (std::abs(ratio - wanted) > kNear * wanted) continue;
      if (above == below) return "";
      return "*" + std::to_string(above) + (below == 1 ? "" : "/" + std::to_string(below));
    }
  }
  const std::int64_t common = std::gcd(to, from);
  return "*" + std::to_string(to / common) +
         (from == common ? "" : "/" + std::to_string(from / common));
}

/// Reads a model into lines, chain by chain. Values are numbers: texts are made by the thousand.
class LineReader {
 public:
  explicit LineReader(const OnnxModel& model) : model_(model) {
    numbers_.reserve(model.inputs.size() + 2 * model.nodes.size());
    values_.reserve(model.inputs.size() + 2 * model.nodes.size());
    nodes_.reserve(model.nodes.size());
    for (const OnnxValueInfo& input : model.inputs) number(input.name);
    // Of initializers, which are most of the names, only the number 0 has a meaning.
    for (const OnnxTensor& tensor : model.initializers) {
      const bool zero = is_zero(tensor);
      if (!zero && !numbers_.contains(tensor.name)) continue;
      Value& value = values_[number(tensor.name)];
      value.given = true;
      value.zero = zero;
    }
    for (const OnnxValueInfo& input : model.inputs) {
      Value& value = values_[number(input.name)];
      if (value.given) continue;
      value.input = true;
      value.place = {.line = 0, .input = true, .port = inputs_.size()};
      inputs_.push_back(&input);
    }
    for (const OnnxNode& node : model.nodes) {
      for (const std::string& output : node.outputs) number(output);
    }
    for (const OnnxNode& node : model.nodes) {
      if (!node.outputs.empty()) settle(node);
    }
    for (const OnnxValueInfo& output : model.outputs) need(settled(number(output.name)));
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      Node& node = nodes_[i];
      node.done =
          std::ranges::none_of(node.outputs, [this](auto one) { return values_[one].needed; });
      if (node.done) continue;
      for (const std::size_t input : node.computed) need(input);
    }
    for (const OnnxValueInfo& output : model.outputs)
      note_reader(settled(number(output.name)), kReader);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].done) continue;
      for (const std::size_t input : nodes_[i].computed) note_reader(input, i);
    }
    find_dims();
    for (std::size_t i = 0; i < nodes_.size(); ++i) add_chain(i);
  }
  std::vector<TextLine> take() { return std::move(lines_); }
  /// Shapes without the batch.
  Words inputs() const {
    Words words;
    for (const OnnxValueInfo* input : inputs_) {
      Words sizes;
      for (std::size_t i = 1; i < input->dims.size(); ++i) {
        sizes.push_back(std::to_string(input->dims[i].value));
      }
      words.push_back(join(sizes, "x"));
    }
    return words;
  }

 private:
  static constexpr std::size_t kReader = static_cast<std::size_t>(-1);  // the graph's output

  struct Value {
    bool given = false;  ///< an initializer, or what depends on no input of the network
    bool zero = false;   ///< the number 0
    bool input = false;  ///< of the network
    bool needed = false;
    std::size_t same = kReader;  ///< the value that this one is
    std::size_t readers = 0, reader = 0;
    const std::vector<OnnxDim>* dims = nullptr;
    TextOperand place{};
  };
  struct Node {
    const OnnxNode* onnx;
    std::vector<std::size_t> computed;  ///< inputs that depend on the network's
    std::vector<std::size_t> outputs;
    bool by_element = false, keeps_channels = false;  ///< of the operator
    bool done = false;
  };

  std::size_t number(const std::string& name) {
    const auto [place, fresh] = numbers_.try_emplace(name, values_.size());
    if (fresh) values_.emplace_back();
    return place->second;
  }
  std::size_t settled(std::size_t value) const {
    return values_[value].same == kReader ? value : values_[value].same;
  }
  void need(std::size_t value) { values_[value].needed = !values_[value].given; }
  void note_reader(std::size_t value, std::size_t node) {
    ++values_[value].readers;
    values_[value].reader = node;
  }

  bool is_zero(const OnnxTensor& tensor) const {
    return tensor.elements() == 1 && is_real(tensor.type) &&
           tensor.place != OnnxTensor::Place::kNowhere && tensor_reals(model_, tensor)[0] == 0;
  }

  /// What depends on no input of the network is a constant; an addition of one term is that term.
  void settle(const OnnxNode& onnx) {
    Node& node = nodes_.emplace_back();
    node.onnx = &onnx;
    node.by_element = by_element(onnx);
    node.keeps_channels = node.by_element || keeps_channels(onnx);
    bool zero = false;
    for (const std::string& input : onnx.inputs) {
      const auto found = input.empty() ? numbers_.end() : numbers_.find(input);
      if (found == numbers_.end()) continue;
      const std::size_t value = settled(found->second);
      zero = zero || values_[value].zero;
      if (!values_[value].given) node.computed.push_back(value);
    }
    node.outputs.reserve(onnx.outputs.size());
    for (const std::string& output : onnx.outputs) node.outputs.push_back(number(output));
    Value& result = values_[node.outputs.front()];
    if (node.computed.empty() || (zero && onnx.op_type == "Mul")) {
      for (const std::size_t output : node.outputs) values_[output].given = true;
      const OnnxAttribute* constant =
          onnx.op_type == "Constant" ? find_attribute(onnx, "value") : nullptr;
      if (constant != nullptr && !constant->tensors.empty())
        result.zero = is_zero(constant->tensors[0]);
    } else if (node.computed.size() == 1 && (onnx.op_type == "Add" || onnx.op_type == "Sum")) {
      result.same = node.computed[0];
    }
  }

  /// Declared shapes; where one is not, all that follow from the inputs.
  void find_dims() {
    for (const auto* declared : {&model_.inputs, &model_.values, &model_.outputs}) {
      for (const OnnxValueInfo& value : *declared) {
        const auto found = numbers_.find(value.name);
        if (value.has_shape && found != numbers_.end()) values_[found->second].dims = &value.dims;
      }
    }
    const auto unknown = [this](const Node& node) {
      return !node.done && !node.keeps_channels && values_[node.outputs[0]].dims == nullptr;
    };
    if (std::ranges::none_of(nodes_, unknown)) return;
    inferred_ = value_shapes(model_);
    for (const auto& [name, dims] : inferred_) values_[number(name)].dims = &dims;
  }

  /// The lines from a node on, while a value is read once, by a node that reads nothing else.
  void add_chain(std::size_t at) {
    bool chained = false;
    while (!nodes_[at].done) {
      Node& node = nodes_[at];
      node.done = true;
      if (!chained || !goes_on(node)) begin_line(node, chained);
      add_words(node);
      for (std::size_t port = 0; port < node.outputs.size(); ++port) {
        values_[node.outputs[port]].place = {.line = lines_.size() - 1, .port = port};
      }
      const Value& value = values_[node.outputs[0]];
      if (node.outputs.size() != 1 || value.readers != 1 || value.reader == kReader ||
          nodes_[value.reader].computed.size() != 1) {
        return;
      }
      at = value.reader;
      chained = true;
    }
  }

  /// A line has one operation that is no activation or normalisation. What stands before it belongs
  /// to it, what stands behind it to operations with weights: where cells follow each other, the
  /// lines of one are those of the next.
  bool goes_on(const Node& node) const {
    return main_ == nullptr || (is_weighted(*main_->onnx) && !is_main(node));
  }
  static bool is_weighted(const OnnxNode& node) {
    return node.op_type == "Conv" || node.op_type == "Gemm" || node.op_type == "MatMul";
  }
  static bool is_main(const Node& node) { return node.computed.size() != 1 || !node.by_element; }
  /// Activations and normalisations.
  static bool by_element(const OnnxNode& node) {
    constexpr std::array kTypes{"BatchNormalization", "Clip", "Gelu",    "HardSigmoid", "HardSwish",
                                "LayerNormalization", "Relu", "Sigmoid", "Tanh"};
    return std::ranges::find(kTypes, node.op_type) != kTypes.end();
  }
  static bool keeps_channels(const OnnxNode& node) {
    const std::string& type = node.op_type;
    return type.ends_with("Pool") || type == "Add" || type == "Sum" || type == "Mul" ||
           type == "Flatten" || type == "Softmax";
  }

  void begin_line(const Node& node, bool chained) {
    TextLine line{.text = {}, .operands = {}, .chained = chained};
    for (const std::size_t input : node.computed) line.operands.push_back(values_[input].place);
    const std::string& type = node.onnx->op_type;
    if (type == "Add" || type == "Sum" || type == "Mul") {
      std::ranges::sort(line.operands, {}, [](const TextOperand& one) {
        return std::tuple(!one.input, one.line, one.port);
      });
    }
    main_ = nullptr;
    lines_.push_back(std::move(line));
  }

  void add_words(const Node& node) {
    if (is_main(node)) main_ = &node;
    Words words;
    add_operator(node.onnx->op_type, words);
    add_window(*node.onnx, words);
    add_channels(node, words);
    std::string& text = lines_.back().text;
    text += (text.empty() ? "" : " ") + join(words, " ");
  }

  static void add_window(const OnnxNode& node, Words& words) {
    const Ints* kernel = ints_of(node, "kernel_shape");
    const Ints* dilations = ints_of(node, "dilations");
    if (kernel != nullptr) words.push_back(sizes_text(*kernel));
    if (const Ints* strides = ints_of(node, "strides"); strides && !all_are(*strides, 1)) {
      words.push_back("/" + short_text(*strides));
    }
    if (dilations != nullptr && !all_are(*dilations, 1))
      words.push_back("d" + short_text(*dilations));
    const Ints* pads = ints_of(node, "pads");
    if (pads != nullptr && kernel != nullptr && *pads != same_pads(*kernel, dilations)) {
      words.push_back("p" + short_text(*pads));
    }
  }

  /// Names of one thing share their words: what is learned of one holds for the other.
  static void add_operator(const std::string& type, Words& words) {
    constexpr std::string_view kGlobal = "Global";
    const bool global = type.starts_with(kGlobal);
    words.push_back(type == "Sum" ? "Add" : global ? type.substr(kGlobal.size()) : type);
    if (global) words.push_back("global");
  }

  void add_channels(const Node& node, Words& words) const {
    if (node.keeps_channels) return;
    const Value& first = values_[node.computed.at(0)];
    const std::int64_t to = channels(values_[node.outputs[0]]), from = channels(first);
    const OnnxAttribute* group = find_attribute(*node.onnx, "group");
    if (group != nullptr && group->integer > 1) {
      words.push_back(from == group->integer ? "dw" : "g" + std::to_string(group->integer));
    }
    if (to == 0) return;
    const bool vector = values_[node.outputs[0]].dims->size() < 3;
    if (from == 0 || first.input || vector) {
      words.push_back("=" + std::to_string(to));
    } else if (const std::string ratio = ratio_text(to, from); !ratio.empty()) {
      words.push_back(ratio);
    }
  }

  /// 0 where they are not known.
  static std::int64_t channels(const Value& value) {
    if (value.dims == nullptr || value.dims->size() < 2) return 0;
    return std::max<std::int64_t>((*value.dims)[1].value, 0);
  }

  const OnnxModel& model_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<const OnnxValueInfo*> inputs_;
  OnnxShapes inferred_;
  const Node* main_ = nullptr;  ///< of the line that was begun last
  std::vector<TextLine> lines_;
};

}  // namespace

std::string run_length_text(const OnnxModel& model) {
  LineReader reader(model);
  const std::string inputs = "in " + join(reader.inputs(), " ");
  return inputs + repeated_lines_text(reader.take());
}

}  // namespace nas
