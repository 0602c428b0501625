#include "hwmodels/placement/offset_planner.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "hwmodels/placement/first_fit.h"
#include "hwmodels/placement/placement_search.h"

namespace nas {
namespace {

class Planner {
 public:
  Planner(std::span<const Buffer> buffers, const PlanOptions& options)
      : buffers_(buffers), options_(options), nodes_left_(options.nodes) {
    for (const Buffer& buffer : buffers) unit_ = std::gcd(unit_, buffer.bytes);
    unit_ = std::max<std::int64_t>(unit_, 1);
    plan_.lower_bound = most_live_bytes(buffers);
  }

  OffsetPlan run() {
    plan_.offsets.assign(buffers_.size(), 0);
    plan_.bytes = arena_bytes(buffers_, plan_.offsets);
    if (!buffers_.empty()) fit();
    if (good_enough()) return plan_;
    if (options_.enough >= plan_.lower_bound) {
      search(options_.enough, nodes_left_);
    } else {
      search(plan_.lower_bound, nodes_left_ / 2);
      close_in();
    }
    return plan_;
  }

 private:
  bool good_enough() const { return plan_.optimal() || plan_.bytes <= options_.enough; }

  void fit() {
    bool first = true;
    for (const FitOrder order :
         {FitOrder::kBySize, FitOrder::kByFirstUse, FitOrder::kByArea, FitOrder::kByLife}) {
      std::vector<std::int64_t> offsets = first_fit(buffers_, order);
      const std::int64_t bytes = arena_bytes(buffers_, offsets);
      if (!first && bytes >= plan_.bytes) continue;
      first = false;
      plan_.bytes = bytes;
      plan_.offsets = std::move(offsets);
    }
  }

  PlacementAnswer search(std::int64_t capacity, std::int64_t nodes) {
    const PlacementResult result =
        place_within(buffers_, capacity, {std::min(nodes, nodes_left_), options_.stop});
    nodes_left_ -= result.nodes;
    if (result.answer == PlacementAnswer::kPlaced) {
      plan_.offsets = result.offsets;
      plan_.bytes = arena_bytes(buffers_, plan_.offsets);
    }
    // An arena is a sum of sizes.
    if (result.answer == PlacementAnswer::kImpossible) {
      plan_.lower_bound = (capacity / unit_ + 1) * unit_;
    }
    return result.answer;
  }

  /// Halves what lies between the bound and the best plan; a size that took too long counts as too
  /// small here, which proves nothing.
  void close_in() {
    constexpr std::int64_t kParts = 8;  // of the budget: a search for a plan of one size
    const std::int64_t part = std::max<std::int64_t>(nodes_left_ / kParts, 1);
    std::int64_t too_small = plan_.lower_bound;
    while (nodes_left_ > 0 && !options_.stop.stop_requested() && !good_enough()) {
      too_small = std::max(too_small, plan_.lower_bound - unit_);
      const std::int64_t between = (plan_.bytes - too_small) / unit_ / 2;
      if (between == 0) return;
      const std::int64_t capacity = too_small + between * unit_;
      if (search(capacity, part) != PlacementAnswer::kPlaced) too_small = capacity;
    }
  }

  std::span<const Buffer> buffers_;
  const PlanOptions& options_;
  std::int64_t nodes_left_;
  std::int64_t unit_ = 0;  ///< divides all sizes
  OffsetPlan plan_;
};

}  // namespace

OffsetPlan plan_offsets(std::span<const Buffer> buffers, const PlanOptions& options) {
  check_buffers(buffers);
  if (options.alignment < 1) {
    throw Error(ErrorKind::kUsage,
                "alignment = " + std::to_string(options.alignment) + ", must be >= 1");
  }
  std::vector<Buffer> rounded(buffers.begin(), buffers.end());
  for (Buffer& buffer : rounded) {
    buffer.bytes = (buffer.bytes + options.alignment - 1) / options.alignment * options.alignment;
  }
  return Planner(rounded, options).run();
}

}  // namespace nas
