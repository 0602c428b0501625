#include "hwmodels/mcu/step_order.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

/// A bit for each step: it is done. Then one for each: it is done and its output lies in the larger
/// buffer of its input.
using StepSet = std::vector<std::uint64_t>;

bool has(const StepSet& set, std::size_t step) {
  return (set[step / 64] >> (step % 64) & 1) != 0;
}
StepSet with(StepSet set, std::size_t step) {
  set[step / 64] |= std::uint64_t{1} << (step % 64);
  return set;
}

/// What a step does to the bytes that are live.
struct Change {
  std::int64_t running = 0;  ///< live while it runs
  std::int64_t resting = 0;  ///< live after it: what is read by steps that are not done
  bool shrinks = false;      ///< it overwrites its input with a smaller output
};

/// What is known of the steps before anything is ordered. A view and what it shows are one tensor.
class OrderProblem {
 public:
  OrderProblem(const MicroProgram& program, const EngineRules& engine)
      : program_(program),
        engine_(engine),
        root_(program.tensors.size()),
        readers_(program.tensors.size()),
        kept_(program.tensors.size(), false),
        users_(size()),
        needs_(size(), 0) {
    std::iota(root_.begin(), root_.end(), 0);
    maker_.assign(program.tensors.size(), kNobody);
    for (std::size_t i = 0; i < size(); ++i) {
      if (is_view(i)) root_[at(step(i).outputs[0])] = root_[at(step(i).inputs[0])];
      std::vector<std::size_t> makers;
      for (const int input : inputs(i)) {
        readers_[at(root_[at(input)])].push_back(i);
        if (maker_[at(input)] != kNobody) makers.push_back(maker_[at(input)]);
      }
      std::ranges::sort(makers);
      makers.erase(std::unique(makers.begin(), makers.end()), makers.end());
      for (const std::size_t before : makers) users_[before].push_back(i);
      needs_[i] = makers.size();
      for (const int output : step(i).outputs) maker_[at(output)] = i;
    }
    for (const int output : program.outputs) kept_[at(root_[at(output)])] = true;
  }

  std::size_t size() const { return program_.steps.size(); }
  StepSet nothing() const { return StepSet((2 * size() + 63) / 64, 0); }
  StepSet after(const StepSet& done, std::size_t next, const Change& change) const {
    StepSet set = with(done, next);
    return change.shrinks ? with(std::move(set), size() + next) : set;
  }

  std::int64_t input_bytes() const {
    std::int64_t bytes = 0;
    for (const int input : program_.inputs) bytes += size_of(input);
    return bytes;
  }

  std::vector<std::size_t> ready_at_first() const {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < size(); ++i) {
      if (needs_[i] == 0) ready.push_back(i);
    }
    return ready;
  }

  /// The steps that can follow once `last` is done as well, ascending.
  std::vector<std::size_t> ready_after(const StepSet& done, std::vector<std::size_t> ready,
                                       std::size_t last) const {
    std::erase(ready, last);
    for (const std::size_t user : users_[last]) {
      const std::vector<int> read = inputs(user);
      if (std::ranges::all_of(read, [&](int input) { return made(done, input); })) {
        ready.push_back(user);
      }
    }
    std::ranges::sort(ready);
    ready.erase(std::unique(ready.begin(), ready.end()), ready.end());
    return ready;
  }

  Change change_by(const StepSet& done, std::size_t next, std::int64_t resting) const {
    Change change{resting, resting};
    std::vector<int> freed;
    for (const int input : inputs(next)) {
      const int root = root_[at(input)];
      const bool last =
          !kept_[at(root)] && std::ranges::all_of(readers_[at(root)], [&](std::size_t reader) {
            return reader == next || has(done, reader);
          });
      if (last && std::ranges::find(freed, root) == freed.end()) freed.push_back(root);
    }
    for (const int root : freed) change.resting -= buffer_bytes(done, root);
    if (is_view(next)) return change;
    const bool awaited = std::ranges::any_of(step(next).outputs, [&](int output) {
      return kept_[at(output)] || !readers_[at(output)].empty();
    });
    if (const auto overwritten = overwritten_root(done, next, freed)) {
      const std::int64_t bytes = buffer_bytes(done, *overwritten);
      change.shrinks = bytes > size_of(step(next).outputs.front());
      change.resting += awaited ? bytes : 0;
      return change;
    }
    for (const int output : step(next).outputs) {
      change.running += size_of(output);
      const bool read = kept_[at(output)] || !readers_[at(output)].empty();
      change.resting += read ? size_of(output) : 0;
    }
    return change;
  }

  /// Whether doing this step decides that another one overwrites what both read and keeps
  /// all of it.
  bool binds(const StepSet& done, std::size_t next) const {
    for (const int input : inputs(next)) {
      const int root = root_[at(input)];
      for (const std::size_t reader : readers_[at(root)]) {
        if (reader == next || has(done, reader) || !is_in_place(reader)) continue;
        const MicroStep& other = step(reader);
        if (root_[at(other.inputs[0])] == root &&
            size_of(other.outputs[0]) < buffer_bytes(done, root)) {
          return true;
        }
      }
    }
    return false;
  }

  /// No order has fewer bytes live: those of the fullest single step.
  std::int64_t bound() const {
    std::int64_t most = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (is_view(i)) continue;
      std::vector<int> touched;
      for (const int input : inputs(i)) touched.push_back(root_[at(input)]);
      if (!is_in_place(i)) {
        touched.insert(touched.end(), step(i).outputs.begin(), step(i).outputs.end());
      }
      std::ranges::sort(touched);
      touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
      std::int64_t bytes = 0;
      for (const int tensor : touched) bytes += size_of(tensor);
      most = std::max(most, bytes);
    }
    return most;
  }

 private:
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
  static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor); }
  const MicroStep& step(std::size_t index) const { return program_.steps[index]; }

  /// Activations that a step reads.
  std::vector<int> inputs(std::size_t index) const {
    std::vector<int> read;
    for (const int input : step(index).inputs) {
      if (input != MicroStep::kAbsent && !program_.tensors[at(input)].constant) {
        read.push_back(input);
      }
    }
    return read;
  }

  std::int64_t size_of(int index) const {
    const std::int64_t bytes = program_.tensors[at(index)].bytes();
    return (bytes + engine_.alignment - 1) / engine_.alignment * engine_.alignment;
  }

  bool is_view(std::size_t index) const {
    return micro_op_info(step(index).op).sharing == MicroSharing::kView &&
           !program_.tensors[at(step(index).inputs[0])].constant;
  }

  bool is_in_place(std::size_t index) const {
    const MicroStep& asked = step(index);
    return engine_.in_place_depthwise && asked.op == MicroOp::kDepthwiseConv2d &&
           asked.options.depth_multiplier == 1;
  }

  /// The root of its input, where a step overwrites that: nothing else will read it (`freed`).
  std::optional<int> overwritten_root(const StepSet& done, std::size_t next,
                                      const std::vector<int>& freed) const {
    if (!is_in_place(next) || step(next).inputs.empty()) return std::nullopt;
    const int root = root_[at(step(next).inputs[0])];
    const bool free = std::ranges::find(freed, root) != freed.end();
    const bool fits = free && size_of(step(next).outputs[0]) <= buffer_bytes(done, root);
    return fits ? std::optional(root) : std::nullopt;
  }

  /// Of the buffer that a tensor lies in, which may be that of what it overwrote.
  std::int64_t buffer_bytes(const StepSet& done, int root) const {
    std::size_t maker = maker_[at(root)];
    while (maker != kNobody && has(done, size() + maker)) {
      root = root_[at(step(maker).inputs[0])];
      maker = maker_[at(root)];
    }
    return size_of(root);
  }

  bool made(const StepSet& done, int tensor) const {
    const std::size_t maker = maker_[at(tensor)];
    return maker == kNobody || has(done, maker);
  }

  const MicroProgram& program_;
  const EngineRules& engine_;
  std::vector<int> root_;                          ///< by tensor: what a view shows, else itself
  std::vector<std::vector<std::size_t>> readers_;  ///< by root
  std::vector<bool> kept_;                         ///< by root: the caller reads it at the end
  std::vector<std::size_t> maker_;                 ///< by tensor: the step, or kNobody
  std::vector<std::vector<std::size_t>> users_;    ///< by step: that read what it makes
  std::vector<std::size_t> needs_;                 ///< by step: how many make what it reads
};

/// The best way found to a set of steps.
struct Way {
  std::int64_t peak = 0;
  std::int64_t resting = 0;
  std::vector<std::size_t> steps;
  std::vector<std::size_t> ready;
};
using Level = std::map<StepSet, Way>;

/// The steps that a way may continue with. One that neither raises the peak nor leaves more at rest
/// can always come next: done later it frees no more and holds no less.
std::vector<std::size_t> continuations(const OrderProblem& problem, const StepSet& done,
                                       const Way& way) {
  for (const std::size_t step : way.ready) {
    const Change change = problem.change_by(done, step, way.resting);
    const bool harmless = change.running <= way.peak && change.resting <= way.resting;
    if (harmless && !problem.binds(done, step)) return {step};
  }
  return way.ready;
}

/// All sets with one step more.
Level next_level(const OrderProblem& problem, const Level& level) {
  Level next;
  for (const auto& [done, way] : level) {
    for (const std::size_t step : continuations(problem, done, way)) {
      const Change change = problem.change_by(done, step, way.resting);
      const std::int64_t peak = std::max(way.peak, change.running);
      const auto [found, fresh] = next.try_emplace(problem.after(done, step, change));
      Way& more = found->second;
      if (!fresh && more.peak <= peak) continue;
      more.peak = peak;
      if (fresh) {
        more.resting = change.resting;
        more.ready = problem.ready_after(found->first, way.ready, step);
      }
      more.steps = way.steps;
      more.steps.push_back(step);
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
  const std::int64_t resting = problem.input_bytes();
  level.emplace(problem.nothing(), Way{resting, resting, {}, problem.ready_at_first()});
  bool exact = true;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    level = next_level(problem, level);
    NAS_CHECK(!level.empty(), "some step is ready");
    if (level.size() <= options.most_states) continue;
    keep_best(level, options.most_states);
    exact = false;
  }
  // All steps are done in each, with other buffers overwritten.
  const Way& best = std::ranges::min_element(level, {}, [](const auto& entry) {
                      return entry.second.peak;
                    })->second;
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
