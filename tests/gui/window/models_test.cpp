#include <doctest/doctest.h>

#include <QAbstractItemModelTester>
#include <algorithm>
#include <fstream>
#include <thread>

#include "gui/models/columns_model.h"
#include "gui/models/events_model.h"
#include "gui/models/rows_model.h"
#include "gui/models/studies_model.h"
#include "tests/db/child_process.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr auto kFatal = QAbstractItemModelTester::FailureReportingMode::Fatal;
constexpr std::int64_t kTrials = 300;

/// Another process that adds rows when it is told to. Made before this one opens the file: a child
/// of a fork believes that it holds its parent's locks.
class Writer {
 public:
  Writer(const std::filesystem::path& file, std::int64_t first, std::int64_t trials)
      : sign_(file.string() + "-go-" + std::to_string(first)), child_([=, sign = sign_] {
          while (!std::filesystem::exists(sign)) QThread::msleep(2);
          add_sample_trials(file, first, trials);
          return 0;
        }) {}
  /// Returns when the rows are there and the file is closed.
  void write() {
    std::ofstream(sign_) << "now";
    REQUIRE(child_.wait() == 0);
  }

 private:
  std::filesystem::path sign_;
  test::ChildProcess child_;
};

struct Fixture {
  Fixture() {
    application();
    add_sample_trials(file, 0, kTrials);
  }
  TemporaryDirectory directory;
  std::filesystem::path file = directory.file("sample.db");
};

bool is_complete(const RowsModel& model) {
  return !model.isBusy() && model.countState() == RowsModel::Count::kComplete;
}

QString cell(const RowsModel& model, int row, int column) {
  QString text;
  wait_for([&] {
    text = model.data(model.index(row, column), Qt::DisplayRole).toString();
    return text != QStringLiteral("…");
  });
  return text;
}

}  // namespace

TEST_CASE("the rows model keeps the rules of models while rows come, sort, filter and go") {
  const Fixture sample;
  Database database(sample.file);
  RowsModel model(&database, std::int64_t{1});
  const QAbstractItemModelTester tester(&model, kFatal);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() == kTrials);
  CHECK(cell(model, 7, 0) == "7");
  CHECK(cell(model, 299, 2) == "failed");

  const auto accuracy = std::find_if(model.columns().begin(), model.columns().end(),
                                     [](const auto& column) { return column.name == "accuracy"; });
  model.sort(static_cast<int>(accuracy - model.columns().begin()), Qt::DescendingOrder);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() == kTrials);
  CHECK(cell(model, 0, 3) == "90");
  model.setFilter("accuracy > 80");
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() > 10);
  CHECK(model.rowCount() < kTrials / 2);
  CHECK_THROWS(model.setFilter("accuracy >"));
  CHECK(model.filterText() == "accuracy > 80");
  model.setFilter("accuracy > 1000");
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() == 0);
}

TEST_CASE("rows that another process adds appear at the end") {
  const Fixture sample;
  Database database(sample.file);
  RowsModel model(&database, std::int64_t{1});
  const QAbstractItemModelTester tester(&model, kFatal);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  const QPersistentModelIndex tenth(model.index(10, 0));
  add_sample_trials(sample.file, kTrials, 20);
  REQUIRE(wait_for([&] { return model.rowCount() == kTrials + 20; }));
  CHECK(tenth.row() == 10);
  CHECK(model.keyAt(kTrials + 19) == kTrials + 19);
}

TEST_CASE("rows keep arriving after something in this process has opened and closed the file") {
  application();
  const TemporaryDirectory directory;
  const auto file = directory.file("sample.db");
  std::filesystem::path log = file;
  log += "-wal";
  Writer first(file, 0, 10);
  Writer second(file, 10, 10);
  Writer third(file, 20, 10);
  first.write();
  std::optional<Database> database(std::in_place, file);
  {
    RowsModel model(&*database, std::int64_t{1});
    REQUIRE(wait_for([&] { return is_complete(model) && model.rowCount() == 10; }));
    // As dialogs of files do to choose an icon.
    for (const char* end : {"", "-wal", "-shm"}) std::ifstream(file.string() + end).get();
    // Each writer closes the file as the last one that it knows of.
    second.write();
    CHECK(std::filesystem::exists(log));
    database->refresh();
    REQUIRE(wait_for([&] { return model.rowCount() == 20; }));
    third.write();
    database->refresh();
    REQUIRE(wait_for([&] { return model.rowCount() == 30; }));
  }
  database.reset();
  // A writer that finds nobody reading removes its log, as ever.
  Writer last(file, 30, 1);
  last.write();
  CHECK_FALSE(std::filesystem::exists(log));
}

TEST_CASE("only what was looked at lately is kept of a long table") {
  application();
  const TemporaryDirectory directory;
  const auto file = directory.file("long.db");
  add_sample_trials(file, 0, 6000);
  Database database(file);
  RowsModel model(&database, std::int64_t{1});
  REQUIRE(wait_for([&] { return is_complete(model); }));
  for (int row = 0; row < 6000; row += 64) CHECK(cell(model, row, 0) == QString::number(row));
  CHECK(model.cachedRows() <= 4096);
  CHECK(model.cachedRows() > 1000);
}

TEST_CASE("the other models keep the rules of models") {
  const Fixture sample;
  StudiesModel studies;
  const QAbstractItemModelTester studies_tester(&studies, kFatal);
  Database* database = studies.open(sample.file);
  CHECK(studies.open(sample.file) == database);
  REQUIRE(wait_for([&] { return studies.rowCount(studies.index(0, 0)) == 2; }));
  const QModelIndex study = studies.index(1, StudiesModel::kBest, studies.index(0, 0));
  CHECK(studies.data(study, Qt::DisplayRole) == "accuracy 90");
  CHECK(studies.tableOf(study) == TableName(std::int64_t{1}));
  CHECK(studies.tableOf(studies.index(0, 0, studies.index(0, 0))) == TableName(AllTrials{}));
  const QPersistentModelIndex kept(study);

  EventsModel events;
  const QAbstractItemModelTester events_tester(&events, kFatal);
  events.setStudy(database, 1);
  REQUIRE(wait_for([&] { return events.rowCount() > 0; }));

  ColumnsModel columns;
  const QAbstractItemModelTester columns_tester(&columns, kFatal);
  columns.setColumns({{.name = "accuracy", .title = "accuracy"}, {.name = "worker"}}, {0, 1});
  CHECK(columns.shown() == std::vector<std::size_t>{0});
  CHECK(columns.setData(columns.index(1), Qt::Checked, Qt::CheckStateRole));
  CHECK(columns.shown() == std::vector<std::size_t>{0, 1});

  QElapsedTimer since;
  since.start();
  add_named_study(sample.file, "second", "");
  REQUIRE(wait_for([&] { return studies.rowCount(studies.index(0, 0)) == 3; }));
  CHECK(since.elapsed() < 3000);
  CHECK(kept.row() == 2);
  events.setStudy(nullptr, 0);
  studies.close(database);
  CHECK(studies.rowCount() == 0);
}

TEST_CASE("rows that come into the middle of a sorted table leave selections where they were") {
  const Fixture sample;
  Database database(sample.file);
  RowsModel model(&database, AllTrials{});
  const QAbstractItemModelTester tester(&model, kFatal);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  const auto accuracy = std::find_if(model.columns().begin(), model.columns().end(),
                                     [](const auto& column) { return column.name == "accuracy"; });
  model.sort(static_cast<int>(accuracy - model.columns().begin()), Qt::DescendingOrder);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  int resets = 0;
  QObject::connect(&model, &QAbstractItemModel::modelReset, &model, [&] { ++resets; });
  const QPersistentModelIndex middle(model.index(150, 0));
  const RowKey key = *model.keyAt(150);
  std::thread writer([&] { add_sample_trials(sample.file, kTrials, 40); });
  REQUIRE(wait_for([&] { return model.rowCount() == kTrials + 40; }));
  writer.join();
  CHECK(resets == 0);
  CHECK(middle.isValid());
  CHECK(model.keyAt(middle.row()) == key);
  CHECK(middle.row() > 150);
  CHECK(model.rowOf(key) == middle.row());
  CHECK(model.order().descending);
  REQUIRE(cell(model, middle.row(), 1) == "sample");
  CHECK(model.studyOf(key)->row.spec.name == "sample");
  CHECK(std::to_string(model.numberOf(key)) == cell(model, middle.row(), 2).toStdString());
}

TEST_CASE("a table is sorted by a column of text and filtered while rows come and go") {
  const Fixture sample;
  Database database(sample.file);
  RowsModel model(&database, std::int64_t{1});
  const QAbstractItemModelTester tester(&model, kFatal);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  model.sort(2, Qt::DescendingOrder);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() == kTrials);
  CHECK(cell(model, 0, 2) == "failed");
  CHECK(cell(model, kTrials - 1, 2) == "complete");
  model.setFilter("state ~ failed");
  REQUIRE(wait_for([&] { return is_complete(model); }));
  CHECK(model.rowCount() == kTrials / 10);
  add_sample_trials(sample.file, kTrials, 20);
  REQUIRE(wait_for([&] { return model.rowCount() == kTrials / 10 + 2; }));
}

TEST_CASE("an order of texts rests ten times as long as it works while rows come") {
  application();
  const TemporaryDirectory directory;
  const auto file = directory.file("long.db");
  add_sample_trials(file, 0, 2000);
  Database database(file);
  RowsModel model(&database, std::int64_t{1});
  REQUIRE(wait_for([&] { return is_complete(model); }));
  model.sort(1, Qt::AscendingOrder);
  REQUIRE(wait_for([&] { return is_complete(model); }));
  QElapsedTimer clock;
  clock.start();
  bool busy = false;
  qint64 began = 0, ended = 0, took = 0;
  std::vector<std::pair<qint64, qint64>> work_and_rest;
  QObject::connect(&model, &RowsModel::countChanged, &model, [&] {
    if (model.isBusy() == busy) return;
    busy = model.isBusy();
    if (busy) {
      began = clock.elapsed();
      if (took > 0) work_and_rest.emplace_back(took, began - ended);
    } else {
      ended = clock.elapsed();
      took = ended - began;
    }
  });
  std::int64_t rows = 2000;
  while (clock.elapsed() < 500) {
    add_sample_trials(file, rows++, 1);
    database.refresh();
    QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
  }
  REQUIRE(wait_for([&] { return model.rowCount() == rows && is_complete(model); }));
  CHECK(work_and_rest.size() > 0);
  for (const auto& [work, rest] : work_and_rest) CHECK(rest + 20 >= 10 * work);
}
