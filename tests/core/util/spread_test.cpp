#include "core/util/spread.h"

#include <doctest/doctest.h>

using namespace nas;

TEST_CASE("spread: even, ascending, and never more than there are") {
  CHECK(spread_indices(10, 4) == std::vector<std::uint32_t>{0, 2, 5, 7});
  CHECK(spread_indices(3, 7) == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(spread_indices(3, 0).empty());
  CHECK(spread_indices(0, 3).empty());
  CHECK(spread(std::vector<std::uint32_t>{9, 8, 7, 6}, 2) == std::vector<std::uint32_t>{9, 7});
}
