#include "hwmodels/placement/first_fit.h"

#include <doctest/doctest.h>

#include <map>
#include <numeric>
#include <string>

#include "tests/hwmodels/placement/buffer_table.h"
#include "tests/test_data.h"

// Golden values: README of mcu-minimalloc, computed there by other code.

namespace nas {
namespace {

TEST_CASE("first fit takes the first hole that is large enough") {
  const std::vector<Buffer> buffers = {{4, 0, 1}, {2, 0, 3}, {6, 0, 3}, {2, 2, 3}};
  const std::vector<std::size_t> order = {0, 1, 2, 3};
  CHECK(first_fit(buffers, order) == std::vector<std::int64_t>{0, 4, 6, 0});
}

TEST_CASE("the published example of MiniMalloc needs 12 bytes") {
  const auto folder = test::test_data("mcu-minimalloc");
  if (folder.empty()) return;
  const std::vector<Buffer> buffers = test::read_buffer_table(folder / "input.12.csv");
  CHECK(most_live_bytes(buffers) == 12);
  CHECK(arena_bytes(buffers, first_fit(buffers, FitOrder::kBySize)) == 12);
  const std::vector<std::int64_t> published = {8, 8, 4, 4, 0};
  CHECK(!overlapping_pair(buffers, published));
  CHECK(overlapping_pair(buffers, std::vector<std::int64_t>(5, 0)).has_value());
}

TEST_CASE("first fit of the hard instances gives the offsets that other code gives") {
  const auto folder = test::test_data("mcu-minimalloc");
  if (folder.empty()) return;
  struct Golden {
    std::int64_t bound, by_size, by_area, sum_of_offsets;
    std::vector<std::int64_t> first_offsets;
  };
  const std::map<std::string, Golden> goldens = {
      {"A", {1048576, 1352704, 1750016, 97514496, {0, 0, 1327104, 883712, 817152}}},
      {"B", {1048576, 1420288, 1980416, 110973952, {721920, 1375232, 316416, 335872, 164864}}},
      {"C", {1039360, 1417216, 2043904, 120956928, {161792, 446464, 1227776, 1391616, 291840}}},
      {"D", {986112, 1292288, 1512448, 133261312, {815104, 202752, 155648, 953344, 964608}}},
      {"E", {1048576, 1435648, 1788928, 136764416, {641024, 203776, 291840, 1176576, 0}}}};
  for (const auto& [name, golden] : goldens) {
    CAPTURE(name);
    const auto buffers = test::read_buffer_table(folder / (name + ".1048576.csv"));
    CHECK(most_live_bytes(buffers) == golden.bound);
    const std::vector<std::int64_t> offsets = first_fit(buffers, FitOrder::kBySize);
    CHECK(arena_bytes(buffers, offsets) == golden.by_size);
    CHECK(std::accumulate(offsets.begin(), offsets.end(), std::int64_t{0}) ==
          golden.sum_of_offsets);
    CHECK(std::vector<std::int64_t>(offsets.begin(), offsets.begin() + 5) == golden.first_offsets);
    CHECK(!overlapping_pair(buffers, offsets));
    CHECK(arena_bytes(buffers, first_fit(buffers, FitOrder::kByArea)) == golden.by_area);
  }
}

}  // namespace
}  // namespace nas
