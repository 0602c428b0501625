#include "db/transfer/copy_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "core/api/study_editor.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/open_store.h"
#include "tests/db/sample_rows.h"
#include "tests/db/transfer/full_store.h"

using namespace nas;
using namespace nas::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Tables, rows and contents as texts: equal for equal stores.
std::string contents(const CopyReport& report) {
  std::string text;
  for (const CopiedTable& table : report.tables)
    text += table.name + " " + std::to_string(table.rows) + " " + table.content + "\n";
  return text;
}

/// Ends the copy at its first sign of life.
class StopAtOnce final : public ProgressSink {
 public:
  explicit StopAtOnce(std::stop_source& source) : source_(source) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override { source_.request_stop(); }
  void end() override {}
  void message(std::string_view) override {}

 private:
  std::stop_source& source_;
};

}  // namespace

TEST_CASE("copy: a full store arrives with every row, and the copy goes on like the original") {
  const TemporaryDirectory directory;
  const StoreAddress from = directory.path() / "from.db";
  const StoreAddress to = directory.path() / "to.db";
  fill_store(*open_store(from, OpenMode::kCreate));
  const CopyReport report = copy_store(from, to);
  CHECK(report.files == 3);
  CHECK(report.folder == directory.path());
  const auto original = open_store(from, OpenMode::kReadWrite);
  const auto copy = open_store(to, OpenMode::kReadWrite);
  CHECK(rows_by_table(*original) == rows_by_table(*copy));
  check_sound(*copy);
  CHECK(copy->query("SELECT * FROM leaderboard", 100).rows ==
        original->query("SELECT * FROM leaderboard", 100).rows);
  CHECK(copy->query("SELECT * FROM pareto", 100).rows ==
        original->query("SELECT * FROM pareto", 100).rows);
  CHECK(copy->create_study(sample_study("next")).id ==
        original->create_study(sample_study("next")).id);
  const StoreAddress again = directory.path() / "again.db";
  const CopyReport second = copy_store(to, again);
  CHECK(contents(second) == contents(copy_store(again, directory.path() / "last.db")));
}

TEST_CASE("copy: a shared directory becomes a file and a directory again, with equal contents") {
  const TemporaryDirectory directory;
  const auto shared = [&](const char* name) {
    return StoreAddress::parse("dir:" + (directory.path() / name).string());
  };
  const StoreAddress file = directory.path() / "file.db";
  fill_store(*open_store(shared("from"), OpenMode::kCreate));
  const auto rows = rows_by_table(*open_store(shared("from"), OpenMode::kReadOnly));
  const CopyReport there = copy_store(shared("from"), file);
  CHECK(contents(copy_store(file, shared("back"))) == contents(there));
  CHECK(rows_by_table(*open_store(file, OpenMode::kReadOnly)) == rows);
  const auto back = open_store(shared("back"), OpenMode::kReadWrite);
  CHECK(rows_by_table(*back) == rows);
  check_sound(*back);
  // A copy is a store like any other.
  CHECK(back->create_study(sample_study("next")).id ==
        open_store(file, OpenMode::kReadWrite)->create_study(sample_study("next")).id);
  CHECK(contains(error_of([&] { copy_store(shared("absent"), file); }),
                 "there is no results database"));
}

TEST_CASE("copy: ids of what was removed are not given again") {
  const TemporaryDirectory directory;
  const StoreAddress from = directory.path() / "from.db";
  {
    const auto store = open_store(from, OpenMode::kCreate);
    const StudyRow study = store->create_study(sample_study("removed"));
    study_editor(*store).remove_study(study.id, false);
  }
  copy_store(from, directory.path() / "to.db");
  const auto copy = open_store(directory.path() / "to.db", OpenMode::kReadWrite);
  CHECK(copy->create_study(sample_study("next")).id == 2);
}

TEST_CASE("copy: what cannot be copied leaves nothing behind") {
  const TemporaryDirectory directory;
  const auto path = [&](const char* name) { return StoreAddress(directory.path() / name); };
  fill_store(*open_store(path("from.db"), OpenMode::kCreate));
  const auto refused = [&](const StoreAddress& from, const StoreAddress& to) {
    return error_of([&] { copy_store(from, to); });
  };
  CHECK(contains(refused(path("from.db"), path("from.db")), "are the same store"));
  std::filesystem::create_symlink("from.db", directory.path() / "link.db");
  CHECK(contains(refused(path("from.db"), path("link.db")), "are the same store"));
  CHECK(contains(refused(path("absent.db"), path("to.db")), "there is no results database"));
  fill_store(*open_store(path("full.db"), OpenMode::kCreate));
  CHECK(contains(refused(path("from.db"), path("full.db")), "is not empty"));
  std::stop_source source;
  StopAtOnce stop(source);
  CHECK(contains(error_of([&] {
                   copy_store(path("from.db"), path("to.db"),
                              {.progress = &stop, .stop = source.get_token()});
                 }),
                 "stopped on request"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "to.db"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "to.db-wal"));
  open_store(path("empty.db"), OpenMode::kCreate);
  CHECK(refused(path("from.db"), path("empty.db")).empty());
}
