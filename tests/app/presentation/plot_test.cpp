#include "app/presentation/plot.h"
#include "app/presentation/plot_axis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/util/rng.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using nas::test::contains;

TEST_CASE("ticks are multiples of 1, 2 or 5 times a power of ten inside the range") {
  Rng rng({3, 0, 0, Purpose::kTest});
  for (int i = 0; i < 500; ++i) {
    const double low = rng.uniform(-1, 1) * std::pow(10.0, rng.uniform(-6, 8));
    const double high = low + std::pow(10.0, rng.uniform(-6, 8));
    if (high - low < std::abs(low) * 1e-6) continue;
    const std::vector<double> ticks = nice_ticks(low, high, 6);
    REQUIRE(ticks.size() >= 2);
    CHECK(ticks.size() <= 13);
    const double step = ticks[1] - ticks[0];
    const double digit = step / std::pow(10.0, std::floor(std::log10(step) + 1e-6));
    const bool nice =
        std::abs(digit - 1) < 1e-3 || std::abs(digit - 2) < 1e-3 || std::abs(digit - 5) < 1e-3;
    CHECK(nice);
    for (const double tick : ticks) {
      CHECK(tick >= low - step * 1e-3);
      CHECK(tick <= high + step * 1e-3);
    }
  }
  CHECK(nice_ticks(0, 1, 5) == std::vector<double>{0, 0.2, 0.4, 0.6, 0.8, 1});
  CHECK(nice_ticks(7, 7, 5) == std::vector<double>{7});
}

TEST_CASE("tick labels are short") {
  CHECK(tick_label(12500) == "12.5k");
  CHECK(tick_label(3.2e6) == "3.2M");
  CHECK(tick_label(-2e9) == "-2G");
  CHECK(tick_label(0.25) == "0.25");
  CHECK(tick_label(0) == "0");
}

TEST_CASE("a plot escapes all text and skips what is not finite") {
  Plot plot;
  plot.title = "<script>alert(1)</script>";
  plot.x.title = "a & b";
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  plot.series.push_back({"\"quoted\" <s>",
                         {{1, 2, "<p>"}, {nan, 1, ""}, {2, inf, ""}, {3, 4, ""}},
                         PlotMark::kLineAndDots});
  plot.lines.push_back({2, true, "x < 2"});
  const std::string svg = render_svg(plot);
  CHECK_FALSE(contains(svg, "<script"));
  CHECK_FALSE(contains(svg, "<p>"));
  CHECK_FALSE(contains(svg, "<s>"));
  CHECK(contains(svg, "a &amp; b"));
  CHECK(contains(svg, "x &lt; 2"));
  CHECK_FALSE(contains(svg, "nan"));
  CHECK_FALSE(contains(svg, "inf\""));
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("empty, single and constant series still give a plot") {
  Plot plot;
  CHECK(contains(render_svg(plot), "</svg>"));
  plot.series.push_back({"one", {{5, 5, ""}}, PlotMark::kDots});
  CHECK_FALSE(contains(render_svg(plot), "nan"));
  plot.x.logarithmic = true;
  plot.series.push_back({"zero", {{0, 1, ""}, {0, 1, ""}}, PlotMark::kSteps});
  CHECK_FALSE(contains(render_svg(plot), "nan"));
  CHECK(render_svg(plot) == render_svg(plot));
}

TEST_CASE("ten lines of a plot differ in colour or dashes") {
  Plot plot;
  std::set<std::string> classes;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "s" + std::to_string(i);
    plot.series.push_back({name, {{0, 1.0 * i, ""}, {1, 2.0 * i, ""}}, PlotMark::kLine});
  }
  const std::string svg = render_svg(plot);
  const std::string mark = "class=\"line ";
  for (std::size_t at = svg.find(mark); at != std::string::npos; at = svg.find(mark, at + 1)) {
    classes.insert(svg.substr(at, svg.find('"', at + mark.size()) - at));
  }
  CHECK(classes.size() == 10);
}

TEST_CASE("a Pareto front is a staircase whose corners are dominated") {
  using Point = std::pair<double, double>;
  // Fewer MACs and more accuracy are better: between (1, 60) and (2, 70) all of (2, 60) is behind.
  CHECK(front_corner(Point(1, 60), Point(2, 70), false) == Point(2, 60));
  // More of both is better.
  CHECK(front_corner(Point(1, 70), Point(2, 60), true) == Point(1, 60));
  Plot plot;
  plot.series.push_back({.name = "front",
                         .points = {{1, 60, ""}, {2, 70, ""}, {4, 80, ""}},
                         .mark = PlotMark::kFront});
  const std::string svg = render_svg(plot);
  const std::size_t path = svg.find("<path d=\"M");
  REQUIRE(path != std::string::npos);
  const std::string steps = svg.substr(path, svg.find('"', path + 10) - path);
  CHECK(std::count(steps.begin(), steps.end(), 'L') == 4);  // two corners, two points
  plot.series[0].maximize_x = true;
  CHECK(render_svg(plot) != svg);
}
