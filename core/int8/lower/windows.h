#pragma once

#include "core/int8/lower/node_lowering.h"

namespace nas {

/// A window along one axis of a node's image, as it slides there.
struct MicroWindow {
  std::int64_t extent = 1, positions = 1;  ///< of input and output
  std::int64_t kernel = 1, stride = 1, padding = 0, dilation = 1;

  std::int64_t reach() const { return dilation * (kernel - 1) + 1; }
  /// Places read behind the end of the input.
  std::int64_t after() const;
  /// Whether TensorFlow's SAME puts the same padding before and after.
  bool is_same() const;
};

/// Rows and columns; a sequence has one row.
struct MicroWindows {
  MicroWindow rows, columns;

  bool unpadded() const;
  bool same() const { return rows.is_same() && columns.is_same(); }
  /// Whether a step must pad before one with this window, as `options` has it.
  bool needs_pad(const LoweringOptions& options) const;
};

/// From the attributes kernel, stride, padding and, where the operation has one, dilation.
MicroWindows window_of(const NodeLowering& node, std::string_view dilation = "");

/// The options that say this window, once `pad_window` has padded.
MicroOptions window_options(const NodeLowering& node, const MicroWindows& windows);

/// `tensor` with a border of zeros; with `lowest`, of the lowest numbers.
int pad_border(NodeLowering& node, int tensor, const MicroWindows& windows, bool lowest = false);
/// The same where the options cannot say it; otherwise `tensor` itself.
int pad_window(NodeLowering& node, int tensor, const MicroWindows& windows, bool lowest = false);

}  // namespace nas
