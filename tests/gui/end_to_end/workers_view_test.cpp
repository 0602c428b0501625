#include <doctest/doctest.h>

#include <QApplication>
#include <QDir>
#include <QDockWidget>
#include <QScreen>
#include <QTest>

#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "db/sqlite_store.h"
#include "gui/views/panels/workers_panel.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/end_to_end/display.h"
#include "tests/gui/window/sample_database.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr int kPatienceMs = 40'000;

std::int64_t add_worker(Store& store, const std::string& name, const std::string& job,
                        const WorkerPulse& pulse) {
  WorkerSpec spec;
  spec.name = name;
  spec.host = name.substr(0, name.find(':'));
  spec.environment = {"0.2.0", "libtorch", "cpu", 2};
  spec.devices = {"machine " + spec.host};
  spec.job = job;
  WorkerRegistry& registry = worker_registry(store);
  const std::int64_t id = registry.add_worker(spec);
  registry.beat(id, pulse);
  return id;
}

/// Four trials in the queue of the study "sample", two of them taken: one with a lease that is
/// about to end.
void fill(Store& store) {
  const std::int64_t study = store.find_study("sample").value().id;
  const Lead lead =
      study_leads(store).lead({.study_id = study, .who = "login:77", .seconds = 3600}).value();
  std::vector<QueuedTrial> waiting;
  for (std::int64_t number = 100; number < 104; ++number) {
    waiting.push_back({.number = number, .text = sample_text(number)});
  }
  REQUIRE(trial_queue(store).enqueue(lead, {"nasbench201", "", "random"}, waiting));
  add_worker(store, "node1:10:0", "slurm 17_1",
             {.state = WorkerState::kBusy, .trials = 40, .seconds = 100});
  add_worker(store, "node2:11:0", "slurm 17_2",
             {.state = WorkerState::kBusy, .trials = 2, .seconds = 90});
  add_worker(store, "node3:12:0", "",
             {.state = WorkerState::kBlocked, .note = "lacks data cifar10"});
  TrialQueue& queue = trial_queue(store);
  REQUIRE(queue.take({.study_id = study, .worker = "node1:10:0", .lease_seconds = 600}).size() ==
          1);
  REQUIRE(queue.take({.study_id = study, .worker = "node2:11:0", .lease_seconds = 8}).size() == 1);
}

std::size_t column(const Table& table, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return i;
  }
  FAIL("no column " << name);
  return 0;
}

}  // namespace

TEST_CASE("the explorer shows who works where, how fast, and which leases are about to end") {
  const VirtualDisplay display;
  if (display.name().isEmpty()) {
    MESSAGE("skipped: " << display.problem().toStdString());
    return;
  }
  qputenv("DISPLAY", display.name().toUtf8());
  qputenv("QT_QPA_PLATFORM", "xcb");
  qputenv("QT_QPA_PLATFORMTHEME", "none");
  const TemporaryDirectory directory;
  const auto file = directory.file("sample.db");
  add_sample_trials(file, 0, 60);
  const auto store = open_sqlite_store(file, OpenMode::kReadWrite);
  fill(*store);

  int count = 1;
  char name[] = "nas-explorer";
  char* arguments[] = {name, nullptr};
  const QApplication program(count, arguments);
  MainWindow window(false);
  window.resize(1300, 800);
  window.show();
  window.openStore(QString::fromStdString(file.string()));
  WorkersPanel* panel = window.workers();
  auto* dock = window.findChild<QDockWidget*>("workers");
  REQUIRE(dock != nullptr);
  CHECK_FALSE(panel->isVisible());
  dock->toggleViewAction()->trigger();
  dock->raise();
  const auto rows = [panel] { return panel->result().table().rows.size(); };
  REQUIRE(QTest::qWaitFor([&] { return rows() == 3; }, kPatienceMs));
  const Table& table = panel->result().table();
  const auto cell = [&](std::size_t row, const char* of) {
    return table.rows[row][column(table, of)];
  };
  CHECK(std::get<std::string>(cell(0, "worker")) == "node1:10:0");
  CHECK(std::get<std::string>(cell(0, "study")) == "sample");
  CHECK(std::get<std::int64_t>(cell(0, "trials")) == 40);
  CHECK(std::get<double>(cell(0, "lease_seconds")) > 500);
  CHECK(std::get<double>(cell(1, "lease_seconds")) <= 8);
  CHECK(std::get<std::string>(cell(2, "state")) == "blocked");
  CHECK(panel->coordinators().contains("login:77"));
  CHECK(panel->coordinators().contains("2 wait, 2 run"));

  // It follows what happens without being asked.
  add_worker(*store, "node4:13:0", "", {.state = WorkerState::kIdle});
  CHECK(QTest::qWaitFor([&] { return rows() == 4; }, kPatienceMs));
  QTest::qWait(200);
  QDir().mkpath(NAS_PICTURES);
  CHECK(window.screen()->grabWindow(window.winId()).save(NAS_PICTURES "/workers.png"));
}
