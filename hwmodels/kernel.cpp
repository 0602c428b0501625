#include "hwmodels/kernel.h"

#include <algorithm>
#include <cmath>

#include "core/ops/registry.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kInPlace = "in_place";
constexpr std::string_view kPlus = " + ";

const AttrValue* find_attr(const KernelOp& op, std::string_view name) {
  for (std::size_t i = 0; i < op.op->attrs.size(); ++i) {
    if (op.op->attrs[i].name == name) return &op.attrs[i];
  }
  return nullptr;
}

bool is_depthwise(const KernelOp& op) {
  const AttrValue* groups = find_attr(op, "groups");
  return groups != nullptr && groups->as_int() > 1 &&
         groups->as_int() == op.inputs.front().shape[0];
}

/// OpSchema functions complete attributes in place, so each call has its own.
template <class Function>
auto with_call(const KernelOp& op, const Function& function) {
  std::vector<AttrValue> attrs = op.attrs;
  return function(OpCall{*op.op, attrs, op.inputs});
}

std::int64_t macs_of(const KernelOp& op) {
  if (op.op->cost == nullptr) return 0;
  return with_call(
      op, [&](const OpCall& call) { return op.op->cost(call, std::span(&op.output, 1)).macs; });
}

std::int64_t weight_bytes(const KernelOp& op) {
  if (op.op->params == nullptr) return 0;
  return with_call(op, [&](const OpCall& call) {
    std::int64_t elements = 0;
    for (const ParamSpec& spec : op.op->params(call)) elements += spec.shape.elements();
    return elements * bytes_of(Element::kFloat);
  });
}

std::int64_t input_bytes(const KernelOp& op) {
  std::int64_t bytes = 0;
  for (const TensorType& input : op.inputs) bytes += bytes_of(input);
  return bytes;
}

std::string op_text(const KernelOp& op) {
  std::string text(op.op->name);
  for (const TensorType& input : op.inputs) {
    std::vector<std::string> dims;
    for (const std::int64_t size : input.shape.dims()) dims.push_back(std::to_string(size));
    text += " " + join(dims, "x");
  }
  for (std::size_t i = 0; i < op.op->attrs.size(); ++i) {
    const AttrSpec& spec = op.op->attrs[i];
    if (!spec.required && op.attrs[i] == spec.default_value) continue;
    text += " " + std::string(spec.name) + "=" + to_string(spec, op.attrs[i]);
  }
  return op.in_place ? text + " " + std::string(kInPlace) : text;
}

[[noreturn]] void malformed(std::string_view text, std::string_view word) {
  throw Error(ErrorKind::kData,
              "kernel '" + printable(text) + "': '" + printable(word) + "' is malformed");
}

AttrValue parse_attr(const AttrSpec& spec, std::string_view word, std::string_view text) {
  if (spec.type == AttrType::kBool) return AttrValue(word == "true");
  if (spec.type == AttrType::kReal) {
    const auto number = parse_double(word);
    if (!number) malformed(text, word);
    return AttrValue(*number);
  }
  const auto number = parse_int(word);
  if (!number) malformed(text, word);
  return AttrValue(*number);
}

Shape parse_shape(std::string_view word, std::string_view text) {
  std::vector<std::int64_t> dims;
  for (const std::string& size : split(word, 'x')) {
    const auto number = parse_int(size);
    if (!number || *number < 1) malformed(text, word);
    dims.push_back(*number);
  }
  if (dims.size() > Shape::kMaxRank) malformed(text, word);
  return Shape(dims);
}

KernelOp parse_op(std::string_view text) {
  const std::vector<std::string> words = split_words(text);
  if (words.empty()) malformed(text, "");
  const OpSchema& op = find_op(words.front());
  std::vector<AttrValue> attrs;
  for (const AttrSpec& spec : op.attrs) attrs.push_back(spec.default_value);
  std::vector<TensorType> inputs;
  bool in_place = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t equals = word.find('=');
    if (word == kInPlace) {
      in_place = true;
    } else if (equals == std::string::npos) {
      inputs.push_back({Element::kFloat, parse_shape(word, text)});
    } else {
      const std::size_t index = op.attr_index(word.substr(0, equals));
      attrs[index] = parse_attr(op.attrs[index], word.substr(equals + 1), text);
    }
  }
  op.check_input_count(inputs.size());
  return make_kernel_op(op, attrs, std::move(inputs), in_place);
}

/// The first three dimensions, channels first.
void add_dims(std::vector<double>& features, const Shape& shape) {
  for (std::size_t i = 0; i < 3; ++i) {
    features.push_back(i < shape.rank() ? static_cast<double>(shape[i]) : 0);
  }
}

double log_of(std::int64_t amount) {
  return std::log(static_cast<double>(amount) + 1);
}

}  // namespace

KernelOp make_kernel_op(const OpSchema& op, std::span<const AttrValue> attrs,
                        std::vector<TensorType> inputs, bool in_place) {
  KernelOp kernel{.op = &op,
                  .attrs = {attrs.begin(), attrs.end()},
                  .inputs = std::move(inputs),
                  .in_place = in_place};
  for (const TensorType& input : kernel.inputs) {
    if (input.element == Element::kFloat) continue;
    throw Error(ErrorKind::kUnsupported,
                std::string(op.name) + " of " + to_string(input) + ": only real numbers are timed");
  }
  std::vector<TensorType> outputs;
  op.infer({op, kernel.attrs, kernel.inputs}, outputs);
  if (outputs.size() != 1) {
    throw Error(ErrorKind::kUnsupported, std::string(op.name) + " has several outputs");
  }
  kernel.output = outputs.front();
  return kernel;
}

std::string kernel_op_kind(const KernelOp& op) {
  return std::string(op.op->name) + (is_depthwise(op) ? "_depthwise" : "");
}

std::string kernel_kind(const Kernel& kernel) {
  std::vector<std::string> kinds;
  for (const KernelOp& op : kernel.ops) kinds.push_back(kernel_op_kind(op));
  return join(kinds, "+");
}

std::string kernel_text(const Kernel& kernel) {
  std::vector<std::string> texts;
  for (const KernelOp& op : kernel.ops) texts.push_back(op_text(op));
  return join(texts, kPlus);
}

Kernel parse_kernel(std::string_view text) {
  Kernel kernel;
  try {
    for (std::size_t begin = 0;;) {
      const std::size_t plus = text.find(kPlus, begin);
      kernel.ops.push_back(parse_op(text.substr(begin, plus - begin)));
      if (plus == std::string_view::npos) return kernel;
      begin = plus + kPlus.size();
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kData) throw;
    throw Error(ErrorKind::kData, "kernel '" + printable(text) + "': " + error.what());
  }
}

KernelWork kernel_work(const Kernel& kernel, std::int64_t batch) {
  KernelWork work;
  std::int64_t activations = input_bytes(kernel.ops.front()) + bytes_of(kernel.ops.back().output);
  for (std::size_t i = 0; i < kernel.ops.size(); ++i) {
    const KernelOp& op = kernel.ops[i];
    work.flops += 2 * static_cast<double>(macs_of(op) * batch);
    work.bytes += static_cast<double>(weight_bytes(op));
    work.depthwise = work.depthwise || is_depthwise(op);
    // What a later operation reads beside the result before it.
    if (i > 0) activations += input_bytes(op) - bytes_of(kernel.ops[i - 1].output);
  }
  work.bytes += static_cast<double>(activations * batch);
  return work;
}

std::vector<double> kernel_features(const Kernel& kernel) {
  constexpr std::size_t kInputs = 4;
  constexpr std::int64_t kVector = 16;
  const KernelOp& first = kernel.ops.front();
  const Shape &in = first.inputs.front().shape, &out = kernel.ops.back().output.shape;
  std::vector<double> features;
  add_dims(features, in);
  add_dims(features, out);
  features.push_back(static_cast<double>(first.inputs.size()));
  for (std::size_t i = 1; i < kInputs; ++i) {
    features.push_back(i < first.inputs.size() ? static_cast<double>(first.inputs[i].shape[0]) : 0);
  }
  features.push_back(static_cast<double>(in[0] % kVector));
  features.push_back(static_cast<double>(out[0] % kVector));
  std::int64_t macs = 0, weights = 0;
  for (const KernelOp& op : kernel.ops) {
    for (std::size_t i = 0; i < op.attrs.size(); ++i) {
      const bool real = op.op->attrs[i].type == AttrType::kReal;
      features.push_back(real ? op.attrs[i].as_real() : static_cast<double>(op.attrs[i].as_int()));
    }
    features.push_back(op.in_place ? 1 : 0);
    macs += macs_of(op);
    weights += weight_bytes(op);
  }
  features.push_back(log_of(macs));
  features.push_back(log_of(weights));
  features.push_back(log_of(input_bytes(first)));
  features.push_back(log_of(bytes_of(kernel.ops.back().output)));
  return features;
}

}  // namespace nas
