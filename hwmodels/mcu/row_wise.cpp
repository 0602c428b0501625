#include "hwmodels/mcu/row_wise.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "core/util/error.h"
#include "hwmodels/mcu/row_steps.h"

namespace nas {
namespace {

/// No region of a published network is longer; bounds the work.
constexpr std::size_t kMostSteps = 200;

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

std::size_t at(int tensor) {
  return static_cast<std::size_t>(tensor);
}

/// Who makes and reads each tensor. Views are one tensor with what they show.
class Uses {
 public:
  explicit Uses(const MicroProgram& program)
      : program_(program),
        root_(program.tensors.size()),
        maker_(program.tensors.size(), kNobody),
        first_(program.tensors.size(), 0),
        last_(program.tensors.size(), 0) {
    for (std::size_t i = 0; i < root_.size(); ++i) root_[i] = static_cast<int>(i);
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
      const MicroStep& step = program.steps[i];
      for (const int input : step.inputs) {
        if (input != MicroStep::kAbsent) last_[at(root(input))] = i;
      }
      for (const int output : step.outputs) {
        maker_[at(output)] = i;
        if (is_view(step)) {
          root_[at(output)] = root(step.inputs[0]);
        } else {
          first_[at(output)] = last_[at(output)] = i;
        }
      }
    }
    for (const int output : program.outputs) last_[at(root(output))] = program.steps.size();
  }

  bool is_view(const MicroStep& step) const {
    return micro_op_info(step.op).sharing == MicroSharing::kView &&
           !program_.tensors[at(step.inputs[0])].constant;
  }
  int root(int tensor) const { return root_[at(tensor)]; }
  std::size_t maker(int tensor) const { return maker_[at(tensor)]; }
  /// The last step that reads it; behind all steps for an output.
  std::size_t last(int root) const { return last_[at(root)]; }
  std::size_t first(int root) const { return first_[at(root)]; }
  std::int64_t bytes(int tensor) const { return program_.tensors[at(tensor)].bytes(); }
  bool is_root(std::size_t tensor) const {
    return root_[tensor] == static_cast<int>(tensor) && !program_.tensors[tensor].constant;
  }

 private:
  const MicroProgram& program_;
  std::vector<int> root_;
  std::vector<std::size_t> maker_, first_, last_;
};

/// A region that grows step by step.
class Growth {
 public:
  Growth(const MicroProgram& program, const Uses& uses, std::size_t first)
      : program_(program), uses_(uses), first_(first) {}

  /// Takes the next step with its rows along `axis`; false where it does not fit.
  bool take(std::size_t index, std::size_t axis) {
    const MicroStep& step = program_.steps[index];
    const int output = step.outputs.front();
    const std::int64_t rows = program_.tensors[at(output)].dims[axis];
    if (step.outputs.size() != 1 || rows < 2 || (tokens_ != 0 && rows != tokens_)) return false;
    const auto needs = row_needs(program_, step, axis);
    if (!needs) return false;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const int input = step.inputs[i];
      if (input == MicroStep::kAbsent || program_.tensors[at(input)].constant) continue;
      const auto inner = axes_.find(input);
      if (inner != axes_.end() && needs->axis[i] != inner->second) return false;
    }
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const int input = step.inputs[i];
      if (input == MicroStep::kAbsent || program_.tensors[at(input)].constant) continue;
      if (!axes_.contains(input) && needs->axis[i] == RowNeeds::kWhole) {
        read_whole_.push_back(uses_.root(input));
      }
    }
    tokens_ = rows;
    axes_[output] = static_cast<int>(axis);
    return true;
  }

  /// The dimension along which the next step continues the rows in hand, if there is one.
  std::optional<std::size_t> next_axis(std::size_t index) {
    const MicroStep& step = program_.steps[index];
    const std::size_t rank = program_.tensors[at(step.outputs.front())].dims.size();
    for (std::size_t axis = 0; axis < rank; ++axis) {
      Growth copy = *this;
      if (copy.take(index, axis)) return axis;
    }
    return std::nullopt;
  }

  std::int64_t tokens() const { return tokens_; }
  bool reads_whole(int root) const {
    return std::ranges::find(read_whole_, root) != read_whole_.end();
  }

 private:
  const MicroProgram& program_;
  const Uses& uses_;
  std::size_t first_;
  std::int64_t tokens_ = 0;
  std::map<int, int> axes_;  ///< of tensors that are made inside: the dimension of their rows
  std::vector<int> read_whole_;
};

class Divider {
 public:
  Divider(const MicroProgram& program, const RowWiseOptions& options)
      : program_(program), options_(options), uses_(program) {}

  RowWisePlan run() {
    const std::size_t count = program_.steps.size();
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    // best[i]: the fewest bytes of the largest region of the steps before i.
    std::vector<std::int64_t> best(count + 1, kMost);
    std::vector<RowRegion> ending(count + 1);
    best[0] = 0;
    for (std::size_t first = 0; first < count; ++first) {
      for (const RowRegion& region : regions_from(first)) {
        const std::size_t end = region.last + 1;
        const std::int64_t most = std::max(best[first], region.bytes());
        if (most >= best[end]) continue;
        best[end] = most;
        ending[end] = region;
      }
    }
    RowWisePlan plan;
    for (std::size_t end = count; end > 0; end = ending[end].first) {
      plan.regions.push_back(ending[end]);
    }
    std::ranges::reverse(plan.regions);
    const auto peak = std::ranges::max_element(plan.regions, {}, &RowRegion::bytes);
    plan.peak = static_cast<std::size_t>(peak - plan.regions.begin());
    return plan;
  }

 private:
  /// All regions that begin with a step: it alone, and along each dimension as far as rows go.
  std::vector<RowRegion> regions_from(std::size_t first) const {
    std::vector<RowRegion> regions{priced({first, first}, nullptr)};
    const std::size_t rank =
        program_.tensors[at(program_.steps[first].outputs.front())].dims.size();
    const std::size_t end = std::min(first + kMostSteps, program_.steps.size());
    for (std::size_t start = 0; start < rank; ++start) {
      Growth growth(program_, uses_, first);
      std::optional<std::size_t> axis = start;
      for (std::size_t i = first; i < end && axis && growth.take(i, *axis); ++i) {
        regions.push_back(priced({first, i, growth.tokens()}, &growth));
        if (i + 1 < end) axis = growth.next_axis(i + 1);
      }
    }
    return regions;
  }

  std::int64_t factor_bytes(const MicroStep& step) const {
    std::int64_t bytes = 0;
    for (const int input : step.inputs) {
      if (input == MicroStep::kAbsent || !program_.tensors[at(input)].constant) continue;
      const MicroTensor& weights = program_.tensors[at(input)];
      const bool window = weights.dims.size() == 4 && micro_op_info(step.op).weights;
      bytes = std::max(bytes, weights.bytes() / (window ? weights.dims[1] : 1));
    }
    return bytes;
  }

  /// `growth`: null for one step by itself.
  RowRegion priced(RowRegion region, const Growth* growth) const {
    for (std::size_t i = region.first; i <= region.last; ++i) {
      region.factor_bytes = std::max(region.factor_bytes, factor_bytes(program_.steps[i]));
    }
    std::vector<std::int64_t> overwritten;  // bytes of tensors that end here, row by row
    std::vector<int> made, inner;
    for (std::size_t tensor = 0; tensor < program_.tensors.size(); ++tensor) {
      if (!uses_.is_root(tensor)) continue;
      const int root = static_cast<int>(tensor);
      const std::size_t maker = uses_.maker(root);
      const bool before = maker == kNobody || maker < region.first;
      if (before && uses_.last(root) >= region.first) {
        region.whole_bytes += uses_.bytes(root);
        const bool ends = uses_.last(root) <= region.last;
        if (ends && growth != nullptr && !growth->reads_whole(root)) {
          overwritten.push_back(uses_.bytes(root));
        }
      } else if (!before && maker <= region.last) {
        const bool outside = growth == nullptr || uses_.last(root) > region.last;
        (outside ? made : inner).push_back(root);
      }
    }
    for (const int root : made) {
      const auto place = std::ranges::find(overwritten, uses_.bytes(root));
      if (place != overwritten.end()) {
        overwritten.erase(place);
      } else {
        region.whole_bytes += uses_.bytes(root);
      }
    }
    if (growth != nullptr) region.row_bytes = inner_bytes(region, inner);
    return region;
  }

  std::int64_t inner_bytes(const RowRegion& region, const std::vector<int>& inner) const {
    const std::int64_t rows = std::min(options_.rows, region.tokens);
    std::int64_t most = 0;
    for (std::size_t i = region.first; i <= region.last; ++i) {
      std::int64_t live = 0;
      for (const int root : inner) {
        if (uses_.first(root) > i || uses_.last(root) < i) continue;
        live += uses_.bytes(root) / region.tokens * rows;
      }
      most = std::max(most, live);
    }
    return most;
  }

  const MicroProgram& program_;
  const RowWiseOptions& options_;
  Uses uses_;
};

}  // namespace

RowWisePlan plan_row_wise(const MicroProgram& program, const RowWiseOptions& options) {
  if (options.rows < 1) {
    throw Error(ErrorKind::kUsage, "rows = " + std::to_string(options.rows) + ", must be >= 1");
  }
  if (program.steps.empty()) {
    throw Error(ErrorKind::kUsage, "the network has no steps: there is nothing to plan");
  }
  return Divider(program, options).run();
}

bool has_attention(const MicroProgram& program) {
  const bool softmax = std::ranges::any_of(
      program.steps, [](const MicroStep& step) { return step.op == MicroOp::kSoftmax; });
  return softmax && std::ranges::any_of(program.steps, [&](const MicroStep& step) {
           return step.op == MicroOp::kBatchMatmul && !program.tensors[at(step.inputs[1])].constant;
         });
}

}  // namespace nas
