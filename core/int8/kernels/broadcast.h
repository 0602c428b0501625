#pragma once

#include <array>
#include <cstdint>

#include "core/int8/kernel.h"

namespace nas {

/// How two operands meet: every dimension of the output, with the step of each operand along it
/// (0 where it is repeated). Whole dimensions are merged where the steps allow.
struct BroadcastPlan {
  static constexpr std::size_t kMaxRank = 6;
  std::size_t rank = 0;
  std::array<std::int64_t, kMaxRank> extent{}, left{}, right{};
};

/// Throws Error(kUnsupported) for shapes that do not meet in the output's, and for other elements.
BroadcastPlan broadcast_plan(const KernelCall& call);

/// out = f(left, right) for every element of two operands that are broadcast.
template <class T, class F>
void for_each_pair(const BroadcastPlan& plan, const T* left, const T* right, T* out, const F& f) {
  std::array<std::int64_t, BroadcastPlan::kMaxRank> at{};
  const std::size_t last = plan.rank - 1;
  while (true) {
    for (std::int64_t i = 0; i < plan.extent[last]; ++i) {
      *out++ = static_cast<T>(
          f(std::int32_t{left[i * plan.left[last]]}, std::int32_t{right[i * plan.right[last]]}));
    }
    std::size_t axis = last;
    while (true) {
      if (axis == 0) return;
      --axis;
      left += plan.left[axis];
      right += plan.right[axis];
      if (++at[axis] < plan.extent[axis]) break;
      left -= plan.left[axis] * plan.extent[axis];
      right -= plan.right[axis] * plan.extent[axis];
      at[axis] = 0;
    }
  }
}

template <class F>
MicroRun broadcast(const KernelCall& call, const F& f) {
  const BroadcastPlan plan = broadcast_plan(call);
  const int a = call.input_at(0), b = call.input_at(1), to = call.output_at();
  return for_activation_type(call, call.output().element, [&]<class T>(T) -> MicroRun {
    return [=](MicroMemory memory) {
      for_each_pair(plan, at<T>(memory, a), at<T>(memory, b), at<T>(memory, to), f);
    };
  });
}

}  // namespace nas
