#include <doctest/doctest.h>

#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/util/statistics.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/density.h"
#include "gui/plots/parallel_lines.h"
#include "tests/gui/plots/application.h"
#include "tests/gui/plots/samples.h"

namespace nas {
namespace {

const double kNan = std::nan("");

TEST_CASE("plot data: the front is the set of rows that no other row beats") {
  Rng rng({.seed = 12});
  for (int round = 0; round < 200; ++round) {
    const std::size_t rows = 1 + rng.below(60);
    std::vector<double> x, y;
    for (std::size_t i = 0; i < rows; ++i) {
      // Few different values: ties and equal rows happen.
      x.push_back(static_cast<double>(rng.below(9)));
      y.push_back(rng.below(15) == 0 ? kNan : static_cast<double>(rng.below(9)));
    }
    const bool up_x = rng.below(2) == 0, up_y = rng.below(2) == 0;
    const auto beats = [&](std::size_t a, std::size_t b) {
      const double dx = up_x ? x[a] - x[b] : x[b] - x[a], dy = up_y ? y[a] - y[b] : y[b] - y[a];
      return dx >= 0 && dy >= 0 && (dx > 0 || dy > 0);
    };
    std::set<std::pair<double, double>> expected, found;
    for (std::size_t i = 0; i < rows; ++i) {
      bool beaten = std::isnan(y[i]);
      for (std::size_t k = 0; k < rows && !beaten; ++k) beaten = beats(k, i);
      if (!beaten) expected.emplace(x[i], y[i]);
    }
    const std::vector<std::size_t> front = front_of(x, up_x, y, up_y);
    for (const std::size_t row : front) found.emplace(x[row], y[row]);
    CHECK(found == expected);
    CHECK(found.size() == front.size());
    CHECK(std::is_sorted(front.begin(), front.end(),
                         [&](std::size_t a, std::size_t b) { return x[a] < x[b]; }));
  }
}

TEST_CASE("plot data: the front of values of any size") {
  const double huge = 1.5e308, tiny = 5e-324;
  const auto rows = [](std::vector<double> x, std::vector<double> y) {
    return front_of(x, false, y, true);
  };
  CHECK(rows({}, {}).empty());
  CHECK(rows({kNan, INFINITY}, {1, 1}).empty());
  CHECK(rows({2, 2, 2}, {1, 3, 3}) == std::vector<std::size_t>{1});
  CHECK(rows({-huge, huge, 0}, {1, 3, 2}) == std::vector<std::size_t>{0, 2, 1});
  CHECK(rows({tiny, 0, tiny}, {2, 1, 3}) == std::vector<std::size_t>{1, 2});
  CHECK(rows({1, 1e-9, 1e9}, {2, 1, 2}) == std::vector<std::size_t>{1, 0});
}

TEST_CASE("plot scale: shares and values are inverse, zooming keeps the value at the pointer") {
  const double values[] = {0.5, 40, 900, kNan, -3};
  for (const bool logarithmic : {false, true}) {
    PlotScale scale;
    scale.setData(values);
    scale.setLogarithmic(logarithmic);
    CHECK(scale.logarithmic() == logarithmic);
    for (const double value : {0.5, 40.0, 900.0}) {
      CHECK(scale.share(value) >= 0);
      CHECK(scale.share(value) <= 1);
      CHECK(scale.value(scale.share(value)) == doctest::Approx(value));
      CHECK(scale.share(value) ==
            doctest::Approx(scale.transformed(value) * scale.slope() + scale.offset()));
    }
    const double at = scale.value(0.3);
    scale.zoom(2.5, 0.3);
    CHECK(scale.value(0.3) == doctest::Approx(at));
    CHECK_FALSE(scale.fitted());
    for (int i = 0; i < 300; ++i) scale.zoom(1.5, 0.5);
    CHECK(std::isfinite(scale.low()));
    CHECK(scale.low() < scale.high());
    scale.fit();
    CHECK(scale.fitted());
  }
  PlotScale negative;
  const double below[] = {-2, -1};
  negative.setData(below);
  negative.setLogarithmic(true);
  CHECK_FALSE(negative.logarithmic());
}

TEST_CASE("plot scale: ticks are round and inside of what is visible") {
  PlotScale scale;
  const double values[] = {3e4, 2.1e6};
  scale.setData(values);
  for (const bool logarithmic : {false, true}) {
    scale.setLogarithmic(logarithmic);
    const std::vector<double> ticks = scale.ticks(6);
    CHECK(ticks.size() >= 3);
    for (const double tick : ticks) {
      CHECK(tick >= scale.low());
      CHECK(tick <= scale.high());
    }
  }
}

TEST_CASE("density: the pixels hold every visible row once") {
  const std::size_t rows = 20'000;
  const test::SampleTable table = test::sample_table(rows);
  std::vector<double> x(table.params.span().begin(), table.params.span().end());
  x[5] = kNan;
  x[9] = std::numeric_limits<double>::infinity();
  PlotScale scale_x, scale_y;
  scale_x.setData(x);
  scale_x.setLogarithmic(true);
  scale_y.setData(table.accuracy.span());
  const auto sum = [&](const DensityGrid& grid) {
    std::size_t total = 0;
    for (int py = 0; py < 90; ++py) {
      for (int px = 0; px < 120; ++px) total += grid.at(px, py);
    }
    return total;
  };
  DensityGrid all({120, 90}, scale_x, scale_y);
  const std::vector<double> units_x = scale_x.transformed(x);
  all.add(units_x, table.accuracy.span());
  CHECK(sum(all) == rows - 2);
  std::vector<std::uint8_t> mask(rows, 0);
  for (std::size_t i = 10; i < rows; i += 7) mask[i] = 1;
  DensityGrid some({120, 90}, scale_x, scale_y);
  some.add(units_x, table.accuracy.span(), mask);
  CHECK(sum(some) == static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1)));
  scale_x.zoom(4, 0.5);
  DensityGrid part({120, 90}, scale_x, scale_y);
  part.add(units_x, table.accuracy.span());
  std::size_t visible = 0;
  for (const double value : x) visible += scale_x.share(value) >= 0 && scale_x.share(value) < 1;
  CHECK(sum(part) == visible);
}

TEST_CASE("parallel lines: every row with both values is a line across the gap") {
  const test::SampleTable table = test::sample_table(3000);
  PlotScale scale;
  scale.setData(table.accuracy.span());
  const AxisLevels up = axis_levels(table.accuracy, scale, false);
  const AxisLevels down = axis_levels(table.accuracy, scale, true);
  for (std::size_t row = 0; row < up.size(); ++row) {
    REQUIRE(up[row] != kNoLevel);
    CHECK(std::abs(up[row] + down[row] - (kLevels - 1)) <= 1);
  }
  GapDensity gap({50, 200});
  gap.count(up, up);
  const QImage image = gap.image(Qt::black, 0.1);
  int crossed = 0;
  for (int x = 0; x < 50; ++x) {
    bool any = false;
    for (int y = 0; y < 200; ++y) any = any || qAlpha(image.pixel(x, y)) > 0;
    crossed += any;
  }
  CHECK(crossed == 50);
}

TEST_CASE("best band: equals the quantiles of the best so far, computed plainly") {
  const std::vector<SearchMethod> methods = test::sample_methods(7, 50);
  for (const bool maximize : {true, false}) {
    const BestBand band = best_band(methods[1], maximize);
    REQUIRE(band.cost.size() == 50);
    for (std::size_t i = 0; i < band.cost.size(); ++i) {
      std::vector<double> bests;
      for (const SearchRun& run : methods[1].runs) {
        const auto end = run.values.begin() + static_cast<std::ptrdiff_t>(i + 1);
        bests.push_back(maximize ? *std::max_element(run.values.begin(), end)
                                 : *std::min_element(run.values.begin(), end));
      }
      CHECK(band.median[i] == doctest::Approx(median(bests)));
      CHECK(band.low[i] == doctest::Approx(quantile(bests, 0.25)));
      CHECK(band.highest[i] == *std::max_element(bests.begin(), bests.end()));
    }
  }
}

TEST_CASE(
    "best band: runs of unequal length and cost meet on one axis, the ended keep their best") {
  const SearchMethod method{"m", {{{1, 3}, {10, 20}}, {{2, kNan, 5}, {15, 18, 40}}}};
  const BestBand band = best_band(method, true);
  CHECK(band.cost == std::vector<double>{15, 20, 40});
  CHECK(band.lowest == std::vector<double>{1, 2, 3});
  CHECK(band.highest == std::vector<double>{2, 3, 5});
  CHECK(best_band(test::sample_methods(3, 5000)[0], true, 100).cost.size() == 100);
  CHECK(best_band({"empty", {}}, true).cost.empty());
}

TEST_CASE("correlation matrix: Spearman of the complete rows of each pair") {
  const test::SampleTable table = test::sample_table(500);
  std::vector<double> gaps(table.nwot.span().begin(), table.nwot.span().end());
  for (std::size_t i = 0; i < gaps.size(); i += 3) gaps[i] = kNan;
  const std::vector<PlotColumn> columns{table.params, make_column("gaps", gaps), table.accuracy,
                                        make_column("constant", std::vector<double>(500, 1.0))};
  const auto matrix = correlation_matrix(columns);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    if (std::isnan(gaps[i])) continue;
    a.push_back(gaps[i]);
    b.push_back(table.accuracy.span()[i]);
  }
  CHECK(matrix[1 * 4 + 2] == spearman(a, b));
  CHECK(matrix[2 * 4 + 1] == matrix[1 * 4 + 2]);
  CHECK(matrix[0].value() == doctest::Approx(1));
  CHECK_FALSE(matrix[3].has_value());
}

TEST_CASE("plots: a matrix of as many columns as a benchmark has says their names") {
  test::application();
  constexpr int kColumns = 27;
  QStringList names;
  for (int i = 0; i < kColumns; ++i) names << QString("accuracy of data set %1").arg(i);
  CorrelationPlot plot;
  plot.setMatrix(names, std::vector<std::optional<double>>(kColumns * kColumns, 0.5), "");
  const QSize size(970, 415);
  plot.resize(size);
  QImage image(size, QImage::Format_RGB32);
  QPainter painter(&image);
  plot.draw(painter, size, Theme::light());
  painter.end();
  // Between margin and matrix each row has letters: rows of pixels without any are the gaps.
  int lines = 0;
  bool inked = false;
  for (int y = 60; y < size.height() - 34; ++y) {
    bool ink = false;
    for (int x = 20; x < 110; ++x) ink |= image.pixelColor(x, y).lightness() < 160;
    lines += ink && !inked;
    inked = ink;
  }
  CHECK(lines >= kColumns);
}

}  // namespace
}  // namespace nas
