#include <doctest/doctest.h>

#include <QTabWidget>
#include <cmath>
#include <limits>
#include <string>

#include "app/explorer/explorer_filter.h"
#include "db/sqlite_store.h"
#include "gui/plots/axis_plot.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kHuge = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();
const double kNan = std::nan("");

/// Columns whose smallest and largest value leave no room for arithmetic, and names that are
/// markup, run from right to left, steer terminals or fill the screen.
void add_strange_benchmark(const std::filesystem::path& file, const std::string& name) {
  Benchmark benchmark({.name = name, .space = "nasbench201"});
  benchmark.set_rows({"<b>a</b>", "שלום", "c\x1b[31m\x07", std::string(4000, 'q')});
  benchmark.add_column({.metric = "nothing"}, {kNan, kNan, kNan, kNan});
  benchmark.add_column({.metric = "<i>huge</i> & more"}, {-kHuge, kHuge, 0, kNan});
  benchmark.add_column({.metric = "steer\x1b[31m\r\n"}, {1, 2, 3, 4});
  benchmark.add_column({.metric = "endless"}, {-kInfinity, kInfinity, 1, 2});
  benchmark.add_column({.metric = "מדד"}, {kTiny, 2 * kTiny, 0, -kTiny});
  benchmark.add_column({.metric = std::string(300, 'w')}, {1, 1, 1, 1});
  open_sqlite_store(file, OpenMode::kCreate)->put_benchmark(benchmark);
}

}  // namespace

TEST_CASE("a benchmark of values that are not numbers, or out of all bounds, is shown") {
  application();
  const nas::testing::TemporaryDirectory directory;
  const auto file = directory.file("strange.db");
  const std::string name = "<h1>bench</h1>\x1b[2J\nשלום";
  add_strange_benchmark(file, name);
  Benchmark empty({.name = "empty"});
  open_sqlite_store(file, OpenMode::kReadWrite)->put_benchmark(empty);

  MainWindow window{false};
  window.resize(1024, 700);
  window.show();
  Database* database = window.openStore(QString::fromStdString(file.string()));
  REQUIRE(wait_for([&] { return database->benchmarks().size() == 2; }));
  for (const std::string& table : {name, std::string("empty")}) {
    TablePage* page = window.openTable(database, table);
    const RowsModel* rows = page->model();
    REQUIRE(wait_for(
        [&] { return !rows->isBusy() && rows->countState() == RowsModel::Count::kComplete; }));
    CHECK(rows->rowCount() == (table == name ? 4 : 0));
    // The hint is a filter that the table takes, whatever its columns are called.
    CHECK_FALSE(page->filterLine()->hint().contains(QChar(0x1b)));
    CHECK_NOTHROW(parse_filter(filter_hint(rows->columns(), {}), rows->columns()));
    for (int column = 0; column < rows->columnCount(); ++column) {
      const QString heading = rows->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
      CHECK_FALSE(heading.contains(QChar(0x1b)));
    }
    PlotsPanel* plots = window.currentPlots();
    for (int view = 0; view < static_cast<int>(plot_kinds().size()); ++view) {
      CAPTURE(view);
      if (rows->rowCount() > 0) page->showRow(0);
      plots->setView(view);
      REQUIRE(wait_for([&] { return rows->rowCount() == 0 || plots->isReady(); }));
      CHECK_FALSE(plots->grab().isNull());
      const auto* axes = qobject_cast<AxisPlot*>(plots->canvas());
      if (axes == nullptr) continue;
      CHECK(axes->axisLabels(Qt::Horizontal, axes->size()).size() >= 2);
      CHECK(axes->axisLabels(Qt::Vertical, axes->size()).size() >= 2);
    }
    for (int column = 0; column < rows->columnCount(); ++column) {
      page->tableView()->sortByColumn(column, Qt::DescendingOrder);
      REQUIRE(wait_for([&] { return !rows->isBusy(); }));
    }
    CHECK_FALSE(window.grab().isNull());
  }
  CHECK_FALSE(window.tabs()->tabText(0).contains('\n'));
}
