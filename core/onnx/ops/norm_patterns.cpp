#include <algorithm>
#include <utility>

#include "core/onnx/ops/patterns.h"

// Layer normalisation: one operator from opset 17 on, nine nodes before, and between two Transposes
// where channels are normalised.
namespace nas {
namespace {

/// The mean along the last axis of an input of `rank` dimensions, the axis kept.
bool is_row_mean(const NodeReader& mean, std::size_t rank) {
  if (mean.has_input(1) && !has_constant(mean, 1)) return false;
  const std::vector<std::int64_t> axes = mean.ints("axes", 1);
  return axes.size() == 1 && mean.axis(axes[0], rank) == static_cast<std::int64_t>(rank) &&
         mean.integer("keepdims", 1) == 1;
}

/// A constant with one number for each place of the last axis of a tensor of this shape.
const Constant* row_constant(const NodeReader& node, const std::string& value, const Shape& shape) {
  const std::size_t index = node.node().inputs[0] == value ? 1 : 0;
  if (!has_constant(node, index)) return nullptr;
  const Constant& constant = node.input(index).constant;
  const std::size_t rank = shape.rank();
  return is_row(constant, shape[rank - 1], rank) && constant.learned ? &constant : nullptr;
}

struct LayerNorm {
  std::vector<NodeReader> nodes;  ///< the last gives the result
  double eps = 0;
  bool affine = false;
  const Constant* weight = nullptr;
  const Constant* bias = nullptr;  ///< null where affine: zeros
};

/// From the difference to the ratio.
std::optional<LayerNorm> ratio_of(const NodeReader& difference, std::size_t rank) {
  // The square is Pow(d, 2) or Mul(d, d).
  std::optional<NodeReader> square;
  for (const NodeReader& pow : difference.readers("Pow")) {
    if (is_number(pow.number(1), 2)) square = pow;
  }
  for (const NodeReader& product : difference.readers("Mul")) {
    if (product.node().inputs[0] == product.node().inputs[1]) square = product;
  }
  const std::vector<NodeReader> ratios = difference.readers("Div");
  if (!square || ratios.size() != 1 || ratios[0].node().inputs.size() != 2) return std::nullopt;
  const std::size_t uses = square->node().op_type == "Pow" ? 1 : 2;
  if (difference.reader_count() != uses + 1) return std::nullopt;
  const auto variance = square->only_reader("ReduceMean");
  if (!variance || !is_row_mean(*variance, rank)) return std::nullopt;
  const auto sum = plus(*variance, std::nullopt);
  const auto root = sum ? sum->only_reader("Sqrt") : std::nullopt;
  const auto ratio = root ? root->only_reader("Div") : std::nullopt;
  if (!ratio || ratio->node().inputs[0] != difference.output() ||
      ratio->node().inputs[1] != root->output()) {
    return std::nullopt;
  }
  LayerNorm norm{.nodes = {difference, *square, *variance, *sum, *root, *ratio}};
  norm.eps = as_written(*sum->number_of(*sum->other_input(variance->output())));
  return norm;
}

/// From a mean on, which is the first of the nodes; `shape`: of what it reads.
std::optional<LayerNorm> norm_in_parts(const NodeReader& mean, const Shape& shape) {
  if (!is_row_mean(mean, shape.rank())) return std::nullopt;
  const auto difference = mean.only_reader("Sub");
  if (!difference || difference->node().inputs[0] != mean.node().inputs[0] ||
      difference->node().inputs[1] != mean.output()) {
    return std::nullopt;
  }
  auto norm = ratio_of(*difference, shape.rank());
  if (!norm) return std::nullopt;
  norm->nodes.insert(norm->nodes.begin(), mean);
  const NodeReader& ratio = norm->nodes.back();
  const auto scale = ratio.only_reader("Mul");
  const auto shift = scale ? scale->only_reader("Add") : std::nullopt;
  if (!shift) return norm;
  norm->weight = row_constant(*scale, ratio.output(), shape);
  norm->bias = row_constant(*shift, scale->output(), shape);
  norm->affine = norm->weight != nullptr && norm->bias != nullptr;
  if (norm->affine) {
    norm->nodes.push_back(*scale);
    norm->nodes.push_back(*shift);
  }
  return norm;
}

/// Of a LayerNormalization of the last axis of a tensor of this shape.
LayerNorm norm_in_one(const NodeReader& node, const Shape& shape) {
  const std::size_t rank = shape.rank();
  const std::int64_t size = shape[rank - 1];
  for (std::size_t i = 1; i < 3; ++i) {
    if (node.has_input(i) && !is_row(node.constant(i), size, rank)) {
      node.wrong("its scale and shift have not " + std::to_string(size) + " numbers");
    }
  }
  LayerNorm norm{.nodes = {node}, .eps = as_written(node.real("epsilon", 1e-5))};
  norm.affine = node.has_input(2) || !is_fixed(node, 1, 1);
  if (norm.affine) {
    norm.weight = &node.constant(1);
    norm.bias = node.has_input(2) ? &node.constant(2) : nullptr;
  }
  return norm;
}

bool is_last_axis(const NodeReader& node, std::size_t rank) {
  return node.axis(node.integer("axis", -1), rank) == static_cast<std::int64_t>(rank);
}

/// `by` gives the operation its scope.
Value add_layer_norm(NodeReader& by, Value x, const LayerNorm& norm, bool over_channels) {
  std::vector<NamedAttr> attrs{{"affine", norm.affine}, {"eps", norm.eps}};
  if (over_channels) attrs.push_back({"over_channels", true});
  const Value result = by.add("layer_norm", std::span(&x, 1), attrs);
  if (!norm.affine) return result;
  by.weight(result, "weight", *norm.weight);
  if (norm.bias != nullptr) {
    by.weight(result, "bias", *norm.bias);
  } else {
    by.weight(result, "bias", 0.0F);
  }
  return result;
}

/// Whether an order of axes has the channels last and the last axis in their place.
bool turns_channels(const std::vector<std::int64_t>& order, std::size_t rank) {
  std::vector<std::int64_t> turned;
  for (std::size_t i = 0; i <= rank; ++i) turned.push_back(static_cast<std::int64_t>(i));
  std::swap(turned[1], turned[rank]);
  return order == turned;
}

/// What reads the output of a Transpose, of this shape.
std::optional<LayerNorm> norm_behind(const NodeReader& transpose, const Shape& shape) {
  if (const auto node = transpose.only_reader("LayerNormalization")) {
    const bool known = has_constant(*node, 1) && (!node->has_input(2) || has_constant(*node, 2));
    if (!known || !is_last_axis(*node, shape.rank())) return std::nullopt;
    return norm_in_one(*node, shape);
  }
  const std::vector<NodeReader> means = transpose.readers("ReduceMean");
  if (means.size() != 1 || transpose.reader_count() != 2) return std::nullopt;
  return norm_in_parts(means[0], shape);
}

}  // namespace

bool read_layer_norm(NodeReader& mean) {
  const Value x = mean.tensor();
  auto norm = norm_in_parts(mean, mean.shape(x));
  if (!norm) return false;
  for (NodeReader& node : norm->nodes) node.claim();
  norm->nodes.back().give(add_layer_norm(mean, x, *norm, false));
  return true;
}

void read_layer_norm_node(NodeReader& node) {
  const Value x = node.tensor();
  if (!is_last_axis(node, node.shape(x).rank()))
    node.unsupported("only the last axis is normalised");
  node.give(add_layer_norm(node, x, norm_in_one(node, node.shape(x)), false));
}

bool read_channel_norm(NodeReader& transpose) {
  const Value x = transpose.tensor();
  Shape shape = transpose.shape(x);
  const std::vector<std::int64_t> order = transpose.ints("perm");
  if (shape.rank() < 2 || !turns_channels(order, shape.rank())) return false;
  std::swap(shape[0], shape[shape.rank() - 1]);
  auto norm = norm_behind(transpose, shape);
  auto back = norm ? norm->nodes.back().only_reader("Transpose") : std::nullopt;
  if (!back || back->ints("perm") != order) return false;
  for (NodeReader& node : norm->nodes) node.claim();
  back->give_claimed(add_layer_norm(transpose, x, *norm, true));
  return true;
}

}  // namespace nas
