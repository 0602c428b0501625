#include <doctest/doctest.h>

#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>

#include "app/explorer/explorer.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/gui/window/sample_database.h"

// What the explorer reads of a database that is damaged, or that another program has filled with
// values that ours never writes: rows, or one clear line.

using namespace nas;
using namespace nas::testing;

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

void add_benchmark(const std::filesystem::path& file) {
  Benchmark benchmark({.name = "bench", .space = "nasbench201"});
  benchmark.set_rows({sample_text(0), sample_text(1), "<b>x</b>"});
  benchmark.add_column({.metric = "accuracy"}, {1, 2, std::nan("")});
  benchmark.add_column({.metric = "curve", .width = 2}, {1, 2, 3, 4, 5, 6});
  open_sqlite_store(file, OpenMode::kReadWrite)->put_benchmark(benchmark);
}

void read_table(ExplorerTable& table) {
  table.refresh();
  for (std::size_t column = 0; column < table.columns().size(); ++column) {
    const bool text = table.columns()[column].kind == BrowseKind::kText;
    if (text) {
      table.source().texts(column, [](BrowseKey, std::string_view) {}, {});
    } else {
      table.values(column, {});
    }
  }
}

void read_in_order(const std::shared_ptr<ExplorerTable>& table, const BrowseOrder& order) {
  ExplorerQuery query(table, order, {});
  std::vector<BrowseKey> keys;
  for (const std::size_t piece : {200U, 50'000U}) {
    const auto next = query.next(piece, {});
    keys.insert(keys.end(), next->begin(), next->end());
  }
  CHECK(query.complete());
  bool one_line = true;
  for (const BrowseRow& row : table->source().rows(keys)) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string text = cell_text(row.cells[i], table->columns()[i]);
      one_line = one_line && text.find('\n') == std::string::npos;
    }
  }
  CHECK(one_line);
  merge_changes(*table, order, {}, keys, table->source().rows(keys), {});
}

/// Everything that the window asks for.
void look_at_all(const std::filesystem::path& file) {
  Explorer explorer(file);
  explorer.version();
  std::vector<std::shared_ptr<ExplorerTable>> tables = {explorer.all_trials()};
  for (const Explorer::Study& study : explorer.studies()) {
    progress_text(study.row, system_clock_us());
    explorer.events(study.row.id, 100);
    explorer.curve(study.row.id, 1);
    tables.push_back(explorer.trials(study.row.id));
  }
  for (const BenchmarkRow& benchmark : explorer.benchmarks()) {
    tables.push_back(explorer.benchmark(benchmark.info.name));
  }
  explorer.place_of(1);
  for (const auto& table : tables) {
    for (std::size_t column = 0; column < table->columns().size(); ++column) {
      read_in_order(table, {column, column % 2 == 1});
    }
    read_in_order(table, {0, true});
    read_table(*table);
  }
}

/// The one line that a person sees, "" when all could be read. Anything else fails the test.
std::string problem_of(const std::filesystem::path& file) {
  const std::clock_t begin = std::clock();
  std::string problem;
  try {
    look_at_all(file);
  } catch (const Error& error) {
    problem = error.what();
    CHECK_MESSAGE(error.kind() != ErrorKind::kInternal, problem);
    CHECK_MESSAGE(problem.find('\n') == std::string::npos, problem);
    CHECK_FALSE(problem.empty());
  } catch (const std::exception& error) {
    FAIL_CHECK("another exception: ", error.what());
  }
  CHECK((std::clock() - begin) / CLOCKS_PER_SEC < 20);
  return problem;
}

struct Sample {
  explicit Sample(std::int64_t trials) {
    add_sample_trials(file, 0, trials);
    add_named_study(file, "שלום <b>", sample_text(3));
    add_benchmark(file);
    bytes = read_file(file);
  }
  /// With every `stride`th byte of these pages turned over, one at a time: how many were refused.
  std::size_t refused(std::initializer_list<std::size_t> pages, std::size_t stride) const {
    const auto damaged = directory.file("damaged.db");
    std::size_t count = 0;
    for (const std::size_t page : pages) {
      for (std::size_t at = page * kPage; at < (page + 1) * kPage; at += stride) {
        for (const char mask : {'\x01', '\xff'}) {
          CAPTURE(at);
          std::string copy = bytes;
          copy[at] = static_cast<char>(copy[at] ^ mask);
          std::filesystem::remove(damaged);
          std::ofstream(damaged, std::ios::binary) << copy;
          count += problem_of(damaged).empty() ? 0 : 1;
        }
      }
    }
    return count;
  }
  /// What is said of the sample after these statements, which nothing checks.
  std::string after(const std::string& sql) const {
    CAPTURE(sql);
    const auto changed = directory.file("changed.db");
    std::filesystem::copy_file(file, changed, std::filesystem::copy_options::overwrite_existing);
    SqliteConnection({changed, Access::kWrite, {}})
        .run_script("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;" + sql);
    return problem_of(changed);
  }
  std::size_t pages() const { return bytes.size() / kPage; }

  nas::testing::TemporaryDirectory directory;
  std::filesystem::path file = directory.file("sample.db");
  std::string bytes;
};

}  // namespace

TEST_CASE("a sound database gives no problem") {
  const Sample sample(20);
  CHECK(problem_of(sample.file) == "");
  CHECK(sample.after("") == "");
}

TEST_CASE("a damaged byte gives rows or one line") {
  const Sample sample(20);
  REQUIRE(sample.pages() > 8);
  CHECK(sample.refused({0, 1, 2, 3}, 797) > 0);
  sample.refused({sample.pages() / 3, sample.pages() / 2, sample.pages() - 1}, 1597);
}

TEST_CASE("acceptance: damaged bytes in every part of a database give rows or one line") {
  const Sample sample(40);
  CHECK(sample.refused({0, 1, 2, 3}, 53) > 5);
  for (std::size_t page = 4; page < sample.pages(); ++page) sample.refused({page}, 1021);
}

TEST_CASE("a database that is cut off or overwritten in part gives one line") {
  const Sample sample(40);
  const auto damaged = sample.directory.file("damaged.db");
  for (std::size_t page = 0; page < sample.pages(); page += 5) {
    CAPTURE(page);
    std::ofstream(damaged, std::ios::binary) << sample.bytes.substr(0, page * kPage + 100);
    CHECK_FALSE(problem_of(damaged).empty());
    for (const char filling : {'\0', '\xff', '\x0d'}) {
      std::string copy = sample.bytes;
      copy.replace(page * kPage, kPage, kPage, filling);
      std::ofstream(damaged, std::ios::binary) << copy;
      problem_of(damaged);
    }
  }
}

TEST_CASE("numbers of trials that no file of this size can have take no memory") {
  const Sample sample(20);
  for (const std::int64_t number :
       {std::int64_t{50'000'000}, kLargest, kSmallest, std::int64_t{-5}}) {
    const std::string text = std::to_string(number);
    CHECK(sample.after("UPDATE trial SET number = " + text + " WHERE id = 3").find("is damaged") !=
          std::string::npos);
    CHECK(sample.after("UPDATE trial SET id = " + text + " WHERE id = 3").find("is damaged") !=
          std::string::npos);
    CHECK(sample.after("UPDATE metric SET trial_number = " + text + " WHERE trial_id = 3")
              .find("is damaged") != std::string::npos);
  }
  CHECK(sample.after("UPDATE trial SET number = 9999999 WHERE id = 3;"
                     "UPDATE metric SET trial_number = 9999999 WHERE trial_id = 3") == "");
  CHECK(sample.after("DELETE FROM trial WHERE id = 3").find("is not there") != std::string::npos);
}

TEST_CASE("acceptance: values that ours never writes are shown or refused in one line") {
  const Sample sample(20);
  const std::string numbers[] = {std::to_string(kLargest), std::to_string(kSmallest), "-1", "0"};
  for (const std::string& number : numbers) {
    for (const char* place :
         {"study SET budget_trials", "study SET created_us", "study SET seed",
          "architecture SET published_params", "architecture SET published_macs",
          "trial SET seconds", "trial SET started_us", "metric SET value", "curve SET epoch",
          "curve SET value", "event SET at_us", "benchmark SET rows", "benchmark SET imported_us",
          "benchmark_column SET width", "benchmark_column SET epochs"}) {
      sample.after("UPDATE " + std::string(place) + " = " + number);
    }
  }
  const std::string texts[] = {"''",
                               "x'00'",
                               "'a' || char(0) || 'b'",
                               "'\x1b[31m\n<b>'",
                               "CAST(x'fffe41' AS TEXT)",
                               "hex(zeroblob(2000))"};
  for (const std::string& text : texts) {
    for (const char* place : {"study SET config",
                              "study SET searcher",
                              "study SET state",
                              "space SET name",
                              "architecture SET text",
                              "architecture SET digest",
                              "device SET name",
                              "metric SET name",
                              "metric SET status",
                              "objective SET metric",
                              "objective SET direction",
                              "trial SET state",
                              "trial SET worker",
                              "trial SET error",
                              "proposal SET reason",
                              "curve SET name",
                              "curve SET status",
                              "event SET text",
                              "benchmark SET name",
                              "benchmark SET space",
                              "benchmark_column SET metric",
                              "benchmark_column SET direction",
                              "benchmark_column SET encoding"}) {
      // A BLOB where a text must be is refused by SQLite itself.
      if (text.starts_with("x'")) continue;
      sample.after("UPDATE OR IGNORE " + std::string(place) + " = " + text);
    }
  }
  CHECK(sample.after("UPDATE benchmark SET rows = 1 << 60").find("import it again") !=
        std::string::npos);
}
