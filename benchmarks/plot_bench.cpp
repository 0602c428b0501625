// Milliseconds of the explorer's plots with a million rows, and of layouts of 1,000 and 10,000
// nodes. Needs no display: `plot_bench`.
#include <QApplication>
#include <QPainter>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>

#include "core/ir/arch_builder.h"
#include "core/ir/draw/layout.h"
#include "core/util/rng.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/scatter_plot.h"

namespace nas {
namespace {

constexpr std::size_t kRows = 1'000'000;
constexpr QSize kWindow(1600, 900);

/// Median and worst of `times` calls, in milliseconds; the median must keep a limit (0: none).
/// Processor time beside it hardly moves when the machine does other work.
void report(const char* what, int times, const std::function<void()>& work, double limit = 0) {
  std::vector<double> ms;
  const std::clock_t begin = std::clock();
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                     .count());
  }
  std::sort(ms.begin(), ms.end());
  const double processor =
      1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / times;
  const double median = ms[ms.size() / 2];
  std::printf("%-58s %8.1f ms  worst %8.1f  processor %8.1f", what, median, ms.back(), processor);
  if (limit > 0) std::printf("  at most %g: %s", limit, median <= limit ? "kept" : "MISSED");
  std::printf("\n");
  std::fflush(stdout);
}

PlotColumn column(const char* name, std::uint64_t seed, bool logarithmic) {
  Rng rng({.seed = seed});
  std::vector<double> values(kRows);
  for (double& value : values) value = std::exp(3 * rng.uniform() * rng.uniform()) + rng.uniform();
  return make_column(name, std::move(values), true, logarithmic);
}

void bench_scatter(bool logarithmic) {
  const PlotColumn x = column("latency", 1, logarithmic), y = column("accuracy", 2, logarithmic);
  std::printf("scatter of 1,000,000 points, %s axes, 1600 x 900\n", logarithmic ? "log" : "linear");
  Selection selection;
  ScatterPlot plot;
  plot.setSelection(&selection);
  plot.resize(kWindow);
  QImage target(kWindow, QImage::Format_RGB32);
  const Theme theme = Theme::light();
  const auto frame = [&] {
    QPainter painter(&target);
    plot.draw(painter, kWindow, theme);
  };
  report(
      "  from columns to the first picture (front included)", 3,
      [&] {
        plot.setData(x, y);
        frame();
      },
      1000);
  report(
      "  a frame while panning", 60,
      [&] {
        plot.panBy(0.003, 0.002);
        frame();
      },
      1000.0 / 30);
  report("  a frame while zooming", 20, [&] {
    plot.zoomBy(1.03);
    frame();
  });
  report("  a frame where nothing moved", 20, frame);
  std::vector<RowKey> half;
  for (std::size_t i = 0; i < kRows; i += 2) half.push_back(static_cast<RowKey>(i));
  selection.set(half);
  report(
      "  a frame while panning, half a million selected", 20,
      [&] {
        plot.panBy(0.003, 0.002);
        frame();
      },
      1000.0 / 30);
  report(
      "  Pareto front", 5, [&] { front_of(x.span(), false, y.span(), true); }, 1000);
}

void bench_others() {
  const std::vector<PlotColumn> columns{column("a", 3, false), column("b", 4, true),
                                        column("c", 5, false), column("d", 6, false),
                                        column("e", 7, false), column("f", 8, true)};
  std::printf("other plots of 1,000,000 rows\n");
  const Theme theme = Theme::light();
  ParallelPlot parallel;
  report("  parallel coordinates, 6 axes, first picture", 3, [&] {
    parallel.setData(columns);
    parallel.picture(kWindow, theme);
  });
  Selection selection;
  parallel.setSelection(&selection);
  report("  parallel coordinates, brush and picture", 3, [&] {
    parallel.setBrush(2, 0.2, 0.5 + 0.01 * static_cast<double>(selection.size() % 7));
    parallel.picture(kWindow, theme);
  });
  DistributionPlot distribution;
  report("  histogram and cumulative distribution, first picture", 3, [&] {
    distribution.setData(columns[0]);
    distribution.picture(kWindow, theme);
  });
  CorrelationPlot correlation;
  report("  rank correlations of 6 columns (of 20,000 rows)", 3, [&] {
    correlation.setColumns(columns);
    correlation.picture(kWindow, theme);
  });
}

/// Blocks of three branches, as cells of searched networks are, until `nodes` are there.
ArchGraph network(std::size_t nodes) {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {8, 16, 16}});
  Value before = x;
  for (std::size_t count = 1; count + 7 <= nodes; count += 7) {
    const Value a = builder.add("conv2d", {x}, {{"out_channels", 8}, {"kernel", 1}});
    const Value b = builder.add("relu", {a});
    const Value c = builder.add("batch_norm", {x});
    const Value d = builder.add("tanh", {before});
    const Value e = builder.add("add", {b, c});
    const Value f = builder.add("add", {e, d});
    before = x;
    x = builder.add("relu", {f});
  }
  builder.output("out", x);
  return builder.finish();
}

/// Every node reads two of the 100 nodes before it: long edges and many crossings.
ArchGraph tangle(std::size_t nodes) {
  Rng rng({.seed = 9});
  ArchBuilder builder;
  std::vector<Value> values{builder.input({Element::kFloat, {8, 4, 4}})};
  while (values.size() < nodes) {
    const auto reach = [&] {
      const std::size_t back = 1 + rng.below(std::min<std::size_t>(values.size(), 100));
      return values[values.size() - back];
    };
    values.push_back(builder.add("add", {reach(), reach()}));
  }
  builder.output("out", values.back());
  return builder.finish();
}

void bench_layout() {
  std::printf("layout of all nodes, nothing folded\n");
  for (const std::size_t nodes : {std::size_t{1000}, std::size_t{10'000}}) {
    const ArchGraph graph = network(nodes);
    const ArchGraph knot = tangle(nodes);
    const double limit = nodes == 1000 ? 50 : 2000;
    char what[64];
    std::snprintf(what, sizeof what, "  %zu nodes in blocks of a searched network", graph.size());
    report(
        what, 5, [&] { layout_graph(graph, {.fold_depth = 100}); }, limit);
    std::snprintf(what, sizeof what, "  %zu nodes, each reads two of the 100 before it",
                  knot.size());
    report(
        what, 3, [&] { layout_graph(knot, {.fold_depth = 100}); }, limit);
  }
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication application(argc, argv);
  nas::bench_layout();
  nas::bench_scatter(false);
  nas::bench_scatter(true);
  nas::bench_others();
  return 0;
}
