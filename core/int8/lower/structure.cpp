#include <algorithm>
#include <array>

#include "core/int8/lower/lowering_rule.h"
#include "core/int8/lower/node_lowering.h"

namespace nas {
namespace {

constexpr auto kLast = MicroLayout::kChannelsLast;
constexpr auto kPlain = MicroLayout::kPlain;

void lower_identity(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  node.give(from.tensor, from.layout, from.channels);
}

/// Part of a tensor: from `begin` on along every dimension, every `stride`-th.
int slice(NodeLowering& node, int tensor, NodeLowering::Dims begin, NodeLowering::Dims end,
          std::int32_t stride = 1) {
  NodeLowering::Dims dims;
  std::vector<std::int32_t> from(begin.begin(), begin.end()), to(end.begin(), end.end()),
      strides(begin.size(), 1);
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const bool position = i > 0 && i + 1 < begin.size();
    if (position) strides[i] = stride;
    dims.push_back((end[i] - begin[i] + strides[i] - 1) / strides[i]);
  }
  const int part = node.moved(dims, "slice");
  node.step(MicroOp::kStridedSlice,
            {tensor, node.ints("begin", from), node.ints("end", to), node.ints("strides", strides)},
            part);
  return part;
}

void lower_slice(NodeLowering& node) {
  const std::int64_t begin = node.integer("begin"), length = node.integer("length");
  const MicroLayout layout = node.form().layout == kLast ? kLast : kPlain;
  const int tensor = node.input(0, layout);
  NodeLowering::Dims to = node.dims(tensor), from(to.size(), 0);
  const std::size_t axis = layout == kLast ? to.size() - 1 : 1;
  from[axis] = begin;
  to[axis] = begin + length;
  node.give(slice(node, tensor, from, to), layout);
}

void lower_crop(NodeLowering& node) {
  const int tensor = node.input(0, kLast);
  const NodeLowering::Dims to = node.dims(tensor);
  node.give(slice(node, tensor, {0, node.integer("top"), node.integer("left"), 0}, to), kLast);
}

void lower_pad(NodeLowering& node) {
  const auto pad = [&](std::string_view side) {
    return static_cast<std::int32_t>(node.integer(side));
  };
  const std::int32_t pads[] = {0, 0, pad("top"), pad("bottom"), pad("left"), pad("right"), 0, 0};
  const int tensor = node.input(0, kLast);
  const int padded = node.moved(micro_dims(node.output_shape(), kLast), "padded");
  node.step(MicroOp::kPad, {tensor, node.ints("pads", pads, {4, 2})}, padded);
  node.give(padded, kLast);
}

/// What is left of zeros after simplification: any tensor of the right shape times zero.
void lower_zero(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  const auto stride = static_cast<std::int32_t>(node.integer("stride"));
  int tensor = from.tensor;
  if (stride != 1) {
    tensor = node.input(0, kLast);
    const NodeLowering::Dims to = node.dims(tensor);
    tensor = slice(node, tensor, {0, 0, 0, 0}, to, stride);
  }
  const int result = node.ranged(node.dims(tensor), "zero", 0, 0);
  node.step(MicroOp::kMul, {tensor, node.reals("factor", {0.0F}, {1})}, result);
  node.give(result, stride != 1 ? kLast : from.layout, from.channels);
}

/// Channel g (C / groups) + i moves to i groups + g: a matrix of each position's channels turns.
void lower_shuffle(NodeLowering& node) {
  const int tensor = node.input(0, kLast);
  const NodeLowering::Dims dims = node.dims(tensor);
  const std::int64_t groups = node.integer("groups"), each = dims[3] / groups;
  const std::int64_t positions = dims[1] * dims[2];
  const int matrix = node.viewed(tensor, {1, positions, groups, each}, "groups");
  constexpr std::int32_t kSwap[] = {0, 1, 3, 2};
  const int turned = node.moved({1, positions, each, groups}, "turned");
  node.step(MicroOp::kTranspose, {matrix, node.ints("axes", kSwap)}, turned);
  node.give_view(turned, dims, kLast);
}

void lower_flatten(NodeLowering& node) {
  const NodeLowering::Form from = node.form();
  const std::int64_t elements = node.output_shape()[0];
  if (from.layout != kLast) {
    node.give_view(from.tensor, {1, elements}, from.layout, from.channels);
    return;
  }
  const std::int64_t channels = node.input_shape()[0];
  const bool same = channels == 1 || channels == elements;
  const auto reads_flattened = [&](const Consumer& reader) {
    return node.op_of(reader.node).role == OpRole::kWeight;
  };
  if (same || (!node.is_output() && std::ranges::all_of(node.consumers(), reads_flattened))) {
    node.give_view(from.tensor, {1, elements}, same ? kPlain : MicroLayout::kFlattened,
                   same ? 0 : channels);
  } else {
    node.give_view(node.input(0, kPlain), {1, elements}, kPlain);
  }
}

/// Channels last stays so where the first dimension is still the channels.
void lower_reshape(NodeLowering& node) {
  const Shape &from = node.input_shape(), &to = node.output_shape();
  const bool keeps =
      node.form().layout == kLast && (to.rank() == 2 || to.rank() == 3) && to[0] == from[0];
  const MicroLayout layout = keeps ? kLast : kPlain;
  node.give_view(node.input(0, layout), micro_dims(to, layout), layout);
}

void lower_swap(NodeLowering& node) {
  const Shape& to = node.output_shape();
  const auto first = static_cast<std::size_t>(node.integer("first"));
  const auto second = static_cast<std::size_t>(node.integer("second"));
  if (node.form().layout == kLast && to.rank() == 2 && first != second) {
    node.give_view(node.input(0, kLast), micro_dims(to, kPlain), kPlain);
    return;
  }
  const int tensor = node.input(0, kPlain);
  std::vector<std::int32_t> axes;
  for (std::size_t i = 0; i <= to.rank(); ++i) axes.push_back(static_cast<std::int32_t>(i));
  std::swap(axes[first + 1], axes[second + 1]);
  const int turned = node.moved(micro_dims(to, kPlain), "turned");
  node.step(MicroOp::kTranspose, {tensor, node.ints("axes", axes)}, turned);
  node.give(turned, kPlain);
}

constexpr LoweringRule kRules[] = {
    {"identity", lower_identity}, {"dropout", lower_identity}, {"zero", lower_zero},
    {"pad", lower_pad},           {"flatten", lower_flatten},  {"slice_channels", lower_slice},
    {"crop", lower_crop},         {"reshape", lower_reshape},  {"channel_shuffle", lower_shuffle},
    {"swap_axes", lower_swap},
};

}  // namespace

extern constinit const LoweringRules structure_lowerings{kRules};

}  // namespace nas
