#include "app/memory/space_movement.h"

#include <doctest/doctest.h>

#include <set>

namespace nas {
namespace {

/// The axes of MCUFormer with the constants of its released code.
std::vector<MovementAxis> axes() {
  MovementAxis rank{.name = "rank", .step = 0.05, .error_scale = 10, .memory_scale = 0.2};
  for (int i = 8; i <= 19; ++i) rank.choices.push_back(i * 0.05);
  return {rank,
          {.name = "patch",
           .choices = {16, 20, 24, 28, 32},
           .step = 4,
           .error_scale = 20,
           .memory_scale = 2}};
}

/// Error and illegal share that are planes: a + b rank + c patch.
MovementPoint on_planes(const std::vector<double>& at, const std::vector<double>& error,
                        const std::vector<double>& illegal) {
  const auto plane = [&](const std::vector<double>& p) {
    return p[0] + p[1] * at[0] + p[2] * at[1];
  };
  return {at, plane(error), plane(illegal)};
}

std::vector<MovementPoint> measured(const std::vector<double>& error,
                                    const std::vector<double>& illegal) {
  std::vector<MovementPoint> points;
  for (const std::vector<double>& at :
       std::vector<std::vector<double>>{{0.4, 16}, {0.6, 24}, {0.8, 20}, {0.9, 32}, {0.5, 28}}) {
    points.push_back(on_planes(at, error, illegal));
  }
  return points;
}

TEST_CASE("movement: a step goes against both gradients, a unit for each tau") {
  // Error falls by 25 % along the whole of rank 1, memory rises by 0.41 %: -2.5 + 2.05 = -0.45.
  const auto still = moved_point({0.6, 24}, measured({50, -25, 0}, {1, 0.41, 0}), axes(),
                                 MovementRule::kCorrected, 5);
  CHECK(still == std::vector<double>{0.6000000000000001, 24});
  // -3.5 units of rank: three steps up; patch: 45 / 20 = 2.25 units: two steps down.
  const auto moved = moved_point({0.6, 24}, measured({50, -35, 45}, {1, 0, 0}), axes(),
                                 MovementRule::kCorrected, 5);
  CHECK(moved[0] == doctest::Approx(0.75));
  CHECK(moved[1] == 16);
}

TEST_CASE("movement: the released rule goes along the gradient of the error") {
  const auto moved = moved_point({0.6, 24}, measured({50, -35, 45}, {1, 0, 0}), axes(),
                                 MovementRule::kPublished, 5);
  CHECK(moved[0] == doctest::Approx(0.4));  // floor(-3.5) = -4 steps
  CHECK(moved[1] == 32);
}

TEST_CASE("movement: points stay on the grid, and a lone point stays where it is") {
  const auto moved = moved_point({0.9, 16}, measured({50, -500, 900}, {1, 0, 0}), axes(),
                                 MovementRule::kCorrected, 5);
  CHECK(moved[0] == doctest::Approx(0.95));
  CHECK(moved[1] == 16);
  const auto alone =
      moved_point({0.9, 16}, {{{0.9, 16}, 10, 50}}, axes(), MovementRule::kCorrected, 5);
  CHECK(alone == std::vector<double>{0.9, 16});
}

TEST_CASE("movement: on a bowl the corrected rule ends nearer to the best point than it began") {
  // Small patches and large ranks have a low error; they fit less and less.
  const auto measure = [](const std::vector<double>& at, std::int64_t) {
    const double error = 60 - 60 * at[0] + 1.5 * (at[1] - 16);
    const double excess = std::max(0.0, at[0] - 0.7) * 40 + std::max(0.0, 24 - at[1]) * 3;
    return MovementPoint{at, error, excess};
  };
  const auto visits = move_space(axes(), {.rounds = 6, .seed = 3}, measure);
  REQUIRE(visits.size() == 35);
  double first = 0, last = 0;
  for (const MovementVisit& visit : visits) {
    const double sum = visit.point.error + visit.point.illegal_share;
    if (visit.round == 0) first += sum;
    if (visit.round == 6) last += sum;
  }
  CHECK(last < first);
  const MovementVisit& best = visits[best_visit(visits)];
  for (const MovementVisit& visit : visits) {
    CHECK(best.point.error + best.point.illegal_share <=
          visit.point.error + visit.point.illegal_share);
  }
  CHECK(move_space(axes(), {.rounds = 6, .seed = 3}, measure).back().point.at ==
        visits.back().point.at);
}

}  // namespace
}  // namespace nas
