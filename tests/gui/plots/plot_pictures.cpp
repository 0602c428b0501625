// Draws every plot in both palettes into a folder: `plot_pictures DIR`. For looking at, and for the
// pictures of the documentation.
#include <QDir>
#include <cstdio>

#include "gui/plots/bars_plot.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/truth_plot.h"
#include "tests/gui/plots/application.h"
#include "tests/gui/plots/samples.h"

namespace nas {
namespace {

void draw(Canvas& canvas, const QString& name, const QString& folder, QSize size = {900, 560}) {
  canvas.resize(size);
  for (const bool dark : {false, true}) {
    const Theme theme = dark ? Theme::darkTheme() : Theme::light();
    canvas.save(folder + "/" + name + (dark ? "-dark.png" : "-light.png"), size, theme);
  }
  canvas.save(folder + "/" + name + ".svg", size, Theme::light());
  canvas.save(folder + "/" + name + ".pdf", size, Theme::light());
}

void draw_scatters(const QString& folder) {
  const test::SampleTable small = test::sample_table(1200), large = test::sample_table(1'000'000);
  Selection selection;
  ScatterPlot scatter;
  scatter.setTitle("Accuracy against latency");
  scatter.setSelection(&selection);
  scatter.setConstraints({{4.0, true, "latency ≤ 4 ms"}, {92.0, false, "accuracy ≥ 92 %"}});
  scatter.setData(small.latency, small.accuracy);
  draw(scatter, "scatter", folder);
  std::vector<RowKey> keys;
  for (RowKey key = 0; key < 1200; key += 9) keys.push_back(key);
  selection.set(keys);
  draw(scatter, "scatter-selected", folder);
  scatter.setData(large.latency, large.accuracy);
  draw(scatter, "scatter-million-selected", folder);
  selection.clear();
  draw(scatter, "scatter-million", folder);
  ScatterPlot logarithmic;
  logarithmic.setTitle("Accuracy against parameters");
  logarithmic.setData(large.params, large.accuracy);
  draw(logarithmic, "scatter-log", folder);
  const test::SampleTable middle = test::sample_table(15'625);
  logarithmic.setData(middle.params, middle.accuracy);
  draw(logarithmic, "scatter-15625", folder);
  TruthPlot truth;
  truth.setForecast(small.predicted, small.accuracy, true);
  draw(truth, "truth", folder);
}

void draw_parallel(const QString& folder) {
  for (const std::size_t rows : {400, 1'000'000}) {
    const test::SampleTable table = test::sample_table(rows);
    Selection selection;
    ParallelPlot parallel;
    parallel.setData({table.params, table.macs, table.latency, table.synflow, table.nwot,
                      table.predicted, table.accuracy});
    draw(parallel, QString("parallel-%1").arg(rows), folder, {1100, 520});
    parallel.setSelection(&selection);
    parallel.setBrush(6, 0.9, 1.0);
    parallel.setBrush(2, 0.0, 0.35);
    parallel.invertAxis(2);
    draw(parallel, QString("parallel-%1-brushed").arg(rows), folder, {1100, 520});
  }
}

void draw_others(const QString& folder) {
  const test::SampleTable table = test::sample_table(15'625);
  BestPlot best;
  best.setMethods(test::sample_methods(10, 200), "evaluations", "best accuracy (%)", true);
  draw(best, "best", folder);
  Selection selection;
  DistributionPlot distribution;
  distribution.setSelection(&selection);
  distribution.setData(table.params);
  std::vector<RowKey> keys;
  for (RowKey key = 0; key < 15'625; key += 5) keys.push_back(key);
  selection.set(keys);
  draw(distribution, "distribution", folder);
  CorrelationPlot correlation;
  correlation.setColumns({table.params, table.macs, table.latency, table.synflow, table.nwot,
                          table.noise, table.predicted, table.accuracy});
  draw(correlation, "correlation", folder, {760, 720});
  CurvesPlot curves;
  curves.setCurves(test::sample_curves(8, 60), "epoch", "validation accuracy (%)");
  draw(curves, "curves", folder);
  Selection chosen;
  chosen.set({3, 17});
  curves.setSelection(&chosen);
  curves.setCurves(test::sample_curves(60, 60), "epoch", "validation accuracy (%)");
  draw(curves, "curves-many", folder);
  BarsPlot bars;
  std::vector<Bar> layers;
  Rng rng({.seed = 5});
  const QString kinds[] = {"conv2d", "depthwise", "pooling", "linear"};
  for (int i = 0; i < 48; ++i) {
    const std::size_t kind = rng.below(4);
    layers.push_back({QString("stages.%1/block%2/%3").arg(i / 12).arg(i % 12).arg(kinds[kind]),
                      0.02 + 0.4 * rng.uniform() / static_cast<double>(kind + 1), kinds[kind]});
  }
  bars.setBars("Latency by layer", "ms", layers);
  draw(bars, "bars", folder);
  ScatterPlot empty;
  empty.setData(make_column("x", {NAN, NAN}), make_column("y", {1, NAN}));
  draw(empty, "empty", folder);
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: plot_pictures DIR\n");
    return 2;
  }
  nas::test::application();
  const QString folder = argv[1];
  QDir().mkpath(folder);
  nas::draw_scatters(folder);
  nas::draw_parallel(folder);
  nas::draw_others(folder);
  return 0;
}
