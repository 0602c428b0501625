#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/int8/fixed_point.h"
#include "core/int8/program.h"

namespace nas {

/// Where the bytes of each tensor of a program are, by position.
using MicroMemory = std::span<std::byte* const>;

/// One step, prepared: all that follows from scales, shapes and weights is computed. Safe from
/// several threads on different memories.
using MicroRun = std::function<void(MicroMemory memory)>;

/// One step to prepare: what a kernel sees of it.
class KernelCall {
 public:
  KernelCall(const MicroProgram& program, const MicroStep& step) : program_(program), step_(step) {}

  const MicroOptions& options() const { return step_.options; }
  std::size_t input_count() const { return step_.inputs.size(); }
  bool has_input(std::size_t index) const;
  /// Throws Error(kUnsupported) where the step has no such operand.
  const MicroTensor& input(std::size_t index) const;
  const MicroTensor& output() const;
  /// Position among the tensors, for `at`.
  int input_at(std::size_t index) const;
  int output_at() const;
  /// The numbers of a constant int32 (or int64) operand. Throws Error(kUnsupported) where it is
  /// computed.
  std::vector<std::int64_t> ints(std::size_t index) const;
  /// The bytes of a constant operand; likewise.
  const std::string& constant(std::size_t index) const;

  /// Throws Error(kUnsupported): "CONV_2D 'stem/conv2d': <text>".
  [[noreturn]] void fail(const std::string& text) const;
  /// Fails with `text` unless `condition` holds.
  void expect(bool condition, const std::string& text) const {
    if (!condition) fail(text);
  }

 private:
  const MicroProgram& program_;
  const MicroStep& step_;
};

/// How an operator is executed. A file of core/int8/kernels defines `conv_kernels` and stands in
/// the list of CMakeLists.txt.
struct MicroKernel {
  MicroOp op;
  MicroRun (*prepare)(const KernelCall& call);
};
using MicroKernels = std::span<const MicroKernel>;

/// Of all files; generated.
std::span<const MicroKernels* const> micro_kernels();
/// Null: there is none.
const MicroKernel* find_kernel(MicroOp op);

template <class T>
T* at(MicroMemory memory, int tensor) {
  return reinterpret_cast<T*>(memory[static_cast<std::size_t>(tensor)]);
}

/// Throws Error(kUnsupported) for a factor that is not a number, is negative, or is 2^31 or more.
FixedMultiplier multiplier(const KernelCall& call, double factor);
/// The one scale of a tensor. Throws Error(kUnsupported) where it has none, or one that is not a
/// positive number.
float scale_of(const KernelCall& call, const MicroTensor& tensor);
std::int32_t zero_point_of(const MicroTensor& tensor);

/// The integers that a result is clamped to.
struct ClampRange {
  std::int32_t low, high;
  std::int32_t operator()(std::int32_t value) const { return std::clamp(value, low, high); }
};
/// Of a quantised tensor: its element's range, narrowed by an activation.
ClampRange clamp_range(const KernelCall& call, const MicroTensor& tensor,
                       MicroActivation activation = MicroActivation::kNone);

/// Calls `f` with a value of the element's type; fails for another than int8 and int16.
template <class F>
MicroRun for_activation_type(const KernelCall& call, MicroElement element, const F& f) {
  switch (element) {
    case MicroElement::kInt8:
      return f(std::int8_t{});
    case MicroElement::kInt16:
      return f(std::int16_t{});
    default:
      call.fail(std::string(name_of(element)) + " data cannot be executed");
  }
}

}  // namespace nas
