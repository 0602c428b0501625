#include <algorithm>
#include <cmath>

#include "core/onnx/constant.h"
#include "core/onnx/gathered_rows.h"
#include "core/onnx/read_onnx.h"
#include "core/ops/op_schema.h"
#include "core/util/error.h"

// What nodes make of constants: the arithmetic of shapes, and of single real numbers.
namespace nas {
namespace {

[[noreturn]] void wrong(const std::string& what) {
  throw Error(ErrorKind::kData, what);
}
[[noreturn]] void unsupported(const std::string& what) {
  throw Error(ErrorKind::kUnsupported, what);
}

using Dims = std::vector<std::int64_t>;

/// Integers with a shape.
struct Ints {
  Dims dims{};
  std::vector<std::int64_t> values{};
};

struct FoldCall {
  const OnnxModel& model;
  const OnnxNode& node;
  std::span<const Constant* const> inputs;

  bool has(std::size_t index) const { return index < inputs.size() && inputs[index] != nullptr; }
  const Constant& constant(std::size_t index) const {
    if (!has(index)) wrong("input " + std::to_string(index) + " is missing");
    return *inputs[index];
  }
  Ints ints(std::size_t index) const {
    return {constant(index).dims, small_ints(model, constant(index))};
  }
  std::int64_t integer(std::string_view name, std::int64_t value) const {
    const OnnxAttribute* attribute = find_attribute(node, name);
    return attribute == nullptr ? value : attribute->integer;
  }
  /// From the input, or the attribute of older opsets.
  std::vector<std::int64_t> list(std::string_view name, std::size_t index) const {
    if (has(index)) return ints(index).values;
    const OnnxAttribute* attribute = find_attribute(node, name);
    return attribute == nullptr ? std::vector<std::int64_t>{} : attribute->ints;
  }
};

/// Counted from the end where negative.
std::size_t place(std::int64_t index, std::size_t count, const char* what) {
  const auto size = static_cast<std::int64_t>(count);
  const std::int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) {
    wrong(std::string(what) + " " + std::to_string(index) + " is not among " +
          std::to_string(size));
  }
  return static_cast<std::size_t>(at);
}

std::int64_t product(std::span<const std::int64_t> dims) {
  std::int64_t result = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(result, dim, &result) || result > kMostFolded) {
      unsupported("a computed constant of more than " + std::to_string(kMostFolded) + " numbers");
    }
  }
  return result;
}

Ints gather(const FoldCall& call) {
  const Ints data = call.ints(0), indices = call.ints(1);
  const std::size_t axis = place(call.integer("axis", 0), data.dims.size(), "axis");
  if (axis != 0 || data.dims.size() != 1) unsupported("only lists of numbers are gathered from");
  Ints result{indices.dims, {}};
  for (const std::int64_t index : indices.values) {
    result.values.push_back(data.values[place(index, data.values.size(), "index")]);
  }
  return result;
}

// The sizes that a Reshape, Squeeze or Unsqueeze gives a constant of `elements` numbers.

Dims unsqueezed(const FoldCall& call, std::int64_t) {
  const Dims& old = call.constant(0).dims;
  const Dims axes = call.list("axes", 1);
  Dims dims(old.size() + axes.size(), 0);
  for (const std::int64_t axis : axes) dims[place(axis, dims.size(), "axis")] = 1;
  auto next = old.begin();
  for (std::int64_t& dim : dims) {
    if (dim == 1) continue;
    if (next == old.end()) wrong("an axis is given twice");
    dim = *next++;
  }
  return dims;
}

Dims squeezed(const FoldCall& call, std::int64_t) {
  const Dims& old = call.constant(0).dims;
  std::vector<bool> drop(old.size(), false);
  const Dims axes = call.list("axes", 1);
  for (const std::int64_t axis : axes) drop[place(axis, drop.size(), "axis")] = true;
  Dims dims;
  for (std::size_t i = 0; i < old.size(); ++i) {
    const bool gone = axes.empty() ? old[i] == 1 : drop[i];
    if (gone && old[i] != 1) wrong("an axis that is dropped is not 1 long");
    if (!gone) dims.push_back(old[i]);
  }
  return dims;
}

Dims reshaped(const FoldCall& call, std::int64_t elements) {
  const Dims& old = call.constant(0).dims;
  Dims dims = call.list("shape", 1);
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  bool fits = true;
  for (std::size_t i = 0; fits && i < dims.size(); ++i) {
    if (dims[i] == 0 && i < old.size()) dims[i] = old[i];
    if (dims[i] == -1 && open == nullptr) {
      open = &dims[i];
    } else {
      fits = dims[i] >= 0 && !__builtin_mul_overflow(known, dims[i], &known);
    }
  }
  if (fits && open != nullptr) {
    *open = known == 0 ? 0 : elements / known;
    fits = !__builtin_mul_overflow(known, *open, &known);
  }
  if (!fits || known != elements) {
    wrong("a constant of " + std::to_string(elements) + " numbers gets another size");
  }
  return dims;
}

Dims (*find_reshaping(std::string_view op_type))(const FoldCall&, std::int64_t) {
  return op_type == "Reshape"     ? reshaped
         : op_type == "Squeeze"   ? squeezed
         : op_type == "Unsqueeze" ? unsqueezed
                                  : nullptr;
}

/// A constant in another shape, number by number.
Ints reshape(const FoldCall& call) {
  Ints data = call.ints(0);
  data.dims =
      find_reshaping(call.node.op_type)(call, static_cast<std::int64_t>(data.values.size()));
  return data;
}

Ints concat(const FoldCall& call) {
  Ints result;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Ints part = call.ints(i);
    if (part.dims.size() != 1) unsupported("only lists of numbers are put together");
    result.values.insert(result.values.end(), part.values.begin(), part.values.end());
    if (result.values.size() > static_cast<std::size_t>(kMostFolded)) product({{kMostFolded + 1}});
  }
  result.dims = {static_cast<std::int64_t>(result.values.size())};
  return result;
}

/// Along the first axis, as exporters of padding reverse its list.
Ints slice(const FoldCall& call) {
  const Ints data = call.ints(0);
  const std::vector<std::int64_t> starts = call.list("starts", 1), ends = call.list("ends", 2),
                                  axes = call.list("axes", 3), steps = call.list("steps", 4);
  const bool first = axes.empty() || (axes.size() == 1 && axes[0] == 0);
  if (starts.size() != 1 || ends.size() != 1 || !first || data.dims.empty()) {
    unsupported("constants are cut along their first axis only");
  }
  const std::int64_t step = steps.empty() ? 1 : steps[0], size = data.dims[0];
  if (step == 0 || step < -kMostFolded || step > kMostFolded) wrong("a step of 0 or too large");
  // As ONNX and numpy: negative places count from the end, and what lies outside is left out.
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto inside = [&](std::int64_t at) {
    return std::clamp(at < 0 ? at + size : at, std::min(low, high), high);
  };
  const std::int64_t begin = inside(starts[0]), end = inside(ends[0]);
  const std::int64_t row = size == 0 ? 0 : static_cast<std::int64_t>(data.values.size()) / size;
  Ints result{data.dims, {}};
  result.dims[0] = 0;
  for (std::int64_t at = begin; step > 0 ? at < end : at > end; at += step) {
    if (at < 0 || at >= size) continue;
    const auto start = data.values.begin() + at * row;
    result.values.insert(result.values.end(), start, start + row);
    ++result.dims[0];
  }
  return result;
}

Ints transpose(const FoldCall& call) {
  const Ints data = call.ints(0);
  if (data.dims.size() != 2) unsupported("only constants of two dimensions are transposed");
  const auto rows = static_cast<std::size_t>(data.dims[0]),
             columns = static_cast<std::size_t>(data.dims[1]);
  Ints result{{data.dims[1], data.dims[0]}, {}};
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      result.values.push_back(data.values[row * columns + column]);
    }
  }
  return result;
}

Ints constant_of_shape(const FoldCall& call) {
  Ints result{call.ints(0).values, {}};
  const OnnxAttribute* value = find_attribute(call.node, "value");
  std::int64_t number = 0;
  if (value != nullptr && !value->tensors.empty()) {
    const OnnxTensor& tensor = value->tensors[0];
    const Constant one{.type = tensor.type, .dims = tensor.dims, .stored = &tensor};
    const auto numbers = small_ints(call.model, one);
    if (numbers.size() == 1) number = numbers[0];
  }
  result.values.assign(static_cast<std::size_t>(product(result.dims)), number);
  return result;
}

Ints range(const FoldCall& call) {
  const Ints start = call.ints(0), limit = call.ints(1), delta = call.ints(2);
  if (start.values.size() != 1 || limit.values.size() != 1 || delta.values.size() != 1 ||
      delta.values[0] != 1 || start.values[0] != 0) {
    unsupported("only ranges from 0 in steps of 1 are computed");
  }
  Ints result{{std::max<std::int64_t>(limit.values[0], 0)}, {}};
  const std::int64_t count = product(result.dims);
  for (std::int64_t i = 0; i < count; ++i) result.values.push_back(i);
  return result;
}

Ints same(const FoldCall& call) {
  return call.ints(0);
}

Ints arithmetic(const FoldCall& call) {
  Ints a = call.ints(0), b = call.ints(1);
  if (a.values.size() == 1 && b.values.size() > 1) {
    a = {b.dims, std::vector<std::int64_t>(b.values.size(), a.values[0])};
  } else if (b.values.size() == 1 && a.values.size() > 1) {
    b.values.assign(a.values.size(), std::int64_t{b.values[0]});
  }
  if (a.values.size() != b.values.size()) unsupported("constants of different sizes");
  const std::string& op = call.node.op_type;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    std::int64_t& x = a.values[i];
    const std::int64_t y = b.values[i];
    if (x == kOpenBatch || y == kOpenBatch) {
      const bool kept = x == kOpenBatch && ((op == "Mul" || op == "Div") ? y == 1 : y == 0);
      if (!kept) unsupported("arithmetic with a batch size that is open");
      continue;
    }
    if (op == "Div" && (y == 0 || y == -1)) wrong("a division by " + std::to_string(y));
    const bool overflow = op == "Mul"   ? __builtin_mul_overflow(x, y, &x)
                          : op == "Add" ? __builtin_add_overflow(x, y, &x)
                          : op == "Sub" ? __builtin_sub_overflow(x, y, &x)
                                        : (x /= y, false);
    if (overflow) wrong("a number of a shape overflows");
  }
  return a;
}

struct Folding {
  std::string_view op_type;
  Ints (*fold)(const FoldCall& call);
};
constexpr Folding kFoldings[] = {
    {"Add", arithmetic},    {"Cast", same},
    {"Concat", concat},     {"ConstantOfShape", constant_of_shape},
    {"Div", arithmetic},    {"Floor", same},
    {"Gather", gather},     {"Mul", arithmetic},
    {"Range", range},       {"Reshape", reshape},
    {"Slice", slice},       {"Squeeze", reshape},
    {"Sub", arithmetic},    {"Transpose", transpose},
    {"Unsqueeze", reshape},
};

const Folding* find_folding(std::string_view op_type) {
  const auto found = std::ranges::find(kFoldings, op_type, &Folding::op_type);
  return found == std::end(kFoldings) ? nullptr : &*found;
}

/// A real scalar that arithmetic of numbers gives, such as 1 / sqrt(d) of an attention.
std::optional<Constant> fold_reals(const FoldCall& call) {
  const std::string& op = call.node.op_type;
  const bool two = op == "Mul" || op == "Div" || op == "Add" || op == "Sub";
  if (!two && op != "Sqrt" && op != "Reciprocal" && op != "Cast" && op != "Pow")
    return std::nullopt;
  const auto a = single_number(call.model, call.constant(0));
  const auto b = call.has(1) ? single_number(call.model, call.constant(1)) : std::nullopt;
  const bool real = is_real(call.constant(0).type) || op == "Sqrt" ||
                    (op == "Cast" && is_real(static_cast<OnnxType>(call.integer("to", 1))));
  if (!a || !real || ((two || op == "Pow") && !b)) return std::nullopt;
  const double x = *a, y = b.value_or(0);
  const double value = op == "Mul"          ? x * y
                       : op == "Div"        ? x / y
                       : op == "Add"        ? x + y
                       : op == "Sub"        ? x - y
                       : op == "Pow"        ? std::pow(x, y)
                       : op == "Sqrt"       ? std::sqrt(x)
                       : op == "Reciprocal" ? 1 / x
                                            : x;
  return real_constant(call.constant(0).dims, {value});
}

}  // namespace

bool is_folded(std::string_view op_type) {
  return find_folding(op_type) != nullptr || op_type == "Sqrt" || op_type == "Reciprocal" ||
         op_type == "Pow";
}

namespace {

/// A weight matrix that is transposed before it is used.
std::optional<Constant> turned_matrix(const FoldCall& call) {
  if (call.node.op_type != "Transpose") return std::nullopt;
  Constant matrix = call.constant(0);
  const std::vector<std::int64_t> order = call.list("perm", call.inputs.size());
  const bool turns = order.empty() || order == std::vector<std::int64_t>{1, 0};
  const bool kept = matrix.all || (matrix.stored != nullptr && is_real(matrix.type));
  if (!kept || matrix.dims.size() != 2 || !turns) {
    return std::nullopt;
  }
  std::swap(matrix.dims[0], matrix.dims[1]);
  matrix.turned = !matrix.turned;
  return matrix;
}

/// Real numbers that are equal, which stand for weights in files that shall be small.
std::optional<Constant> equal_numbers(const FoldCall& call) {
  if (call.node.op_type != "ConstantOfShape") return std::nullopt;
  Constant result{.type = OnnxType::kFloat, .dims = call.ints(0).values, .all = 0, .learned = true};
  const OnnxAttribute* value = find_attribute(call.node, "value");
  if (value != nullptr && !value->tensors.empty()) {
    const OnnxTensor& tensor = value->tensors[0];
    if (!is_real(tensor.type)) return std::nullopt;
    result.all =
        single_number(call.model, {.type = tensor.type, .dims = tensor.dims, .stored = &tensor});
    if (!result.all) wrong("its value is not one number");
  }
  for (const std::int64_t dim : result.dims) {
    if (dim < 0) wrong("a dimension of " + std::to_string(dim));
  }
  if (result.elements() > kMaxExtent) unsupported("a constant of more than 2^31 numbers");
  return result;
}

/// A weight in another shape stays one: its numbers lie as they did.
std::optional<Constant> reshaped_weight(const FoldCall& call) {
  const auto reshaping = find_reshaping(call.node.op_type);
  if (reshaping == nullptr) return std::nullopt;
  Constant weight = call.constant(0);
  const bool kept = weight.all || (weight.stored != nullptr && is_real(weight.type));
  if (!kept || weight.turned) return std::nullopt;
  weight.dims = reshaping(call, weight.elements());
  if (weight.dims.size() > OnnxLimits{}.rank) return std::nullopt;
  return weight;
}

}  // namespace

Constant fold(const OnnxModel& model, const OnnxNode& node,
              std::span<const Constant* const> inputs) {
  const FoldCall call{model, node, inputs};
  if (auto rows = fold_rows(model, node, inputs)) return *std::move(rows);
  if (auto matrix = turned_matrix(call)) return *std::move(matrix);
  if (auto weight = reshaped_weight(call)) return *std::move(weight);
  if (auto numbers = equal_numbers(call)) return *std::move(numbers);
  if (auto reals = fold_reals(call)) return *std::move(reals);
  const Folding* folding = find_folding(node.op_type);
  if (folding == nullptr) unsupported("its inputs are constants");
  Ints result = folding->fold(call);
  constexpr std::size_t kMostDims = OnnxLimits{}.rank;
  if (result.dims.size() > kMostDims) {
    unsupported("a computed constant of more than " + std::to_string(kMostDims) + " dimensions");
  }
  return int_constant(std::move(result.dims), std::move(result.values));
}

}  // namespace nas
