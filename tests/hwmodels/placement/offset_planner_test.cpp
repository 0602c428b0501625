#include "hwmodels/placement/offset_planner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/util/error.h"
#include "core/util/rng.h"
#include "hwmodels/placement/first_fit.h"
#include "hwmodels/placement/placement_search.h"
#include "tests/hwmodels/placement/buffer_table.h"
#include "tests/test_data.h"

namespace nas {
namespace {

/// Some order of first fit gives a smallest plan: that of ascending offsets of any smallest plan.
std::int64_t smallest_arena(const std::vector<Buffer>& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  do {
    smallest = std::min(smallest, arena_bytes(buffers, first_fit(buffers, order)));
  } while (std::next_permutation(order.begin(), order.end()));
  return smallest;
}

std::vector<Buffer> random_buffers(Rng& rng, std::size_t count, std::uint64_t steps) {
  std::vector<Buffer> buffers(count);
  for (Buffer& buffer : buffers) {
    buffer.bytes = 1 + static_cast<std::int64_t>(rng.below(9));
    buffer.first = static_cast<std::int64_t>(rng.below(steps));
    buffer.last = buffer.first + static_cast<std::int64_t>(rng.below(3));
  }
  return buffers;
}

TEST_CASE("plans of few buffers are as small as any order of first fit gives, and proved so") {
  Rng rng({.seed = 7});
  for (int round = 0; round < 400; ++round) {
    const std::vector<Buffer> buffers = random_buffers(rng, 7, 6);
    const OffsetPlan plan = plan_offsets(buffers);
    CAPTURE(round);
    REQUIRE(!overlapping_pair(buffers, plan.offsets));
    CHECK(plan.bytes == arena_bytes(buffers, plan.offsets));
    CHECK(plan.bytes == smallest_arena(buffers));
    CHECK(plan.optimal());
  }
}

TEST_CASE("a plan above the live bytes is proved by search") {
  const std::vector<Buffer> buffers = {{4, 6, 7}, {3, 0, 0}, {1, 0, 1}, {2, 1, 2}, {2, 5, 5},
                                       {1, 0, 3}, {1, 3, 7}, {2, 2, 5}, {1, 1, 1}};
  CHECK(most_live_bytes(buffers) == 5);
  const OffsetPlan plan = plan_offsets(buffers);
  CHECK(plan.bytes == 6);
  CHECK(plan.optimal());
  CHECK(smallest_arena(buffers) == 6);
}

TEST_CASE("a search within less than the smallest arena proves that there is no plan") {
  Rng rng({.seed = 11});
  for (int round = 0; round < 200; ++round) {
    const std::vector<Buffer> buffers = random_buffers(rng, 7, 5);
    const std::int64_t smallest = smallest_arena(buffers);
    CAPTURE(round);
    CHECK(place_within(buffers, smallest - 1).answer == PlacementAnswer::kImpossible);
    const PlacementResult result = place_within(buffers, smallest);
    REQUIRE(result.answer == PlacementAnswer::kPlaced);
    CHECK(!overlapping_pair(buffers, result.offsets));
  }
}

TEST_CASE("offsets are multiples of the alignment") {
  Rng rng({.seed = 3});
  const std::vector<Buffer> buffers = random_buffers(rng, 12, 8);
  const OffsetPlan plan = plan_offsets(buffers, {.alignment = 16});
  for (const std::int64_t offset : plan.offsets) CHECK(offset % 16 == 0);
  CHECK(!overlapping_pair(buffers, plan.offsets));
}

TEST_CASE("without a budget the plan is the best first fit, with the bound beside it") {
  const auto folder = test::test_data("mcu-minimalloc");
  if (folder.empty()) return;
  const auto buffers = test::read_buffer_table(folder / "D.1048576.csv");
  const OffsetPlan plan = plan_offsets(buffers, {.nodes = 0});
  CHECK(plan.bytes <= 1292288);  // by size
  CHECK(plan.lower_bound == 986112);
  CHECK(!plan.optimal());
}

TEST_CASE("no buffers need no memory") {
  const OffsetPlan plan = plan_offsets({});
  CHECK(plan.bytes == 0);
  CHECK(plan.optimal());
  const std::vector<Buffer> empty = {{0, 0, 5}, {0, 2, 3}};
  CHECK(plan_offsets(empty).bytes == 0);
}

TEST_CASE("buffers with impossible numbers are refused by position") {
  const std::vector<Buffer> backwards = {{4, 0, 1}, {4, 3, 2}};
  CHECK_THROWS_WITH_AS(plan_offsets(backwards),
                       "buffer 1: is needed from step 3 to 2, which is before", Error);
  const std::vector<Buffer> negative = {{-4, 0, 1}};
  CHECK_THROWS_AS(plan_offsets(negative), Error);
}

TEST_CASE("acceptance: the hard instances A to E fit into 1 MiB; A, B and E are proved optimal") {
  const auto folder = test::test_data("mcu-minimalloc");
  if (folder.empty()) return;
  constexpr std::int64_t kMebibyte = 1048576;
  for (const std::string name : {"A", "B", "C", "D", "E"}) {
    CAPTURE(name);
    const auto buffers = test::read_buffer_table(folder / (name + ".1048576.csv"));
    const OffsetPlan plan = plan_offsets(buffers, {.enough = kMebibyte});
    CHECK(!overlapping_pair(buffers, plan.offsets));
    CHECK(plan.bytes == arena_bytes(buffers, plan.offsets));
    CHECK(plan.bytes <= kMebibyte);
    CHECK(plan.bytes >= plan.lower_bound);
    if (name != "C" && name != "D") CHECK(plan.optimal());
  }
}

}  // namespace
}  // namespace nas
