#include <algorithm>

#include "core/int8/kernels/broadcast.h"

namespace nas {
namespace {

/// Sums and differences at a common scale: twice the larger one, with bits to spare.
struct SumScaling {
  int left_shift = 20;
  FixedMultiplier left, right, output;
  std::int32_t left_zero = 0, right_zero = 0, output_zero = 0;
  ClampRange clamp{-128, 127};
  int sign = 1;

  std::int32_t operator()(std::int32_t a, std::int32_t b) const {
    const std::int32_t x = multiplied(wrapped_shift(a - left_zero, left_shift), left);
    const std::int32_t y = multiplied(wrapped_shift(b - right_zero, left_shift), right);
    return clamp(multiplied(x + sign * y, output) + output_zero);
  }
};

SumScaling sum_scaling(const KernelCall& call, int sign) {
  const MicroTensor &a = call.input(0), &b = call.input(1), &out = call.output();
  SumScaling scaling;
  scaling.left_shift = out.element == MicroElement::kInt8 ? 20 : 15;
  const double left = scale_of(call, a), right = scale_of(call, b);
  const double common = 2 * std::max(left, right);
  scaling.left = multiplier(call, left / common);
  scaling.right = multiplier(call, right / common);
  scaling.output = multiplier(call, common / (static_cast<double>(1 << scaling.left_shift) *
                                              static_cast<double>(scale_of(call, out))));
  scaling.left_zero = zero_point_of(a);
  scaling.right_zero = zero_point_of(b);
  scaling.output_zero = zero_point_of(out);
  scaling.clamp = clamp_range(call, out, call.options().activation);
  scaling.sign = sign;
  return scaling;
}

void expect_int16_without_powers(const KernelCall& call) {
  call.expect(call.output().element == MicroElement::kInt8 || !call.options().pot_scale_int16,
              "adds int16 numbers at scales that are powers of two");
}

MicroRun prepare_add(const KernelCall& call) {
  expect_int16_without_powers(call);
  return broadcast(call, sum_scaling(call, 1));
}

MicroRun prepare_sub(const KernelCall& call) {
  expect_int16_without_powers(call);
  return broadcast(call, sum_scaling(call, -1));
}

MicroRun prepare_mul(const KernelCall& call) {
  const MicroTensor &a = call.input(0), &b = call.input(1), &out = call.output();
  const double left = scale_of(call, a), right = scale_of(call, b), to = scale_of(call, out);
  const FixedMultiplier factor = multiplier(call, left * right / to);
  const ClampRange clamp = clamp_range(call, out, call.options().activation);
  const std::int32_t left_zero = zero_point_of(a), right_zero = zero_point_of(b),
                     output_zero = zero_point_of(out);
  return broadcast(call, [=](std::int32_t x, std::int32_t y) {
    return clamp(multiplied((x - left_zero) * (y - right_zero), factor) + output_zero);
  });
}

constexpr MicroKernel kKernels[] = {
    {MicroOp::kAdd, prepare_add}, {MicroOp::kSub, prepare_sub}, {MicroOp::kMul, prepare_mul}};

}  // namespace

extern constinit const MicroKernels arithmetic_kernels{kKernels};

}  // namespace nas
