#include "core/int8/kernels/broadcast.h"

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

/// Steps of an operand along the output's dimensions, the last ones matched.
Dims steps_of(const KernelCall& call, const Dims& dims, const Dims& output) {
  call.expect(dims.size() <= output.size(), "an operand has more dimensions than the output");
  Dims steps(output.size(), 0);
  std::int64_t step = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    const std::size_t axis = output.size() - dims.size() + i;
    call.expect(dims[i] == output[axis] || dims[i] == 1,
                "its operands have shapes that do not meet");
    if (dims[i] != 1) steps[axis] = step;
    step *= dims[i];
  }
  return steps;
}

}  // namespace

BroadcastPlan broadcast_plan(const KernelCall& call) {
  const MicroTensor &a = call.input(0), &b = call.input(1), &out = call.output();
  call.expect(a.element == out.element && b.element == out.element, "it mixes elements");
  const Dims left = steps_of(call, a.dims, out.dims), right = steps_of(call, b.dims, out.dims);
  BroadcastPlan plan{.rank = 1, .extent = {1}};
  for (std::size_t axis = 0; axis < out.dims.size(); ++axis) {
    const std::int64_t extent = out.dims[axis];
    call.expect(extent >= 1, "its output is empty");
    if (extent == 1) continue;
    const std::size_t last = plan.rank - 1;
    const bool whole =
        plan.left[last] == left[axis] * extent && plan.right[last] == right[axis] * extent;
    if (plan.extent[last] == 1 || whole) {
      plan.extent[last] *= extent;
    } else {
      call.expect(plan.rank < BroadcastPlan::kMaxRank, "it has too many dimensions");
      plan.extent[plan.rank++] = extent;
    }
    plan.left[plan.rank - 1] = left[axis];
    plan.right[plan.rank - 1] = right[axis];
  }
  return plan;
}

}  // namespace nas
