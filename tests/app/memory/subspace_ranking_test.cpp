#include "app/memory/subspace_ranking.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/util/error.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::vector<Subspace> rank(const SearchSpace& space, std::string_view device,
                           std::int64_t samples) {
  SubspaceRanking ranking{.by = {"width", "resolution"}, .samples = samples, .threads = 2};
  return rank_subspaces(space, space.info().default_task, mcu_device(device), ranking);
}

TEST_CASE(
    "larger microcontrollers hold larger networks of mcunet, and the best part is well above "
    "the median") {
  const auto space = find_plugin(space_plugins(), "space", "mcunet").make({});
  double before = 0;
  for (const char* device : {"stm32f412", "stm32f746", "stm32h743"}) {  // 256, 320, 512 KB
    CAPTURE(device);
    const std::vector<Subspace> ranked = rank(*space, device, 12);
    REQUIRE(ranked.size() == 9 * 12);
    CHECK(ranked.front().fitting > 0);
    CHECK(ranked.front().mean_macs > before);
    before = ranked.front().mean_macs;
    CHECK(gain_over_median(ranked) >= 1.2);
    CHECK(std::ranges::is_sorted(ranked, std::greater<>(), &Subspace::mean_macs));
  }
}

TEST_CASE("a ranking depends on its seed alone") {
  const auto space = find_plugin(space_plugins(), "space", "mcunet").make({{"width", "0.3"}});
  const auto values = [&](std::int64_t threads) {
    SubspaceRanking ranking{.by = {"resolution"}, .samples = 5, .seed = 4, .threads = threads};
    std::vector<double> means;
    for (const Subspace& subspace :
         rank_subspaces(*space, space->info().default_task, mcu_device("stm32f746"), ranking)) {
      means.push_back(subspace.mean_macs);
    }
    return means;
  };
  CHECK(values(1) == values(2));
}

TEST_CASE("an unknown decision is named with its near miss") {
  const auto space = find_plugin(space_plugins(), "space", "mcunet").make({});
  SubspaceRanking ranking{.by = {"witdh"}, .samples = 1};
  CHECK_THROWS_WITH_AS(
      rank_subspaces(*space, space->info().default_task, mcu_device("stm32f746"), ranking),
      doctest::Contains("did you mean 'width'"), Error);
}

}  // namespace
}  // namespace nas
