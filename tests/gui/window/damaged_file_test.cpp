#include <doctest/doctest.h>

#include <QAbstractItemModelTester>
#include <QStringList>
#include <filesystem>
#include <fstream>

#include "gui/models/rows_model.h"
#include "gui/models/studies_model.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

// A file that is damaged while the explorer has it open.

using namespace nas;
using namespace nas::testing;

namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::int64_t kTrials = 3000;

struct Watched {
  Watched(Database* database, TableName table) : model(database, std::move(table)) {
    QObject::connect(&model, &RowsModel::failed, &model,
                     [this](const QString& problem) { problems << problem; });
    REQUIRE(wait_for([&] { return idle(); }));
  }
  bool idle() const { return !model.isBusy(); }
  void sort(int column, Qt::SortOrder order) {
    model.sort(column, order);
    REQUIRE(wait_for([&] { return idle(); }));
    for (int row = 0; row < model.rowCount(); row += 500)
      model.data(model.index(row, 0), Qt::DisplayRole);
  }
  RowsModel model;
  const QAbstractItemModelTester tester{&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal};
  QStringList problems;
};

/// Overwrites pages in place: the file stays the same one.
void overwrite(const std::filesystem::path& file, std::int64_t first, std::int64_t pages) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(first * kPage);
  stream << std::string(static_cast<std::size_t>(pages * kPage), '\xa5');
}

}  // namespace

TEST_CASE("pages that are overwritten while a table is open give lines of text, not rows") {
  application();
  for (const bool first_pages : {true, false}) {
    CAPTURE(first_pages);
    const nas::testing::TemporaryDirectory directory;
    const auto file = directory.file("open.db");
    add_sample_trials(file, 0, kTrials);
    StudiesModel studies;
    Database* database = studies.open(file);
    REQUIRE(wait_for([&] { return database->isOpen(); }));
    Watched study(database, std::int64_t{1});
    Watched all(database, AllTrials{});
    CHECK(study.model.rowCount() == kTrials);
    const auto pages = static_cast<std::int64_t>(std::filesystem::file_size(file)) / kPage;
    overwrite(file, first_pages ? 0 : pages / 4, first_pages ? 4 : pages / 2);
    for (Watched* watched : {&study, &all}) {
      for (int column = 0; column < watched->model.columnCount(); ++column) {
        watched->sort(column, column % 2 == 0 ? Qt::AscendingOrder : Qt::DescendingOrder);
      }
      watched->model.refresh();
      wait_for([&] { return watched->idle(); });
    }
    database->refresh();
    QStringList problems = study.problems + all.problems;
    if (!first_pages) CHECK_FALSE(problems.empty());
    for (const QString& problem : problems + QStringList{database->problem()})
      CHECK_FALSE(problem.contains('\n'));
    // A sound file in its place is read again.
    std::filesystem::remove(file);
    add_sample_trials(file, 0, 30);
    wait_for([&] { return !database->problem().isEmpty(); });
    database->refresh();
    CHECK(wait_for([&] { return database->problem().isEmpty() && study.model.rowCount() == 30; }));
  }
}
