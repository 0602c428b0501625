#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ops/op_schema.h"

namespace nas {

/// An operation as a part of a kernel, with what its cost depends on.
struct KernelOp {
  const OpSchema* op = nullptr;
  std::vector<AttrValue> attrs{};  ///< in schema order, complete
  std::vector<TensorType> inputs{};
  TensorType output{};
  bool in_place = false;  ///< the result takes the place of an input that nobody else reads
};

/// What a device runs as one: an operation, or several that it fuses, in the order in which they
/// run. Not empty.
struct Kernel {
  std::vector<KernelOp> ops;
};

/// Infers the output. Throws Error(kUsage) for shapes that do not fit, Error(kUnsupported) for
/// inputs that are no real numbers and for several outputs.
KernelOp make_kernel_op(const OpSchema& op, std::span<const AttrValue> attrs,
                        std::vector<TensorType> inputs, bool in_place);

/// "conv2d", "conv2d_depthwise" where every channel has a filter of its own.
std::string kernel_op_kind(const KernelOp& op);
/// What one predictor is of: the kinds of the operations with '+' between them.
std::string kernel_kind(const Kernel& kernel);

/// "relu 16x32x32 in_place + conv2d 16x32x32 out_channels=16 kernel=3 padding=1": sizes of the
/// inputs (channels first) and attributes that are not at their defaults. `parse_kernel` reads it
/// back and throws Error(kData) for any other text.
std::string kernel_text(const Kernel& kernel);
Kernel parse_kernel(std::string_view text);

/// What the work on a batch amounts to. FLOPs are 2 * MACs; bytes are those of inputs, outputs and
/// weights in single precision, each once.
struct KernelWork {
  double flops = 0;
  double bytes = 0;
  bool depthwise = false;
};
KernelWork kernel_work(const Kernel& kernel, std::int64_t batch);

/// What predictors of a kind see, as many numbers for every kernel of it: sizes, attributes,
/// logarithms of the work, and what the channels leave over in vectors of 16 numbers (nn-Meter,
/// MobiSys 2021, table 2, has sizes, attributes and work).
std::vector<double> kernel_features(const Kernel& kernel);

}  // namespace nas
