#pragma once

#include <optional>

#include "core/onnx/node_reader.h"

namespace nas {

// Operations of ours that exporters write as several nodes. Each function looks ahead from the
// first of them; where the rest is there, it reads all of it and returns true.

/// Whether an input of a node that comes later is a constant that is known by now.
bool has_constant(const NodeReader& node, std::size_t index);
/// The only reader of a node's output, a sum with `number` (any where it is nothing).
std::optional<NodeReader> plus(const NodeReader& node, std::optional<double> number);

/// Within 0.1 %, which half precision keeps.
bool is_close(double a, double b);
bool is_number(const std::optional<double>& number, double value);

/// `x` with other dimensions behind the batch, whose product is the same.
Value reshaped(NodeReader& node, Value x, const std::vector<std::int64_t>& dims);

/// Files have single precision; the number of seven digits is what was meant.
double as_written(double single);

/// Whether input `index` is a constant, all of whose numbers are `value`, and no initializer, which
/// a training changes: what writers put where a constant must stand.
bool is_fixed(const NodeReader& node, std::size_t index, double value);
/// One number for each of the `size` places of the last axis of a tensor of `rank` dimensions and
/// the batch: [size], [1, size], ... but not [size, 1], which runs along another axis.
bool is_row(const Constant& constant, std::int64_t size, std::size_t rank);

/// The sum with a constant for each of the `channels` of an image or a sequence that alone reads a
/// node's output; `rank`: of the output, without the batch.
std::optional<NodeReader> plus_channels(const NodeReader& node, std::int64_t channels,
                                        std::size_t rank);
/// The constant that a node with two inputs reads beside `value`; null where there is none.
const Constant* constant_beside(const NodeReader& node, const std::string& value);
/// A factor for each channel, then an addend: a batch_norm whose statistics are 0 and 1 (what Caffe
/// writes behind its batch normalisation).
bool read_channel_scale(NodeReader& product);

/// x + 3, clipped to 0 to 6, divided by 6: hsigmoid; and multiplied by x before or after: hswish.
bool read_hard_swish(NodeReader& add);
/// x / sqrt 2, erf, + 1, times x, times 1/2, in the orders that PyTorch writes: gelu.
bool read_gelu_of_erf(NodeReader& division);
/// Mean along the last axis, difference, square, mean, + eps, root, ratio, and where they follow a
/// scale and a shift: layer_norm.
bool read_layer_norm(NodeReader& mean);
/// LayerNormalization, the operator.
void read_layer_norm_node(NodeReader& node);
/// Channels turned behind the positions, either of the two, and back: layer_norm over channels.
bool read_channel_norm(NodeReader& transpose);
/// The first place times 0, plus a weight for each channel, before all places: class_token.
bool read_class_token(NodeReader& slice);
/// A weight for each channel and place: position_embedding.
bool read_position_embedding(NodeReader& add);
/// Axes turned, a product with embeddings of relative positions, and back: relative_scores and
/// relative_values.
bool read_relative_product(NodeReader& transpose);
/// Reshape to groups, Transpose, Reshape: channel_shuffle.
bool read_channel_shuffle(NodeReader& reshape);
/// Whether a Reshape or Squeeze of pooled channels [N, C, 1, 1] gives [N, C]; `pooled` is what was
/// pooled, [C, H, W] or [C, T].
bool gives_channels(const NodeReader& node, const Shape& pooled);
/// Means and deviations under weights as `weighted_stats` is written (core/onnx/ops/sequence.cpp).
bool read_weighted_stats(NodeReader& product);

}  // namespace nas
