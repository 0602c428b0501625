#include "app/objectives/front.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/util/rng.h"
#include "core/util/statistics.h"

using namespace nas;

TEST_CASE("the front of a table and the part of the box that it dominates") {
  const TableFront front({{0, 0}, {1, 4}, {2, 2}, {4, 1}, {1, 1}});
  CHECK(std::vector<std::size_t>(front.front().begin(), front.front().end()) ==
        std::vector<std::size_t>{1, 2, 3});
  // Of 16 squares: 4 under (1, 4), 2 more under (2, 2), 2 more under (4, 1).
  CHECK(front.hypervolume() == doctest::Approx(8.0 / 16));
  const std::vector<std::vector<double>> one = {{2, 2}};
  CHECK(front.hypervolume(one) == doctest::Approx(4.0 / 16));
  CHECK(front.hypervolume({}) == 0);
  CHECK(std::isnan(TableFront({{1}, {2}}).hypervolume()));
  CHECK(TableFront({{0, 0, 0, 0}, {1, 2, 3, 4}}).hypervolume() == 1);
  CHECK(TableFront({}).front().empty());
}

TEST_CASE("the hypervolume so far grows with each point that nothing covers") {
  const TableFront box({{0, 0}, {1, 4}, {2, 2}, {4, 1}, {1, 1}});
  const std::vector<std::vector<double>> steps = {{}, {0, 0}, {2, 2}, {}, {1, 1}, {1, 4}, {4, 1}};
  const std::vector<double> expected = {0, 0, 4, 4, 4, 6, 8};
  const std::vector<double> volumes = hypervolume_so_far(box, steps);
  REQUIRE(volumes.size() == steps.size());
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    CHECK(volumes[i] == doctest::Approx(expected[i] / 16));
  }
}

TEST_CASE("points that come one by one leave the same front as all at once") {
  for (const std::size_t dimensions : {2, 3, 4}) {
    Rng rng({.seed = dimensions});
    FrontArchive archive;
    std::vector<std::vector<double>> points, turned;
    for (std::uint32_t i = 0; i < 200; ++i) {
      std::vector<double> point;
      for (std::size_t d = 0; d < dimensions; ++d) point.push_back(std::floor(rng.uniform() * 12));
      archive.add(i, point);
      points.push_back(point);
      for (double& value : point) value = -value;
      turned.push_back(std::move(point));
    }
    std::vector<std::vector<double>> kept(archive.points().begin(), archive.points().end()), all;
    for (const std::size_t i : pareto_front(turned)) all.push_back(points[i]);
    std::sort(kept.begin(), kept.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());  // equal points are kept once
    CHECK(kept == all);
    CHECK(archive.rows().size() == kept.size());
  }
}
