#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "gui/plots/curves_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/scatter_plot.h"
#include "tests/gui/plots/application.h"
#include "tests/gui/plots/samples.h"

namespace nas {
namespace {

const double kNan = std::nan("");

std::vector<RowKey> keys_of(const Selection& selection) {
  return {selection.keys().begin(), selection.keys().end()};
}

/// Rows whose pixel lies in the plot area: what Enter selects.
std::vector<RowKey> visible_rows(const AxisPlot& plot, const PlotColumn& x, const PlotColumn& y) {
  const QRectF area = plot.plotArea(plot.size());
  std::vector<RowKey> keys;
  for (std::size_t row = 0; row < x.size(); ++row) {
    const QPointF at = plot.pixel(x.span()[row], y.span()[row]);
    if (at.x() >= area.left() && at.x() <= area.right() && at.y() >= area.top() &&
        at.y() <= area.bottom()) {
      keys.push_back(static_cast<RowKey>(row));
    }
  }
  return keys;
}

TEST_CASE("brushes: what a zoomed or logarithmic scatter shows is exactly what Enter selects") {
  test::application();
  const test::SampleTable table = test::sample_table(5000);
  std::vector<double> holes(table.noise.span().begin(), table.noise.span().end());
  for (std::size_t i = 0; i < holes.size(); i += 7) holes[i] = kNan;
  const PlotColumn noise = make_column("noise", holes);
  for (const bool logarithmic : {false, true}) {
    Selection selection;
    ScatterPlot plot;
    plot.resize(640, 420);
    plot.setSelection(&selection);
    plot.setData(table.nwot, noise);
    plot.setLogarithmic(Qt::Horizontal, logarithmic);
    for (int step = 0; step < 4; ++step) {
      plot.selectVisible();
      const std::vector<RowKey> expected = visible_rows(plot, table.nwot, noise);
      REQUIRE(expected.size() > 5);
      CHECK(keys_of(selection) == expected);
      plot.zoomBy(1.5);
      plot.panBy(0.04, 0.06);
    }
  }
}

TEST_CASE("brushes: parallel axes select exactly by value, logarithmic and inverted as well") {
  test::application();
  const test::SampleTable table = test::sample_table(3000);
  for (const bool logarithmic : {false, true}) {
    for (const bool inverted : {false, true}) {
      CAPTURE(logarithmic);
      CAPTURE(inverted);
      Selection selection;
      ParallelPlot plot;
      plot.setSelection(&selection);
      plot.setData({table.params, table.accuracy});
      plot.setAxisLogarithmic(0, logarithmic);
      if (inverted) plot.invertAxis(0);
      plot.setBrush(0, 0.2131, 0.4177);
      plot.setBrush(1, 0.8, 0.97);
      PlotScale params, accuracy;
      params.setData(table.params.span());
      params.setLogarithmic(logarithmic);
      accuracy.setData(table.accuracy.span());
      std::vector<RowKey> expected;
      for (std::size_t row = 0; row < 3000; ++row) {
        const double share = params.share(table.params.span()[row]);
        const double height = inverted ? 1 - share : share;
        const double other = accuracy.share(table.accuracy.span()[row]);
        if (height >= 0.2131 && height <= 0.4177 && other >= 0.8 && other <= 0.97)
          expected.push_back(static_cast<RowKey>(row));
      }
      REQUIRE(expected.size() > 20);
      CHECK(keys_of(selection) == expected);
    }
  }
}

TEST_CASE("brushes: the interval of a zoomed histogram selects exactly its rows") {
  test::application();
  const test::SampleTable table = test::sample_table(4000);
  for (const bool logarithmic : {false, true}) {
    Selection selection;
    DistributionPlot plot;
    plot.resize(640, 420);
    plot.setSelection(&selection);
    plot.setData(table.params);
    plot.setLogarithmic(Qt::Horizontal, logarithmic);
    plot.zoomBy(2.5);
    plot.selectVisible();
    const PlotScale& scale = plot.scale(Qt::Horizontal);
    std::vector<RowKey> expected;
    for (std::size_t row = 0; row < 4000; ++row) {
      const double share = scale.share(table.params.span()[row]);
      if (share >= 0 && share <= 1) expected.push_back(static_cast<RowKey>(row));
    }
    REQUIRE(expected.size() > 20);
    CHECK(expected.size() < 4000);
    CHECK(keys_of(selection) == expected);
  }
}

TEST_CASE("brushes: curves whose points have no place are not selected") {
  test::application();
  Selection selection;
  CurvesPlot plot;
  plot.resize(500, 300);
  plot.setSelection(&selection);
  plot.setCurves({{"good", 1, {1, 2}, {3, 4}}, {"lost", 2, {1, 2}, {kNan, kNan}}}, "epoch", "loss");
  plot.selectVisible();
  CHECK(keys_of(selection) == std::vector<RowKey>{1});
}

TEST_CASE("scatter: rows that miss a constraint are not in the front") {
  test::application();
  ScatterPlot plot;
  plot.setData(make_column("macs", {1, 2, 3, 4}, false), make_column("accuracy", {9, 5, 7, 8}));
  CHECK(plot.front() == std::vector<std::size_t>{0});
  plot.setFeasible({0, 1, 1, 1});
  CHECK(plot.front() == std::vector<std::size_t>{1, 2, 3});
  CHECK(plot.note().contains("1 miss a constraint"));
  CHECK_FALSE(plot.picture({300, 200}, Theme::light()).isNull());
  plot.setData(make_column("macs", {1, 2}, false), make_column("accuracy", {9, 5}));
  CHECK(plot.front() == std::vector<std::size_t>{0});
}

TEST_CASE("scatter: where a value of the front may lie is a bar, and new rows forget it") {
  test::application();
  ScatterPlot plot;
  const auto fill = [&plot] {
    plot.setData(make_column("latency", {1, 2, 3, 4}, false),
                 make_column("accuracy", {5, 7, 8, 6}));
  };
  fill();
  CHECK(plot.frontKeys() == std::vector<RowKey>{0, 1, 2});
  const QImage before = plot.picture({400, 300}, Theme::light());
  plot.setIntervals({{1, Interval{1.6, 2.9}, std::nullopt}, {2, std::nullopt, Interval{7.5, 99}}});
  const QImage with = plot.picture({400, 300}, Theme::light());
  CHECK(with != before);
  plot.setIntervals({{77, Interval{1, 2}, std::nullopt}});  // no such row
  plot.setFrontShown(false);
  CHECK(plot.picture({400, 300}, Theme::light()) != with);
  plot.setFrontShown(true);
  fill();
  CHECK(plot.picture({400, 300}, Theme::light()) == before);
}

TEST_CASE("scatter: a panned million looks like one that was drawn there at once") {
  test::application();
  const test::SampleTable table = test::sample_table(60'000);
  const QSize size(640, 420);
  for (const bool selected : {false, true}) {
    Selection selection;
    if (selected) selection.set({1, 2, 3, 500, 900, 1200});
    ScatterPlot moved, fresh;
    for (ScatterPlot* plot : {&moved, &fresh}) {
      plot->setSelection(&selection);
      plot->setData(table.nwot, table.noise);
      plot->zoomBy(2);
    }
    moved.picture(size, Theme::light());
    const QRectF area = moved.plotArea(size);
    // Whole pixels, beyond the margin that is counted around the view.
    for (int step = 0; step < 12; ++step) {
      moved.panBy(23 / area.width(), -11 / area.height());
      moved.picture(size, Theme::light());
      fresh.panBy(23 / area.width(), -11 / area.height());
    }
    const QImage a = moved.picture(size, Theme::light()), b = fresh.picture(size, Theme::light());
    int different = 0, colored = 0;
    for (int y = 0; y < size.height(); ++y) {
      for (int x = 0; x < size.width(); ++x) {
        // The ramp depends on the largest count, which the margin may hold: empty or not is the
        // same.
        const bool in_a = a.pixelColor(x, y).saturation() > 40;
        const bool in_b = b.pixelColor(x, y).saturation() > 40;
        different += in_a != in_b;
        colored += in_b;
      }
    }
    REQUIRE(colored > 1000);
    CHECK(different < colored / 50);
  }
}

TEST_CASE("plots: other rows of the same columns keep the zoom and logarithmic axes") {
  test::application();
  ScatterPlot plot;
  plot.setData(make_column("x", {1, 10, 100}), make_column("y", {1, 2, 3}));
  plot.setLogarithmic(Qt::Horizontal, true);
  plot.zoomBy(3);
  const double low = plot.scale(Qt::Horizontal).low(), high = plot.scale(Qt::Horizontal).high();
  const auto more = [&] {
    plot.setData(make_column("x", {1, 10, 100, 1e6}), make_column("y", {1, 2, 3, 9}));
  };
  plot.keepingView(more);
  CHECK(plot.isLogarithmic(Qt::Horizontal));
  CHECK(plot.scale(Qt::Horizontal).low() == doctest::Approx(low));
  CHECK(plot.scale(Qt::Horizontal).high() == doctest::Approx(high));
  // What shows everything goes on showing everything.
  plot.fit();
  plot.keepingView(more);
  CHECK(plot.scale(Qt::Horizontal).high() > 1e6);
}

TEST_CASE("plots: axes start logarithmic where a linear one would show one row") {
  CHECK(spans_magnitudes(std::vector<double>{1e-3, 5, 1e9, kNan}));
  CHECK_FALSE(spans_magnitudes(std::vector<double>{0, 1, 1e9}));
  CHECK_FALSE(spans_magnitudes(std::vector<double>{10, 95}));
  CHECK_FALSE(spans_magnitudes({}));
}

TEST_CASE("plots: ticks of tens of powers of ten stay apart") {
  PlotScale scale;
  scale.setData(std::vector<double>{1e-3, 1e80});
  scale.setLogarithmic(true);
  for (const int wanted : {2, 4, 9, 30}) {
    const std::vector<double> ticks = scale.ticks(wanted);
    CHECK(ticks.size() >= 2);
    CHECK(ticks.size() <= static_cast<std::size_t>(1.5 * wanted + 1));
  }
}

TEST_CASE("plots: short names leave out what all share and never make two columns one") {
  CHECK(short_titles({"accuracy:dataset=cifar10,split=test", "loss:dataset=cifar10,split=valid",
                      "params"}) == QStringList{"accuracy test", "loss valid", "params"});
  CHECK(short_titles({"a:x=1", "a"}) == QStringList{"a:x=1", "a"});
}

}  // namespace
}  // namespace nas
