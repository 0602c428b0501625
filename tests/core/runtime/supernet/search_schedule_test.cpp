#include "core/runtime/supernet/search_schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace nas {
namespace {

// ProxylessNAS, released code: 40 epochs of warm-up, 0.05 -> 0; then 120 epochs, 0.025 -> 0; each
// by 0.5 * rate * (1 + cos(pi t / T)) over its own steps.
TEST_CASE("search schedule: warm-up and search fall to 0 by a cosine each") {
  Recipe recipe;
  recipe.epochs = 160;
  recipe.learning_rate = 0.025;
  recipe.final_learning_rate = 0;
  recipe.warmup_epochs = 0;
  const SearchSchedule schedule{.warmup_epochs = 40, .warmup_rate = 0.05};
  constexpr std::int64_t kSteps = 7;
  const auto cosine = [](double rate, double share) {
    return 0.5 * rate * (1 + std::cos(std::numbers::pi * share));
  };
  for (const std::int64_t step : {0, 1, 140, 279}) {
    CHECK(weight_rate(schedule, recipe, step, kSteps) ==
          doctest::Approx(cosine(0.05, static_cast<double>(step) / 280)));
  }
  for (const std::int64_t step : {280, 281, 700, 1119}) {
    CHECK(weight_rate(schedule, recipe, step, kSteps) ==
          doctest::Approx(cosine(0.025, static_cast<double>(step - 280) / 840)));
  }
  CHECK(weight_rate({.warmup_epochs = 40}, recipe, 280, kSteps) ==
        doctest::Approx(cosine(0.025, 0.25)));
}

std::vector<std::int64_t> search_steps(const SearchSchedule& schedule, std::int64_t epoch,
                                       std::int64_t steps) {
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < steps; ++i) {
    if (has_search_step(schedule, epoch, i, steps)) found.push_back(i);
  }
  return found;
}

using Steps = std::vector<std::int64_t>;

TEST_CASE("search schedule: architecture steps begin after warm-up and lead, in each epoch anew") {
  const SearchSchedule schedule{.warmup_epochs = 2, .lead_epochs = 1, .every = 5};
  for (const std::int64_t epoch : {0, 1, 2}) CHECK(search_steps(schedule, epoch, 12).empty());
  CHECK(search_steps(schedule, 3, 12) == Steps{4, 9});
  CHECK(search_steps(schedule, 4, 12) == Steps{4, 9});
}

TEST_CASE("search schedule: a number of updates ends segments of nearly equal length") {
  CHECK(search_steps({.updates = 3}, 0, 11) == Steps{3, 7, 10});
  CHECK(search_steps({.updates = 4}, 0, 8) == Steps{1, 3, 5, 7});
  CHECK(search_steps({.updates = 300}, 0, 3) == Steps{0, 1, 2});
  CHECK(search_steps({.updates = 300}, 0, 5000).size() == 300);
}

}  // namespace
}  // namespace nas
