#include "hwmodels/mcu/step_order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/util/rng.h"
#include "hwmodels/mcu/memory_plan.h"

namespace nas {
namespace {

/// Random steps that each read one or two of the tensors before them.
MicroProgram random_program(Rng& rng, int steps) {
  MicroProgram program;
  const auto add = [&] {
    program.tensors.push_back({.dims = {1, 4 * (1 + static_cast<std::int64_t>(rng.below(8)))}});
    return static_cast<int>(program.tensors.size()) - 1;
  };
  program.inputs = {add()};
  for (int i = 0; i < steps; ++i) {
    MicroStep step;
    const auto made = static_cast<std::uint64_t>(program.tensors.size());
    step.inputs = {static_cast<int>(rng.below(made))};
    if (rng.bernoulli(0.5)) step.inputs.push_back(static_cast<int>(rng.below(made)));
    step.outputs = {add()};
    program.steps.push_back(step);
  }
  program.outputs = program.steps.back().outputs;
  return program;
}

/// Random steps on images: sums, depthwise convolutions with a stride of 1 or 2, and views.
MicroProgram random_images(Rng& rng, int steps) {
  constexpr std::int64_t kSide = 8;
  MicroProgram program;
  const auto add = [&](MicroTensor tensor) {
    program.tensors.push_back(std::move(tensor));
    return static_cast<int>(program.tensors.size()) - 1;
  };
  program.inputs = {add({.dims = {1, kSide, kSide, 1 + static_cast<std::int64_t>(rng.below(4))}})};
  std::vector<int> made = program.inputs;
  for (int i = 0; i < steps; ++i) {
    const int from = made[rng.below(made.size())];
    std::vector<std::int64_t> dims = program.tensors[static_cast<std::size_t>(from)].dims;
    MicroStep step{.inputs = {from}};
    const std::uint64_t kind = rng.below(4);
    if (kind < 2) {
      step.op = MicroOp::kDepthwiseConv2d;
      const int stride = kind == 0 ? 2 : 1;
      step.options.stride_h = step.options.stride_w = stride;
      step.inputs.push_back(add({.dims = {1, 3, 3, dims[3]}, .constant = true}));
      for (const std::size_t axis : {1, 2}) dims[axis] = (dims[axis] + stride - 1) / stride;
    } else if (kind == 2) {
      step.op = MicroOp::kReshape;
      std::swap(dims[1], dims[3]);
      step.inputs.push_back(add({.element = MicroElement::kInt32, .dims = {4}, .constant = true}));
    } else {
      step.inputs.push_back(made[rng.below(made.size())]);
      dims[3] = 1 + static_cast<std::int64_t>(rng.below(4));
    }
    made.push_back(add({.dims = dims}));
    step.outputs = {made.back()};
    program.steps.push_back(step);
  }
  program.outputs = {made.back(), made[made.size() / 2]};
  return program;
}

std::int64_t peak_of(const MicroProgram& program) {
  const MemoryPlan plan = plan_memory(program, kTinyEngine, {.nodes = 0});
  return plan.live_bytes[plan.peak_step];
}

bool runs(const MicroProgram& program, const std::vector<std::size_t>& order) {
  try {
    reordered(program, order).check();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

TEST_CASE("the order with the fewest live bytes is that of trying all orders") {
  Rng rng({.seed = 5});
  int better = 0;
  for (int round = 0; round < 120; ++round) {
    CAPTURE(round);
    const MicroProgram program = round % 2 == 0 ? random_program(rng, 6) : random_images(rng, 6);
    std::vector<std::size_t> order(program.steps.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    do {
      if (runs(program, order)) fewest = std::min(fewest, peak_of(reordered(program, order)));
    } while (std::next_permutation(order.begin(), order.end()));
    const StepOrder found = smallest_order(program, kTinyEngine);
    CHECK(found.optimal());
    CHECK(runs(program, found.steps));
    CHECK(found.live_bytes == fewest);
    CHECK(peak_of(reordered(program, found.steps)) == fewest);
    better += fewest < peak_of(program) ? 1 : 0;
  }
  CHECK(better > 0);
}

TEST_CASE("a beam says that its order is not proved") {
  Rng rng({.seed = 6});
  const MicroProgram program = random_program(rng, 14);
  const StepOrder exact = smallest_order(program, kTinyEngine);
  const StepOrder beam = smallest_order(program, kTinyEngine, {.most_states = 2});
  CHECK(runs(program, beam.steps));
  CHECK(beam.live_bytes >= exact.live_bytes);
  CHECK(beam.lower_bound <= exact.live_bytes);
}

}  // namespace
}  // namespace nas
