#include <doctest/doctest.h>

#include <QMouseEvent>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "gui/plots/bars_plot.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/truth_plot.h"
#include "tests/gui/plots/application.h"
#include "tests/gui/plots/samples.h"

namespace nas {
namespace {

const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();

/// Presses at one place of a widget, moves to another and releases there.
void drag(QWidget& widget, QPointF from, QPointF to, Qt::KeyboardModifiers keys = {}) {
  QTest::mousePress(&widget, Qt::LeftButton, keys, from.toPoint());
  QMouseEvent move(QEvent::MouseMove, to, widget.mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                   keys);
  QApplication::sendEvent(&widget, &move);
  QTest::mouseRelease(&widget, Qt::LeftButton, keys, to.toPoint());
}

int colors_in(const QImage& image) {
  std::set<QRgb> colors;
  for (int y = 0; y < image.height(); y += 7) {
    for (int x = 0; x < image.width(); x += 3) colors.insert(image.pixel(x, y));
  }
  return static_cast<int>(colors.size());
}

/// Shows a canvas in both palettes and grabs it; the pictures must differ and hold a drawing.
void check_pictures(Canvas& canvas) {
  canvas.resize(700, 460);
  QImage pictures[2];
  for (const bool dark : {false, true}) {
    canvas.setPalette(themePalette(dark ? Theme::darkTheme() : Theme::light()));
    canvas.show();
    QApplication::processEvents();
    pictures[dark] = canvas.grab().toImage();
    CHECK(colors_in(pictures[dark]) > 12);
    const QColor corner = pictures[dark].pixelColor(3, pictures[dark].height() - 3);
    CHECK(corner.lightness() == doctest::Approx(dark ? 25 : 255).epsilon(0.2));
  }
  CHECK(pictures[0] != pictures[1]);
}

TEST_CASE("plots: every plot is shown and grabbed in both palettes") {
  test::application();
  const test::SampleTable small = test::sample_table(800), large = test::sample_table(20'000);
  Selection selection;
  for (const test::SampleTable* table : {&small, &large}) {
    ScatterPlot scatter;
    scatter.setSelection(&selection);
    scatter.setData(table->latency, table->accuracy);
    scatter.setConstraints({{4, true, "latency < 4"}});
    check_pictures(scatter);
    TruthPlot truth;
    truth.setForecast(table->predicted, table->accuracy, true);
    check_pictures(truth);
    DistributionPlot distribution;
    distribution.setData(table->params);
    check_pictures(distribution);
    CorrelationPlot correlation;
    correlation.setColumns({table->params, table->nwot, table->noise, table->accuracy});
    check_pictures(correlation);
    ParallelPlot parallel;
    parallel.setData({table->params, table->latency, table->accuracy});
    check_pictures(parallel);
  }
  BestPlot best;
  best.setMethods(test::sample_methods(5, 60), "trials", "accuracy", true);
  check_pictures(best);
  CurvesPlot curves;
  curves.setCurves(test::sample_curves(20, 30), "epoch", "accuracy");
  check_pictures(curves);
  BarsPlot bars;
  bars.setBars("Latency by layer", "ms", {{"a", 1, "conv"}, {"b", 2, "pool"}, {"c", kNan, ""}});
  check_pictures(bars);
}

TEST_CASE("plots: a brush in the scatter selects exactly the rows inside") {
  test::application();
  for (const std::size_t rows : {500, 30'000}) {
    const test::SampleTable table = test::sample_table(rows);
    Selection selection;
    QSignalSpy changes(&selection, &Selection::changed);
    ScatterPlot scatter;
    scatter.setSelection(&selection);
    scatter.setData(table.latency, table.accuracy);
    scatter.resize(800, 500);
    const QPoint from = scatter.pixel(2, 80).toPoint(), to = scatter.pixel(6, 93).toPoint();
    drag(scatter, from, to);
    CHECK(changes.count() == 1);
    std::vector<RowKey> expected;
    const QRectF band = QRectF(from, to).normalized();
    for (std::size_t row = 0; row < rows; ++row) {
      const QPointF at = scatter.pixel(table.latency.span()[row], table.accuracy.span()[row]);
      if (at.x() >= band.left() && at.x() <= band.right() && at.y() >= band.top() &&
          at.y() <= band.bottom()) {
        expected.push_back(static_cast<RowKey>(row));
      }
    }
    REQUIRE(expected.size() > 20);
    CHECK(std::vector<RowKey>(selection.keys().begin(), selection.keys().end()) == expected);
    // Shift adds to it; Escape clears.
    drag(scatter, scatter.pixel(1, 5), scatter.pixel(3, 31), Qt::ShiftModifier);
    CHECK(selection.size() > expected.size());
    QTest::keyClick(&scatter, Qt::Key_Escape);
    CHECK(selection.size() == 0);
    QTest::keyClick(&scatter, Qt::Key_Return);
    CHECK(selection.size() == rows);
    QTest::keyClick(&scatter, Qt::Key_N);
    QTest::keyClick(&scatter, Qt::Key_N);
    CHECK(selection.current() == static_cast<RowKey>(scatter.front()[1]));
  }
}

TEST_CASE("plots: a selection made anywhere shows in every plot of its rows") {
  test::application();
  const test::SampleTable table = test::sample_table(6000);
  Selection selection;
  ScatterPlot scatter;
  scatter.setData(table.latency, table.accuracy);
  DistributionPlot distribution;
  distribution.setData(table.params);
  ParallelPlot parallel;
  parallel.setData({table.params, table.latency, table.accuracy});
  CurvesPlot curves;
  curves.setCurves(test::sample_curves(9, 20), "epoch", "accuracy");
  scatter.setSelection(&selection);
  distribution.setSelection(&selection);
  parallel.setSelection(&selection);
  curves.setSelection(&selection);
  Canvas* const plots[] = {&scatter, &distribution, &parallel, &curves};
  const Theme theme = Theme::light();
  std::vector<QImage> before;
  for (Canvas* plot : plots) before.push_back(plot->picture({640, 420}, theme));
  selection.set({1, 2, 3, 4, 5, 700, 2000});
  for (std::size_t i = 0; i < 4; ++i) {
    const QImage after = plots[i]->picture({640, 420}, theme);
    CAPTURE(i);
    CHECK(after != before[i]);
    bool marked = false;
    for (int y = 0; y < after.height() && !marked; ++y) {
      for (int x = 0; x < after.width() && !marked; ++x) {
        marked = after.pixelColor(x, y) == theme.selection;
      }
    }
    CHECK(marked);
  }
}

TEST_CASE("plots: rows without a place are counted and said") {
  test::application();
  ScatterPlot scatter;
  scatter.setData(make_column("x", {1, 2, kNan, 4, -1, 6}),
                  make_column("y", {1, kInfinity, 3, kNan, 5, 6}));
  CHECK(scatter.note().contains("all of 3 points"));
  CHECK(scatter.note().contains("3 without a finite value"));
  CHECK_FALSE(scatter.picture({300, 200}, Theme::light()).isNull());
  scatter.setLogarithmic(Qt::Horizontal, true);
  CHECK(scatter.note().contains("1 not positive"));
  DistributionPlot distribution;
  distribution.setData(make_column("x", {1, 2, kNan, kInfinity, -kInfinity, 3}));
  CHECK(distribution.note().contains("all of 3 rows"));
  CHECK(distribution.note().contains("3 without a finite value"));
  CurvesPlot curves;
  curves.setCurves({{"a", 0, {1, 2, 3}, {1, kNan, 3}}}, "epoch", "loss");
  CHECK(curves.note().contains("1 epochs without a finite value"));
  BestPlot best;
  best.setMethods({{"m", {{{1, kNan, 3}, {}}, {{kNan}, {}}}}}, "trials", "accuracy", true);
  CHECK(best.note().contains("without a finite value: 2"));
  CHECK(best.note().contains("1 runs without any value"));
}

TEST_CASE("plots: nothing, one row, equal rows and hostile names are drawn without harm") {
  test::application();
  const QString names[] = {"", "<b>bold</b> & <script>", QString(4000, 'x'), "שלום עולם مرحبا",
                           "a\nb\tc"};
  const std::vector<double> data[] = {{},        {kNan, kNan},       {3},
                                      {2, 2, 2}, {1e308, -1e308, 0}, {1e15, 1e15 + 0.125}};
  const Theme theme = Theme::light();
  for (const QString& name : names) {
    for (const std::vector<double>& values : data) {
      const PlotColumn column = make_column(name, values);
      ScatterPlot scatter;
      scatter.setTitle(name);
      scatter.setConstraints({{1, true, name}, {kNan, false, name}});
      scatter.setData(column, column);
      TruthPlot truth;
      truth.setForecast(column, column, true);
      DistributionPlot distribution;
      distribution.setData(column);
      ParallelPlot parallel;
      parallel.setData({column, column});
      CorrelationPlot correlation;
      correlation.setColumns({column, column});
      BestPlot best;
      best.setMethods({{name, {{values, {}}}}}, name, name, false);
      CurvesPlot curves;
      curves.setCurves({{name, 1, values, values}}, name, name);
      BarsPlot bars;
      std::vector<Bar> rows;
      for (const double value : values) rows.push_back({name, value, name});
      bars.setBars(name, name, rows);
      Canvas* const plots[] = {&scatter,     &truth, &distribution, &parallel,
                               &correlation, &best,  &curves,       &bars};
      for (Canvas* plot : plots) {
        CHECK_FALSE(plot->picture({name.isEmpty() ? 40 : 300, 200}, theme).isNull());
      }
    }
  }
}

TEST_CASE("plots: keys pan, zoom, fit and switch logarithmic axes") {
  test::application();
  const test::SampleTable table = test::sample_table(300);
  ScatterPlot scatter;
  scatter.setData(table.latency, table.accuracy);
  scatter.resize(600, 400);
  const double low = scatter.scale(Qt::Horizontal).low(),
               high = scatter.scale(Qt::Horizontal).high();
  QTest::keyClick(&scatter, Qt::Key_Right);
  CHECK(scatter.scale(Qt::Horizontal).low() == doctest::Approx(low + 0.1 * (high - low)));
  QTest::keyClick(&scatter, Qt::Key_0);
  CHECK(scatter.scale(Qt::Horizontal).low() == low);
  QTest::keyClick(&scatter, Qt::Key_Plus);
  CHECK(scatter.scale(Qt::Horizontal).high() - scatter.scale(Qt::Horizontal).low() ==
        doctest::Approx((high - low) / 1.4));
  QTest::keyClick(&scatter, Qt::Key_X);
  CHECK(scatter.isLogarithmic(Qt::Horizontal));
  QTest::keyClick(&scatter, Qt::Key_F);
  CHECK_FALSE(scatter.scale(Qt::Vertical).fitted());
  for (const std::size_t row : scatter.front()) {
    CHECK(scatter.plotArea(scatter.size())
              .contains(scatter.pixel(table.latency.span()[row], table.accuracy.span()[row])));
  }
}

TEST_CASE("plots: pictures are written as SVG, PNG and PDF, and failures are one clear error") {
  test::application();
  QTemporaryDir folder;
  ScatterPlot scatter;
  const test::SampleTable table = test::sample_table(9000);
  scatter.setTitle("Export <test>");
  scatter.setData(table.latency, table.accuracy);
  const std::pair<const char*, const char*> kinds[] = {
      {"svg", "<?xml"}, {"png", "\x89PNG"}, {"pdf", "%PDF"}};
  for (const auto& [ending, start] : kinds) {
    const QString path = folder.filePath(QString("plot.") + ending);
    scatter.save(path, {500, 300}, Theme::light());
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    CHECK(file.readAll().startsWith(start));
  }
  CHECK(QImage(folder.filePath("plot.png")).size() == QSize(1000, 600));
  CHECK_THROWS_WITH_AS(scatter.save(folder.filePath("plot.bmp"), {500, 300}, Theme::light()),
                       doctest::Contains("expected a name that ends in"), Error);
  CHECK_THROWS_WITH_AS(scatter.save("/nonexistent/plot.png", {500, 300}, Theme::light()),
                       doctest::Contains("cannot write"), Error);
}

TEST_CASE("plots: parallel brushes select what passes all of them, in any order of the axes") {
  test::application();
  for (const std::size_t rows : {600, 60'000}) {
    const test::SampleTable table = test::sample_table(rows);
    Selection selection;
    ParallelPlot parallel;
    parallel.setSelection(&selection);
    parallel.setData({table.params, table.latency, table.accuracy});
    parallel.resize(700, 400);
    drag(parallel, parallel.axisPoint(2, 0.8), parallel.axisPoint(2, 0.999));
    const std::size_t one = selection.size();
    parallel.setBrush(1, 0, 0.3);
    REQUIRE(selection.size() > 0);
    CHECK(selection.size() < one);
    PlotScale latency;
    latency.setData(table.latency.span());
    std::size_t within = 0;
    for (const RowKey key : selection.keys()) {
      within += latency.share(table.latency.span()[static_cast<std::size_t>(key)]) <= 0.3 + 0.002;
    }
    CHECK(within == selection.size());
    const std::vector<RowKey> chosen(selection.keys().begin(), selection.keys().end());
    parallel.moveAxis(0, 2);
    CHECK(parallel.columnAt(2) == 0);
    CHECK(parallel.columnAt(0) == 1);
    parallel.invertAxis(0);
    parallel.setBrush(2, 0, 1);  // all rows pass
    const std::size_t same = selection.size();
    CHECK(std::abs(static_cast<double>(same) - static_cast<double>(chosen.size())) <=
          0.01 * static_cast<double>(chosen.size()) + 1);
    parallel.clearBrushes();
    CHECK(selection.size() == 0);
  }
}

TEST_CASE("plots: dragging the name of an axis moves it") {
  test::application();
  const test::SampleTable table = test::sample_table(100);
  ParallelPlot parallel;
  parallel.setData({table.params, table.latency, table.nwot, table.accuracy});
  parallel.resize(800, 400);
  const QPointF up(0, -30);
  drag(parallel, parallel.axisPoint(0, 1) + up, parallel.axisPoint(2, 1) + up);
  CHECK(parallel.columnAt(2) == 0);
  QTest::mouseDClick(&parallel, Qt::LeftButton, {}, (parallel.axisPoint(1, 1) + up).toPoint());
  CHECK(parallel.axisCount() == 4);
}

TEST_CASE("plots: the histogram holds every finite row once, and its brush selects an interval") {
  test::application();
  const test::SampleTable table = test::sample_table(5000);
  for (const PlotColumn* column : {&table.params, &table.accuracy, &table.noise}) {
    Selection selection;
    DistributionPlot plot;
    plot.setSelection(&selection);
    plot.setData(*column);
    plot.resize(640, 400);
    std::size_t rows = 0;
    for (std::size_t bin = 0; bin < plot.binCount(); ++bin) rows += plot.rowsIn(bin);
    CHECK(rows == 5000);
    const QRectF area = plot.plotArea(plot.size());
    drag(plot, area.topLeft() + QPointF(100, 50), area.topLeft() + QPointF(300, 60));
    const PlotScale& scale = plot.scale(Qt::Horizontal);
    const double low = scale.value(100 / area.width()), high = scale.value(300 / area.width());
    std::size_t expected = 0;
    for (const double value : column->span()) expected += value >= low && value <= high;
    CHECK(std::abs(static_cast<double>(selection.size()) - static_cast<double>(expected)) <= 25);
    CHECK(selection.size() > 0);
  }
}

TEST_CASE("plots: prediction against truth shows the rank correlations of the complete rows") {
  test::application();
  const test::SampleTable table = test::sample_table(400);
  std::vector<double> scores(table.predicted.span().begin(), table.predicted.span().end());
  scores[3] = kNan;
  TruthPlot plot;
  plot.setForecast(make_column("score", scores), table.accuracy, false);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (i == 3) continue;
    a.push_back(scores[i]);
    b.push_back(table.accuracy.span()[i]);
  }
  CHECK(plot.spearmanRho() == spearman(a, b));
  CHECK(plot.kendallTau() == kendall_tau_b(a, b));
}

TEST_CASE("plots: bars open by key and by pointer") {
  test::application();
  BarsPlot bars;
  std::vector<Bar> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({QString("layer %1").arg(i), i * 0.1, "conv"});
  bars.setBars("Latency by layer", "ms", rows);
  bars.resize(500, 300);
  QSignalSpy opened(&bars, &BarsPlot::opened);
  QTest::keyClick(&bars, Qt::Key_End);
  QTest::keyClick(&bars, Qt::Key_Return);
  REQUIRE(opened.count() == 1);
  CHECK(opened[0][0].toInt() == 99);
  QTest::keyClick(&bars, Qt::Key_Home);
  QTest::mouseClick(&bars, Qt::LeftButton, {}, QPoint(100, 50));
  REQUIRE(opened.count() == 2);
  CHECK(opened[1][0].toInt() == 0);
}

}  // namespace
}  // namespace nas
