// Axes and legends: what is not drawn stretches nothing, and every axis can be read.
#include <doctest/doctest.h>

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "app/presentation/plot.h"
#include "app/presentation/plot_axis.h"
#include "app/presentation/plot_scale.h"
#include "gui/plots/best_plot.h"
#include "gui/plots/curves_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/plot_legend.h"
#include "gui/plots/truth_plot.h"
#include "tests/gui/plots/application.h"

namespace nas {
namespace {

const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();

/// At least two labels that differ, within the visible range.
void check_axis(const AxisPlot& plot, Qt::Orientation axis, QSize size) {
  const QStringList labels = plot.axisLabels(axis, size);
  const std::set<QString> different(labels.begin(), labels.end());
  INFO(labels.join(" | ").toStdString());
  CHECK(labels.size() >= 2);
  CHECK(different.size() == static_cast<std::size_t>(labels.size()));
}

void check_axes(AxisPlot& plot) {
  for (const bool log_x : {false, true}) {
    for (const bool log_y : {false, true}) {
      plot.setLogarithmic(Qt::Horizontal, log_x);
      plot.setLogarithmic(Qt::Vertical, log_y);
      for (const QSize size : {QSize(900, 600), QSize(300, 200)}) {
        CAPTURE(log_x);
        CAPTURE(log_y);
        CAPTURE(size.width());
        check_axis(plot, Qt::Horizontal, size);
        check_axis(plot, Qt::Vertical, size);
        CHECK_FALSE(plot.picture(size, Theme::light()).isNull());
      }
    }
  }
}

const std::vector<double> kHard[] = {
    {1e-12, 1e300},
    {1e-310, 1e308},
    {5e-324, 1e-323},
    {-1.7e308, 1.7e308},
    {0, 0},
    {93.5},
    {-3},
    {-5, -4.9999},
    {1e15, 1e15 + 0.125},
    {1e-9, 1.0000001e-9},
    {-1e-5, 2e12},
    {3, 4},
    {7},
    {1, kNan, kInfinity, -kInfinity, 2},
};

}  // namespace

TEST_CASE("axes: every axis has two labels, whatever the values, linear and logarithmic") {
  test::application();
  for (const std::vector<double>& values : kHard) {
    CAPTURE(values[0]);
    CAPTURE(values.back());
    const PlotColumn column = make_column("value", values);
    ScatterPlot scatter;
    scatter.setData(column, column);
    check_axes(scatter);
    TruthPlot truth;
    truth.setForecast(column, column, true);
    check_axes(truth);
    DistributionPlot distribution;
    distribution.setData(column);
    check_axes(distribution);
    CurvesPlot curves;
    std::vector<double> epochs(values.size());
    for (std::size_t i = 0; i < epochs.size(); ++i) epochs[i] = static_cast<double>(i + 1);
    curves.setCurves({{"a", std::nullopt, epochs, values}}, "epoch", "loss");
    check_axes(curves);
    BestPlot best;
    best.setMethods({{"m", {{values, {}}}}}, "trials", "loss", false);
    check_axes(best);
  }
}

TEST_CASE("axes: zooming and panning leave two labels on every axis") {
  test::application();
  for (const std::vector<double>& values : kHard) {
    for (const bool log : {false, true}) {
      CAPTURE(values[0]);
      CAPTURE(log);
      const PlotColumn column = make_column("value", values);
      ScatterPlot scatter;
      scatter.setData(column, column);
      scatter.setLogarithmic(Qt::Horizontal, log);
      for (const double factor : {1.4, 1 / 1.4}) {
        scatter.fit();
        for (int i = 0; i < 60; ++i) {
          scatter.zoomBy(factor);
          if (i % 7 == 0) scatter.panBy(0.3, -0.2);
          check_axis(scatter, Qt::Horizontal, {700, 500});
        }
      }
    }
  }
}

TEST_CASE("axes: rows that are not drawn do not stretch an axis") {
  test::application();
  // The fourth has no y; the last has no place on a logarithmic axis.
  const std::vector<double> x = {3, 5, 6, 1000, 4, 4.5, 900};
  const std::vector<double> y = {91, 90, 88, kNan, 85, 84, -1};
  ScatterPlot scatter;
  scatter.setData(make_column("x", x), make_column("y", y));
  CHECK(scatter.scale(Qt::Horizontal).high() < 1000);
  scatter.setLogarithmic(Qt::Vertical, true);
  CHECK(scatter.scale(Qt::Horizontal).high() < 10);
  CHECK(scatter.scale(Qt::Horizontal).low() > 2);
  scatter.setLogarithmic(Qt::Vertical, false);
  CHECK(scatter.scale(Qt::Horizontal).high() > 900);
  // The same rows again keep what was chosen.
  scatter.setLogarithmic(Qt::Vertical, true);
  scatter.keepingView([&] { scatter.setData(make_column("x", x), make_column("y", y)); });
  CHECK(scatter.isLogarithmic(Qt::Vertical));
  CHECK(scatter.scale(Qt::Horizontal).high() < 10);
  // Whether an axis starts logarithmic is a matter of the drawn rows, too.
  PlotColumn score = make_column("score", {1, 2, 3, 1e9}),
             value = make_column("value", {1, 2, 3, kNan});
  start_logarithmic(score, value);
  CHECK_FALSE(score.logarithmic);
  CurvesPlot curves;
  curves.setCurves({{"a", std::nullopt, {1, 2, 3, 900}, {4, 5, 6, kNan}}}, "epoch", "loss");
  CHECK(curves.scale(Qt::Horizontal).high() < 4);
  BestPlot best;
  best.setMethods({{"m", {{{0, 0, 0, 5, 1e6}, {1, 2, 3, 4, 5}}}}}, "trials", "score", true);
  best.setLogarithmic(Qt::Vertical, true);
  CHECK(best.scale(Qt::Horizontal).low() > 3);
}

TEST_CASE("axes: epochs and trials have whole numbers, also at a strong zoom") {
  test::application();
  CurvesPlot curves;
  curves.setCurves({{"a", std::nullopt, {1, 2, 3}, {4, 5, 6}}}, "epoch", "loss");
  BestPlot best;
  best.setMethods({{"m", {{{1, 2}, {}}}}}, "trials", "loss", true);
  for (AxisPlot* plot : {static_cast<AxisPlot*>(&curves), static_cast<AxisPlot*>(&best)}) {
    for (int i = 0; i < 8; ++i) {
      for (const QString& label : plot->axisLabels(Qt::Horizontal, {700, 500})) {
        bool whole = false;
        label.toInt(&whole);
        CHECK_MESSAGE(whole, label.toStdString());
      }
      check_axis(*plot, Qt::Horizontal, {700, 500});
      plot->zoomBy(1.7);
    }
  }
}

TEST_CASE("axes: a plot of a report has two labels on each axis as well") {
  for (const std::vector<double>& values : kHard) {
    for (const bool log : {false, true}) {
      CAPTURE(values[0]);
      CAPTURE(log);
      Plot plot;
      plot.x = {"x", log, !log && values[0] == 7};
      plot.y = {"y", log};
      PlotSeries series{"s", {}, PlotMark::kDots};
      for (const double value : values) series.points.push_back({value, value, ""});
      plot.series.push_back(series);
      const QString svg = QString::fromStdString(render_svg(plot));
      CHECK(svg.count("text-anchor=\"middle\">") >= 3);  // two ticks and the title
      CHECK(svg.count("text-anchor=\"end\">") >= 2);
      CHECK_FALSE(svg.contains("nan"));
      CHECK_FALSE(svg.contains("inf"));
    }
  }
}

TEST_CASE("axes: labels of one axis never read alike") {
  for (const auto& [low, high] : {std::pair(1e15, 1e15 + 5000), std::pair(93.123456, 93.123459),
                                  std::pair(1e6, 1e6 + 1), std::pair(-2.0, 2.0)}) {
    const std::vector<std::string> labels = tick_labels(nice_ticks(low, high, 6));
    CHECK(labels.size() >= 2);
    CHECK(std::set<std::string>(labels.begin(), labels.end()).size() == labels.size());
  }
}

TEST_CASE("legends: entries wrap into rows, none becomes a number") {
  test::application();
  std::vector<SearchMethod> methods;
  for (int i = 0; i < 14; ++i) {
    methods.push_back({QString("a method of some length %1").arg(i), {{{1, 2, 3.0 + i}, {}}}});
  }
  BestPlot plot;
  plot.setTitle("Best accuracy so far of all searches of this space");
  plot.setMethods(methods, "trials", "accuracy", true);
  const QRectF wide = plot.plotArea({1400, 600}), narrow = plot.plotArea({420, 600});
  CHECK(wide.top() < narrow.top());
  CHECK(narrow.height() > 200);
  CHECK_FALSE(plot.picture({420, 600}, Theme::light()).isNull());
  std::vector<LegendEntry> entries;
  for (const SearchMethod& method : methods) entries.push_back({method.name, Qt::red});
  const QFontMetricsF metrics(plot.font());
  for (const double width : {160.0, 400.0, 900.0}) {
    const Legend legend(entries, metrics, width, 40);
    CHECK(legend.names().size() == 14);
    CHECK(legend.names().filter("+").isEmpty());
    CHECK(legend.width() <= width);
  }
  // Only without any room a number stands for the rest, and nothing is lost silently.
  const Legend tiny(entries, metrics, 60, 2);
  CHECK(tiny.rows() == 2);
  CHECK(tiny.names().back().startsWith("+"));
}

}  // namespace nas
