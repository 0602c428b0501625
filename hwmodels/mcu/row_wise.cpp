#include "hwmodels/mcu/row_wise.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/ops/op_schema.h"
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
          last_[at(output)] = i;
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
  std::int64_t bytes(int tensor) const { return program_.tensors[at(tensor)].bytes(); }
  bool is_root(std::size_t tensor) const {
    return root_[tensor] == static_cast<int>(tensor) && !program_.tensors[tensor].constant;
  }

 private:
  const MicroProgram& program_;
  std::vector<int> root_;
  std::vector<std::size_t> maker_, last_;
};

/// A region that grows step by step.
class Growth {
 public:
  explicit Growth(const MicroProgram& program)
      : program_(program), axes_(program.tensors.size(), RowNeeds::kWhole) {}

  /// Takes a step with its rows along `axis`; false, and nothing changes, where it does not fit.
  bool take(std::size_t index, std::size_t axis) {
    const auto needs = fitting_needs(index, axis);
    if (!needs) return false;
    const MicroStep& step = program_.steps[index];
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const int input = step.inputs[i];
      if (is_outside(input) && needs->axis[i] == RowNeeds::kWhole) read_whole_.push_back(input);
    }
    const int output = step.outputs.front();
    tokens_ = program_.tensors[at(output)].dims[axis];
    axes_[at(output)] = static_cast<int>(axis);
    needs_.push_back(*needs);
    return true;
  }

  /// The dimension along which a step continues the rows in hand, if there is one.
  std::optional<std::size_t> next_axis(std::size_t index) const {
    const MicroStep& step = program_.steps[index];
    const std::size_t rank = program_.tensors[at(step.outputs.front())].dims.size();
    for (std::size_t axis = 0; axis < rank; ++axis) {
      if (fitting_needs(index, axis)) return axis;
    }
    return std::nullopt;
  }

  std::int64_t tokens() const { return tokens_; }
  /// Of the steps in the order in which they were taken.
  const RowNeeds& needs(std::size_t place) const { return needs_[place]; }
  /// Tensors from outside that some step needs all of.
  const std::vector<int>& read_whole() const { return read_whole_; }

 private:
  bool is_activation(int input) const {
    return input != MicroStep::kAbsent && !program_.tensors[at(input)].constant;
  }
  bool is_outside(int input) const {
    return is_activation(input) && axes_[at(input)] == RowNeeds::kWhole;
  }

  std::optional<RowNeeds> fitting_needs(std::size_t index, std::size_t axis) const {
    const MicroStep& step = program_.steps[index];
    const std::int64_t rows = program_.tensors[at(step.outputs.front())].dims[axis];
    const bool fits = step.outputs.size() == 1 && rows >= 2 && (tokens_ == 0 || rows == tokens_);
    auto needs = fits ? row_needs(program_, step, axis) : std::nullopt;
    if (!needs) return std::nullopt;
    bool continues = tokens_ == 0;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      if (!is_activation(step.inputs[i]) || is_outside(step.inputs[i])) continue;
      if (axes_[at(step.inputs[i])] != needs->axis[i]) return std::nullopt;
      continues = true;
    }
    // What reads nothing of the region can still run with it where it works on as many rows.
    const bool reads_rows =
        std::ranges::any_of(needs->axis, [](int of) { return of != RowNeeds::kWhole; });
    return continues || reads_rows ? needs : std::nullopt;
  }

  const MicroProgram& program_;
  std::int64_t tokens_ = 0;
  std::vector<int> axes_;  ///< by tensor: the dimension of its rows; kWhole: not made inside
  std::vector<int> read_whole_;
  std::vector<RowNeeds> needs_;
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
    const std::vector<int> before = live_before(first);
    std::vector<RowRegion> regions{priced({first, first}, before, nullptr)};
    const std::size_t rank =
        program_.tensors[at(program_.steps[first].outputs.front())].dims.size();
    const std::size_t end = std::min(first + kMostSteps, program_.steps.size());
    for (std::size_t start = 0; start < rank; ++start) {
      Growth growth(program_);
      std::optional<std::size_t> axis = start;
      for (std::size_t i = first; i < end && axis && growth.take(i, *axis); ++i) {
        regions.push_back(priced({first, i, growth.tokens()}, before, &growth));
        if (i + 1 < end) axis = growth.next_axis(i + 1);
      }
    }
    return regions;
  }

  /// Tensors that are there when a step begins and are read by it or later.
  std::vector<int> live_before(std::size_t step) const {
    std::vector<int> live;
    for (std::size_t tensor = 0; tensor < program_.tensors.size(); ++tensor) {
      const int root = static_cast<int>(tensor);
      if (!uses_.is_root(tensor) || uses_.last(root) < step) continue;
      if (uses_.maker(root) == kNobody || uses_.maker(root) < step) live.push_back(root);
    }
    return live;
  }

  /// `needs`: null for one step by itself.
  std::int64_t factor_bytes(const MicroStep& step, const RowNeeds* needs) const {
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      const int input = step.inputs[i];
      if (input == MicroStep::kAbsent || !program_.tensors[at(input)].constant) continue;
      const MicroTensor& weights = program_.tensors[at(input)];
      const bool window = weights.dims.size() == 4 && micro_op_info(step.op).weights;
      std::int64_t own = weights.bytes() / (window ? weights.dims[1] : 1);
      if (needs && needs->axis[i] != RowNeeds::kWhole) {
        const std::int64_t rows = weights.dims[at(needs->axis[i])];
        own = own / rows * std::min(options_.rows, rows);
      }
      bytes = std::max(bytes, own);
    }
    return bytes;
  }

  /// `growth`: null for one step by itself.
  RowRegion priced(RowRegion region, const std::vector<int>& before, const Growth* growth) const {
    std::vector<std::int64_t> overwritten;  // bytes of tensors that end here, row by row
    for (const int root : before) {
      region.whole_bytes += uses_.bytes(root);
      if (growth == nullptr || uses_.last(root) > region.last) continue;
      const bool whole = std::ranges::any_of(growth->read_whole(),
                                             [&](int read) { return uses_.root(read) == root; });
      if (!whole) overwritten.push_back(uses_.bytes(root));
    }
    // By step: what inner tensors add to the bytes that are there, and what ends before.
    std::vector<std::int64_t> begins(region.last - region.first + 2, 0);
    const std::int64_t rows = std::min(options_.rows, region.tokens);
    for (std::size_t i = region.first; i <= region.last; ++i) {
      const MicroStep& step = program_.steps[i];
      const RowNeeds* needs = growth == nullptr ? nullptr : &growth->needs(i - region.first);
      region.factor_bytes = std::max(region.factor_bytes, factor_bytes(step, needs));
      if (uses_.is_view(step)) continue;
      for (const int root : step.outputs) {
        if (growth == nullptr || uses_.last(root) > region.last) {
          add_whole(uses_.bytes(root), overwritten, region);
          continue;
        }
        const std::int64_t bytes = uses_.bytes(root) / region.tokens * rows;
        begins[i - region.first] += bytes;
        begins[uses_.last(root) + 1 - region.first] -= bytes;
      }
    }
    std::int64_t live = 0;
    for (const std::int64_t change : begins) {
      live += change;
      region.row_bytes = std::max(region.row_bytes, live);
    }
    return region;
  }

  /// A result of the region takes the place of a tensor that ends in it, where one is as large.
  static void add_whole(std::int64_t bytes, std::vector<std::int64_t>& overwritten,
                        RowRegion& region) {
    const auto place = std::ranges::find(overwritten, bytes);
    if (place == overwritten.end()) {
      region.whole_bytes += bytes;
    } else {
      overwritten.erase(place);
    }
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

std::int64_t parameter_flash_bytes(const ArchGraph& graph) {
  std::int64_t bytes = 0;
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    for (const ParamSpec& spec : params) {
      const bool bias = spec.name == "bias";
      bytes += spec.shape.elements() * (bias ? 8 : 1);
    }
  }
  return bytes;
}

bool has_attention(const MicroProgram& program) {
  const bool softmax = std::ranges::any_of(
      program.steps, [](const MicroStep& step) { return step.op == MicroOp::kSoftmax; });
  return softmax && std::ranges::any_of(program.steps, [&](const MicroStep& step) {
           return step.op == MicroOp::kBatchMatmul && !program.tensors[at(step.inputs[1])].constant;
         });
}

}  // namespace nas
