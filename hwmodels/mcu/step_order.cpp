#include "hwmodels/mcu/step_order.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/util/error.h"

namespace nas {
namespace {

using StepSet = std::vector<bool>;

/// What is known of the steps before anything is ordered.
class OrderProblem {
 public:
  OrderProblem(const MicroProgram& program, const EngineRules& engine)
      : program_(program), engine_(engine), readers_(program.tensors.size()) {
    std::vector<std::size_t> maker(program.tensors.size(), kNobody);
    for (std::size_t i = 0; i < size(); ++i) {
      for (const int output : step(i).outputs) maker[at(output)] = i;
    }
    needs_.resize(size());
    for (std::size_t i = 0; i < size(); ++i) {
      for (const int input : step(i).inputs) {
        if (input == MicroStep::kAbsent) continue;
        readers_[at(input)].push_back(i);
        if (maker[at(input)] != kNobody) needs_[i].push_back(maker[at(input)]);
      }
    }
    kept_.assign(program.tensors.size(), false);
    for (const int output : program.outputs) kept_[at(output)] = true;
  }

  std::size_t size() const { return program_.steps.size(); }

  bool ready(const StepSet& done, std::size_t next) const {
    return !done[next] &&
           std::ranges::all_of(needs_[next], [&](std::size_t need) { return done[need]; });
  }

  /// Bytes that stay live between two steps: made, and read by a step that is not done.
  std::int64_t resting_bytes(const StepSet& done) const {
    std::int64_t bytes = 0;
    for (const int input : program_.inputs) bytes += awaited(done, input) ? size_of(input) : 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!done[i]) continue;
      for (const int output : step(i).outputs) {
        if (awaited(done, output) && !is_view(i)) bytes += size_of(output);
      }
      // A view keeps the memory of what it shows.
      if (is_view(i) && awaited(done, step(i).outputs[0]) && !awaited(done, step(i).inputs[0])) {
        bytes += size_of(step(i).outputs[0]);
      }
    }
    return bytes;
  }

  /// Bytes live while a step runs, `resting` being those before it.
  std::int64_t running_bytes(const StepSet& done, std::size_t next, std::int64_t resting) const {
    if (is_view(next)) return resting;
    for (const int output : step(next).outputs) resting += size_of(output);
    if (in_place(done, next)) resting -= size_of(step(next).outputs.front());
    return resting;
  }

  /// No order has fewer bytes live: those of the fullest single step.
  std::int64_t bound() const {
    std::int64_t most = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (is_view(i)) continue;
      std::int64_t bytes = 0;
      std::vector<int> inputs = step(i).inputs;
      std::ranges::sort(inputs);
      inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
      for (const int input : inputs) bytes += input == MicroStep::kAbsent ? 0 : size_of(input);
      const bool over_input = may_be_in_place(i);
      for (const int output : step(i).outputs) bytes += over_input ? 0 : size_of(output);
      most = std::max(most, bytes);
    }
    return most;
  }

 private:
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
  static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor); }
  const MicroStep& step(std::size_t index) const { return program_.steps[index]; }

  std::int64_t size_of(int index) const {
    const MicroTensor& tensor = program_.tensors[at(index)];
    if (tensor.constant) return 0;
    return (tensor.bytes() + engine_.alignment - 1) / engine_.alignment * engine_.alignment;
  }

  bool is_view(std::size_t index) const {
    return micro_op_info(step(index).op).sharing == MicroSharing::kView;
  }

  bool awaited(const StepSet& done, int tensor) const {
    return kept_[at(tensor)] || std::ranges::any_of(readers_[at(tensor)], [&](std::size_t reader) {
             return !done[reader];
           });
  }

  bool may_be_in_place(std::size_t index) const {
    const MicroStep& asked = step(index);
    return engine_.in_place_depthwise && asked.op == MicroOp::kDepthwiseConv2d &&
           asked.options.depth_multiplier == 1 && !kept_[at(asked.inputs[0])] &&
           size_of(asked.outputs[0]) <= size_of(asked.inputs[0]);
  }

  bool in_place(const StepSet& done, std::size_t next) const {
    if (!may_be_in_place(next)) return false;
    return std::ranges::all_of(readers_[at(step(next).inputs[0])],
                               [&](std::size_t reader) { return reader == next || done[reader]; });
  }

  const MicroProgram& program_;
  const EngineRules& engine_;
  std::vector<std::vector<std::size_t>> readers_;  ///< by tensor
  std::vector<std::vector<std::size_t>> needs_;    ///< by step: steps that come before
  std::vector<bool> kept_;                         ///< by tensor: the caller reads it at the end
};

/// The best way found to a set of steps.
struct Way {
  std::int64_t peak = 0;
  std::int64_t resting = 0;
  std::vector<std::size_t> steps;
};
using Level = std::map<StepSet, Way>;

/// All sets with one step more.
Level next_level(const OrderProblem& problem, const Level& level) {
  Level next;
  for (const auto& [done, way] : level) {
    for (std::size_t step = 0; step < problem.size(); ++step) {
      if (!problem.ready(done, step)) continue;
      const std::int64_t peak = std::max(way.peak, problem.running_bytes(done, step, way.resting));
      StepSet more = done;
      more[step] = true;
      const auto [found, fresh] = next.try_emplace(more);
      if (!fresh && found->second.peak <= peak) continue;
      found->second.peak = peak;
      if (fresh) found->second.resting = problem.resting_bytes(more);
      found->second.steps = way.steps;
      found->second.steps.push_back(step);
    }
  }
  return next;
}

/// Keeps the ways with the lowest peaks, of equal ones those with the fewest bytes at rest.
void keep_best(Level& level, std::size_t most) {
  std::vector<Level::const_iterator> ways;
  for (auto way = level.cbegin(); way != level.cend(); ++way) ways.push_back(way);
  std::stable_sort(ways.begin(), ways.end(), [](const auto& a, const auto& b) {
    return std::pair(a->second.peak, a->second.resting) <
           std::pair(b->second.peak, b->second.resting);
  });
  for (std::size_t i = most; i < ways.size(); ++i) level.erase(ways[i]);
}

}  // namespace

StepOrder smallest_order(const MicroProgram& program, const EngineRules& engine,
                         const OrderOptions& options) {
  const OrderProblem problem(program, engine);
  StepOrder order;
  Level level;
  const StepSet nothing(problem.size(), false);
  const std::int64_t resting = problem.resting_bytes(nothing);
  level.emplace(nothing, Way{resting, resting, {}});
  bool exact = true;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    level = next_level(problem, level);
    NAS_CHECK(!level.empty(), "some step is ready");
    if (level.size() <= options.most_states) continue;
    keep_best(level, options.most_states);
    exact = false;
  }
  const Way& best = level.begin()->second;
  order.steps = best.steps;
  order.live_bytes = best.peak;
  order.lower_bound = exact ? best.peak : std::min(problem.bound(), best.peak);
  return order;
}

MicroProgram reordered(const MicroProgram& program, const std::vector<std::size_t>& steps) {
  NAS_CHECK(steps.size() == program.steps.size(), "every step once");
  MicroProgram result = program;
  for (std::size_t i = 0; i < steps.size(); ++i) result.steps[i] = program.steps[steps[i]];
  return result;
}

}  // namespace nas
