// What a person waits for in a real window of the explorer, with the limits beside it:
// `window_bench FILE` on a desktop, `xvfb-run -a window_bench FILE` without one, or with
// QT_QPA_PLATFORM=offscreen. `explorer_bench make FILE` makes a file of a million rows.
#include <QApplication>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTableView>
#include <QThread>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "core/util/error.h"
#include "gui/plots/axis_plot.h"
#include "gui/views/window/main_window.h"

namespace nas {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPatienceMs = 120'000;
constexpr int kFrames = 300;
constexpr QSize kWindow(1600, 1000);

double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// One line: what, the value, and the limit that it must keep (below, or above for rates).
void report(const char* what, double value, const char* unit, double limit, bool at_least = false) {
  const bool kept = at_least ? value >= limit : value <= limit;
  std::printf("%-52s %9.1f %-5s", what, value, unit);
  if (limit > 0)
    std::printf("  %s %g: %s", at_least ? "at least" : "at most", limit, kept ? "kept" : "MISSED");
  std::printf("\n");
  std::fflush(stdout);
}

/// Runs events until `done`; the milliseconds that it took. Throws when nothing comes.
double wait_until(const char* what, const std::function<bool()>& done) {
  const auto start = Clock::now();
  while (!done()) {
    if (since(start) > kPatienceMs)
      throw Error(ErrorKind::kIo, std::string(what) + ": nothing came in two minutes");
    QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    QThread::usleep(200);
  }
  return since(start);
}

struct Frames {
  std::vector<double> ms;
  double at(double share) {
    std::sort(ms.begin(), ms.end());
    return ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
  }
  double rate() const {
    double total = 0;
    for (const double frame : ms) total += frame;
    return 1000 * static_cast<double>(ms.size()) / total;
  }
};

/// Each frame: the change, all that it sets off, and the picture.
Frames measure(QWidget& drawn, const std::function<void(int)>& change) {
  Frames frames;
  for (int i = 0; i < kFrames; ++i) {
    const auto start = Clock::now();
    change(i);
    QCoreApplication::processEvents();
    drawn.repaint();
    frames.ms.push_back(since(start));
  }
  return frames;
}

double memory_mb(const char* field) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    double kilobytes = 0;
    if (word == field && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

void send(QWidget& widget, QEvent::Type type, QPointF at) {
  const bool move = type == QEvent::MouseMove;
  const bool up = type == QEvent::MouseButtonRelease;
  QMouseEvent event(type, at, widget.mapToGlobal(at), move ? Qt::NoButton : Qt::LeftButton,
                    up ? Qt::NoButton : Qt::LeftButton, Qt::ControlModifier);
  QApplication::sendEvent(&widget, &event);
}

/// Drags the plot about with the pointer, as far as its rows reach.
void bench_panning(AxisPlot& plot, const char* what) {
  plot.fit();
  plot.zoomBy(3);
  const QPointF middle = plot.plotArea(plot.size()).center();
  plot.repaint();
  send(plot, QEvent::MouseButtonPress, middle);
  Frames frames = measure(plot, [&](int i) {
    const double reach = 0.3 * plot.width(), angle = 6.2831853 * i / kFrames;
    send(plot, QEvent::MouseMove,
         middle + QPointF(reach * std::sin(angle), 0.6 * reach * std::sin(2 * angle)));
  });
  send(plot, QEvent::MouseButtonRelease, middle);
  char line[96];
  std::snprintf(line, sizeof line, "panning%s", what);
  report(line, frames.rate(), "f/s", 30, true);
  std::snprintf(line, sizeof line, "panning%s, frame, 99th percentile", what);
  report(line, frames.at(0.99), "ms", 0);
}

void bench_scrolling(TablePage& page) {
  QScrollBar* bar = page.tableView()->verticalScrollBar();
  const int rows = page.model()->rowCount();
  Frames lines = measure(*page.tableView()->viewport(), [&](int i) { bar->setValue(3 * i); });
  report("scroll by lines, frame, median", lines.at(0.5), "ms", 0);
  report("scroll by lines, frame, 99th percentile", lines.at(0.99), "ms", 16);
  Frames jumps = measure(*page.tableView()->viewport(), [&](int i) {
    bar->setValue(static_cast<int>(static_cast<std::int64_t>(i) * 7919 * 31 % std::max(1, rows)));
  });
  report("scroll to anywhere, frame, median", jumps.at(0.5), "ms", 0);
  report("scroll to anywhere, frame, 99th percentile", jumps.at(0.99), "ms", 16);
}

double time_to_plot(PlotsPanel& plots, const char* view) {
  const auto start = Clock::now();
  plots.setView(view);
  wait_until("plot", [&] { return plots.isReady(); });
  plots.canvas()->repaint();
  return since(start);
}

void run(const QString& file) {
  double load[3] = {};
  ::getloadavg(load, 3);
  std::printf("%s, %s, load %.1f\n", qPrintable(file), qPrintable(QApplication::platformName()),
              load[0]);
  MainWindow window(false);
  window.resize(kWindow);
  window.show();
  QCoreApplication::processEvents();

  const auto start = Clock::now();
  window.openStore(file);
  wait_until("first rows", [&] {
    const TablePage* page = window.currentPage();
    return page != nullptr && page->model()->rowCount() > 0 && page->model()->cachedRows() > 0;
  });
  TablePage& page = *window.currentPage();
  page.tableView()->viewport()->repaint();
  report("first rows after opening", since(start), "ms", 300);
  PlotsPanel& plots = *window.currentPlots();
  wait_until("all keys", [&] {
    return !page.model()->isBusy() && page.model()->countState() == RowsModel::Count::kComplete;
  });
  report("all rows known", since(start), "ms", 0);
  std::printf("%d rows\n", page.model()->rowCount());
  const auto known = Clock::now();
  wait_until("scatter", [&] { return plots.isReady(); });
  plots.canvas()->repaint();
  report("scatter with front, its columns read first", since(known), "ms", 1000);
  report("histogram of one of its columns", time_to_plot(plots, "distribution"), "ms", 0);
  report("scatter with front, columns known", time_to_plot(plots, "scatter"), "ms", 1000);
  report("resident memory", memory_mb("VmRSS:"), "MB", 500);

  bench_scrolling(page);
  auto& scatter = dynamic_cast<AxisPlot&>(*plots.canvas());
  bench_panning(scatter, "");
  std::vector<RowKey> half;
  const auto keys = page.model()->keys();
  for (std::size_t i = 0; i < keys->size(); i += 2) half.push_back((*keys)[i]);
  const auto selecting = Clock::now();
  page.selection()->set(std::move(half));
  QCoreApplication::processEvents();
  report("half of the rows selected in table and plot", since(selecting), "ms", 0);
  bench_panning(scatter, ", half of the rows selected");
  report("resident memory, at most", memory_mb("VmHWM:"), "MB", 500);
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: window_bench FILE\n");
    return 2;
  }
  if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
      qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  try {
    const QApplication application(argc, argv);
    nas::run(QString::fromLocal8Bit(argv[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
  return 0;
}
