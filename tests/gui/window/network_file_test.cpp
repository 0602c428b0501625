#include <doctest/doctest.h>

#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableWidget>

#include "app/models/network_file.h"
#include "core/util/file.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/cell_picture.h"
#include "gui/views/window/main_window.h"
#include "searchspaces/registry.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

using namespace nas;
using namespace nas::testing;

namespace {

/// A network of NAS-Bench-201 without weights, as an ONNX file that says its space.
std::filesystem::path write_network(const std::filesystem::path& path) {
  const auto space = find_plugin<SearchSpace>(space_plugins(), "space", "nasbench201").make({});
  Rng rng({.seed = 1, .purpose = Purpose::kSample});
  const ArchGraph graph = space->build(sample(*space, rng), space->info().default_task);
  OnnxChoice choice;
  choice.metadata = {{"space", "nasbench201"}};
  write_file_atomically(path, format_onnx_file(graph, nullptr, choice));
  return path;
}

void drop(MainWindow& window, const std::filesystem::path& file) {
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(QString::fromStdString(file.string()))});
  // A drop without an entry before it goes nowhere.
  QDragEnterEvent entry(QPoint(40, 40), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&window, &entry);
  REQUIRE(entry.isAccepted());
  QDropEvent event(QPointF(40, 40), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&window, &event);
  REQUIRE(wait_for([&] { return !window.networks()->isBusy(); }));
}

/// The facts that a panel shows, "name=value".
QStringList facts_of(const QWidget& panel) {
  QStringList facts;
  for (const QTableWidget* table : panel.findChildren<QTableWidget*>()) {
    for (int row = 0; row < table->rowCount(); ++row) {
      if (table->columnCount() == 2 && table->item(row, 0) != nullptr)
        facts << table->item(row, 0)->text() + "=" + table->item(row, 1)->text();
    }
  }
  return facts;
}

}  // namespace

TEST_CASE("an ONNX file that is dropped into the window is drawn with its facts") {
  application();
  const testing::TemporaryDirectory directory;
  const auto file = write_network(directory.file("mine & yours.onnx"));
  MainWindow window(false);
  window.show();
  drop(window, file);
  REQUIRE(window.tabs()->count() == 1);
  CHECK(window.tabs()->tabText(0) == "mine && yours.onnx");
  auto* panel = qobject_cast<ArchitecturePanel*>(window.tabs()->currentWidget());
  REQUIRE(panel != nullptr);
  panel->waitForLayout();
  const QStringList facts = facts_of(*panel);
  CHECK(facts.contains("Form=ONNX, opset 17"));
  CHECK(facts.contains("File says space=nasbench201"));
  CHECK(panel->findChild<CellPicture*>()->isHidden());  // a file has no decisions
  CHECK_FALSE(window.grab().isNull());
  // A file that cannot be read is said, and nothing is opened.
  write_file_atomically(directory.file("page.onnx"), "<html></html>");
  drop(window, directory.file("page.onnx"));
  CHECK(window.tabs()->count() == 1);
  CHECK(window.statusBar()->currentMessage().contains("page.onnx"));
}
