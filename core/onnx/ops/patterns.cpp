#include "core/onnx/ops/patterns.h"

#include <algorithm>
#include <cmath>

#include "core/util/text.h"

namespace nas {
namespace {

/// The only reader of a node's output, a product or quotient that changes it by `factor`.
std::optional<NodeReader> scaled_by(const NodeReader& node, double factor) {
  for (const char* op_type : {"Mul", "Div"}) {
    auto next = node.only_reader(op_type);
    if (!next) continue;
    const bool quotient = std::string_view(op_type) == "Div";
    const auto other = next->other_input(node.output());
    if (!other || (quotient && next->node().inputs[0] != node.output())) continue;
    const auto number = next->number_of(*other);
    if (number && is_close(quotient ? 1 / *number : *number, factor)) return next;
  }
  return std::nullopt;
}

/// The only reader of a node's output, a product with `value`.
std::optional<NodeReader> times(const NodeReader& node, const std::string& value) {
  auto next = node.only_reader("Mul");
  if (!next || next->other_input(node.output()) != value) return std::nullopt;
  return next;
}

bool is_clip_to_six(const NodeReader& clip) {
  if (clip.opset() < 11) {
    return is_close(clip.real("min", -1), 0) && is_close(clip.real("max", -1), 6);
  }
  return is_number(clip.number(1), 0) && is_number(clip.number(2), 6);
}

/// [channels, 1, 1] or [1, channels, 1, 1] beside an image: one number for each channel.
bool is_by_channel(const Constant& constant, std::int64_t channels, std::size_t rank) {
  std::vector<std::int64_t> dims = constant.dims;
  if (dims.size() == rank + 1 && dims[0] == 1) dims.erase(dims.begin());
  if (rank < 2 || dims.size() != rank || dims[0] != channels || constant.rows != nullptr) {
    return false;
  }
  return std::all_of(dims.begin() + 1, dims.end(), [](std::int64_t dim) { return dim == 1; });
}

}  // namespace

std::optional<NodeReader> plus_channels(const NodeReader& node, std::int64_t channels,
                                        std::size_t rank) {
  auto sum = node.only_reader("Add");
  const Constant* addend = sum ? constant_beside(*sum, node.output()) : nullptr;
  return addend != nullptr && is_by_channel(*addend, channels, rank) ? sum : std::nullopt;
}

const Constant* constant_beside(const NodeReader& node, const std::string& value) {
  if (!node.other_input(value)) return nullptr;
  const std::size_t index = node.node().inputs[0] == value ? 1 : 0;
  return has_constant(node, index) ? &node.input(index).constant : nullptr;
}

bool read_channel_scale(NodeReader& product) {
  const std::size_t at = product.is_tensor(0) ? 0 : 1;
  const Value x = product.tensor(at);
  const Shape& shape = product.shape(x);
  const std::int64_t channels = shape[0];
  const Constant& factor = product.constant(1 - at);
  if (!is_by_channel(factor, channels, shape.rank())) return false;
  auto sum = plus_channels(product, channels, shape.rank());
  if (!sum) return false;
  const Value result = product.add("batch_norm", {x}, {{"eps", 0.0}});
  product.weight(result, "weight", factor);
  product.weight(result, "bias", *constant_beside(*sum, product.output()));
  product.weight(result, "running_mean", 0.0F);
  product.weight(result, "running_var", 1.0F);
  sum->give_claimed(result);
  return true;
}

std::optional<NodeReader> plus(const NodeReader& node, std::optional<double> number) {
  auto next = node.only_reader("Add");
  const auto other = next ? next->other_input(node.output()) : std::nullopt;
  const auto found = other ? next->number_of(*other) : std::nullopt;
  if (!found || (number && !is_close(*found, *number))) return std::nullopt;
  return next;
}

bool has_constant(const NodeReader& node, std::size_t index) {
  return node.has_input(index) && node.known(node.node().inputs[index]) &&
         node.input(index).kind == ImportedValue::Kind::kConstant;
}

bool is_close(double a, double b) {
  return std::abs(a - b) <= 1e-3 * std::max(std::abs(b), 1e-3);
}

bool is_number(const std::optional<double>& number, double value) {
  return number && is_close(*number, value);
}

bool is_fixed(const NodeReader& node, std::size_t index, double value) {
  const Constant& constant = node.constant(index);
  if (constant.learned || constant.elements() > kMostFolded) return false;
  const std::vector<double> values = small_reals(node.model(), constant);
  return !values.empty() && std::ranges::all_of(values, [&](double v) { return v == value; });
}

bool is_row(const Constant& constant, std::int64_t size, std::size_t rank) {
  const std::vector<std::int64_t>& dims = constant.dims;
  if (dims.empty()) return size == 1;
  const auto is_one = [](std::int64_t dim) { return dim == 1; };
  return dims.size() <= rank + 1 && dims.back() == size &&
         std::all_of(dims.begin(), dims.end() - 1, is_one);
}

Value reshaped(NodeReader& node, Value x, const std::vector<std::int64_t>& dims) {
  const Shape& shape = node.shape(x);
  if (std::ranges::equal(dims, shape.dims())) return x;
  if (dims.size() == 1 && shape.rank() > 0) return node.add("flatten", {x});
  if (dims.empty() || dims.size() > Shape::kMaxRank) {
    node.unsupported("gives " + std::to_string(dims.size()) + " dimensions behind the batch");
  }
  constexpr std::string_view kDims[] = {"dim0", "dim1", "dim2", "dim3"};
  std::vector<NamedAttr> attrs;
  for (std::size_t i = 0; i < dims.size(); ++i) attrs.push_back({kDims[i], dims[i]});
  return node.add("reshape", std::span(&x, 1), attrs);
}

double as_written(double single) {
  return parse_double(format_short(single, 7)).value_or(single);
}

bool read_hard_swish(NodeReader& add) {
  const std::size_t x = add.is_tensor(0) ? 0 : 1;
  if (!is_number(add.number(1 - x), 3)) return false;
  auto clip = add.only_reader("Clip");
  if (!clip || !is_clip_to_six(*clip)) return false;
  const std::string& name = add.node().inputs[x];
  if (auto scaled = scaled_by(*clip, 1.0 / 6)) {
    if (auto product = times(*scaled, name)) {
      product->give_claimed(add.add("hswish", {add.tensor(x)}));
      scaled->claim();
    } else {
      scaled->give_claimed(add.add("hsigmoid", {add.tensor(x)}));
    }
  } else if (auto product = times(*clip, name)) {
    auto sixth = scaled_by(*product, 1.0 / 6);
    if (!sixth) return false;
    sixth->give_claimed(add.add("hswish", {add.tensor(x)}));
    product->claim();
  } else {
    return false;
  }
  clip->claim();
  return true;
}

bool read_gelu_of_erf(NodeReader& division) {
  const auto number = division.number(1);
  const double factor = !number ? 0 : division.node().op_type == "Div" ? 1 / *number : *number;
  if (!is_close(factor, std::sqrt(0.5))) return false;
  const std::string& x = division.node().inputs[0];
  auto erf = division.only_reader("Erf");
  auto sum = erf ? plus(*erf, 1) : std::nullopt;
  if (!sum) return false;
  auto first = times(*sum, x);
  auto last = first ? scaled_by(*first, 0.5) : std::nullopt;
  if (!first) {
    first = scaled_by(*sum, 0.5);
    last = first ? times(*first, x) : std::nullopt;
  }
  if (!last) return false;
  last->give_claimed(division.add("gelu", {division.tensor()}));
  for (auto* node : {&*erf, &*sum, &*first}) node->claim();
  return true;
}

bool read_channel_shuffle(NodeReader& reshape) {
  const Value x = reshape.tensor();
  const Shape& image = reshape.shape(x);
  auto transpose = reshape.only_reader("Transpose");
  auto back = transpose ? transpose->only_reader("Reshape") : std::nullopt;
  if (!back || image.rank() != 3) return false;
  if (!has_constant(reshape, 1) || !has_constant(*back, 1)) return false;
  const std::vector<std::int64_t> order{0, 2, 1, 3, 4};
  if (transpose->ints("perm") != order) return false;
  const std::vector<std::int64_t> to = small_ints(reshape.model(), reshape.constant(1)),
                                  from = small_ints(reshape.model(), back->constant(1));
  if (to.size() != 5 || from.size() != 4 || to[1] < 1) return false;
  const std::int64_t groups = to[1];
  const bool whole = image[0] % groups == 0 && (to[2] == image[0] / groups || to[2] == -1) &&
                     to[3] == image[1] && to[4] == image[2] &&
                     (from[1] == image[0] || from[1] == -1) && from[2] == image[1] &&
                     from[3] == image[2];
  if (!whole) return false;
  transpose->claim();
  back->give_claimed(reshape.add("channel_shuffle", {x}, {{"groups", groups}}));
  return true;
}

bool gives_channels(const NodeReader& node, const Shape& pooled) {
  const char* list = node.node().op_type == "Reshape" ? "shape" : "axes";
  if (node.has_input(1) && !has_constant(node, 1)) return false;
  const std::vector<std::int64_t> numbers = node.ints(list, 1);
  if (node.node().op_type == "Reshape") {
    return numbers.size() == 2 && (numbers[1] == pooled[0] || numbers[1] == -1);
  }
  std::vector<bool> dropped(pooled.rank() + 1, false);
  for (const std::int64_t axis : numbers) {
    dropped[static_cast<std::size_t>(node.axis(axis, pooled.rank()))] = true;
  }
  std::vector<bool> positions(pooled.rank() + 1, true);
  positions[0] = positions[1] = false;
  return dropped == positions;
}

bool read_weighted_stats(NodeReader& product) {
  const std::string& x = product.node().inputs[0];
  const std::string& p = product.output();
  const auto sums = product.readers("ReduceSum");
  const auto squares = product.readers("Mul");
  if (sums.size() != 1 || squares.size() != 1 || product.reader_count() != 2) return false;
  NodeReader mean = sums[0], square = squares[0];
  if (square.other_input(p) != x) return false;
  auto second = square.only_reader("ReduceSum");
  auto difference = second ? second->only_reader("Sub") : std::nullopt;
  auto floor = difference ? difference->only_reader("Clip") : std::nullopt;
  auto deviation = floor ? floor->only_reader("Sqrt") : std::nullopt;
  auto result = deviation ? deviation->only_reader("Concat") : std::nullopt;
  const auto mean_squares = mean.readers("Mul");
  const auto least = !floor                 ? std::nullopt
                     : floor->opset() >= 11 ? floor->number(1)
                                            : std::optional(floor->real("min", 0));
  if (!result || !least || mean_squares.size() == 0 || mean.reader_count() != 3) return false;
  NodeReader mean_square = mean_squares[0];
  const bool fits =
      result->node().inputs == std::vector{mean.output(), deviation->output()} &&
      mean_square.node().inputs == std::vector{mean.output(), mean.output()} &&
      difference->node().inputs == std::vector{second->output(), mean_square.output()};
  if (!fits || product.shape(product.tensor(0)).rank() != 2) return false;
  for (auto* node : {&mean, &square, &*second, &mean_square, &*difference, &*floor, &*deviation}) {
    node->claim();
  }
  result->give_claimed(product.add("weighted_stats", {product.tensor(0), product.tensor(1)},
                                   {{"min_variance", as_written(*least)}}));
  return true;
}

}  // namespace nas
