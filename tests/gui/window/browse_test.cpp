#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "app/explorer/explorer.h"
#include "app/explorer/explorer_export.h"
#include "core/util/error.h"
#include "db/sqlite_store.h"
#include "tests/gui/window/query_keys.h"
#include "tests/gui/window/sample_database.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr std::int64_t kTrials = 300;

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Fixture {
  Fixture() {
    add_sample_trials(file, 0, kTrials);
    explorer = std::make_unique<Explorer>(file);
    table = explorer->trials(explorer->studies().front().row.id);
  }
  std::size_t column(const char* name) const { return find_column(table->source(), name); }
  std::vector<BrowseKey> keys(const BrowseOrder& order, const std::string& filter,
                              std::size_t piece = 7) const {
    return query_keys(table, order, filter, piece);
  }

  TemporaryDirectory directory;
  std::filesystem::path file = directory.file("sample.db");
  std::unique_ptr<Explorer> explorer;
  std::shared_ptr<ExplorerTable> table;
};

double accuracy_of(BrowseKey key) {
  return sample_fails(key) ? std::nan("") : sample_accuracy(key);
}

}  // namespace

TEST_CASE("every trial comes once in every order, rows without a value last") {
  const Fixture sample;
  for (const char* name : {"number", "accuracy", "latency_ms@phone", "published_params",
                           "published_macs", "seconds"}) {
    for (const bool descending : {false, true}) {
      CAPTURE(name);
      CAPTURE(descending);
      const std::size_t column = sample.column(name);
      const std::vector<BrowseKey> keys = sample.keys({column, descending}, "");
      CHECK(std::set<BrowseKey>(keys.begin(), keys.end()).size() == kTrials);
      CHECK(keys.size() == kTrials);
      const auto values = *sample.table->values(column, {});
      const auto before = [&](BrowseKey a, BrowseKey b) {
        const double x = values[static_cast<std::size_t>(a)];
        const double y = values[static_cast<std::size_t>(b)];
        if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
        return descending ? x > y : x < y;
      };
      CHECK(std::is_sorted(keys.begin(), keys.end(), before));
    }
  }
}

TEST_CASE("a filter passes what brute force passes") {
  const Fixture sample;
  const auto holds = [](BrowseKey key) {
    return (accuracy_of(key) > 70 || sample_latency(key, false) <= 3) &&
           sample_text(key).find("|skip_connect~0|+") == std::string::npos;
  };
  std::vector<BrowseKey> expected;
  for (BrowseKey key = 0; key < kTrials; ++key) {
    const bool latency_known = !sample_fails(key);
    if (holds(key) && (latency_known || accuracy_of(key) > 70)) expected.push_back(key);
  }
  CHECK(expected.size() > 20);
  CHECK(expected.size() < 250);
  CHECK(sample.keys({},
                    "(accuracy > 70 or latency_ms@host <= 3) and not architecture ~ "
                    "\"|SKIP_connect~0|+\"") == expected);
}

TEST_CASE("missing values and states can be asked for") {
  const Fixture sample;
  std::size_t missing = 0;
  for (BrowseKey key = 0; key < kTrials; ++key) missing += std::isnan(accuracy_of(key)) ? 1 : 0;
  CHECK(sample.keys({}, "accuracy is missing").size() == missing);
  CHECK(sample.keys({}, "accuracy is present").size() == kTrials - missing);
  CHECK(sample.keys({}, "state ~ failed").size() == kTrials / 10);
  CHECK(sample.keys({}, "error ~ finite").size() == kTrials / 10);
  CHECK(sample.keys({}, "published_params < 1.1k").size() == 100);
}

TEST_CASE("cells are those of the trial, values that are not finite included") {
  const Fixture sample;
  const std::vector<BrowseKey> keys = {5, 6, 9, 100'000};
  const auto rows = sample.table->source().rows(keys);
  const std::size_t accuracy = sample.column("accuracy");
  CHECK(std::get<double>(rows[0].cells[accuracy]) == sample_accuracy(5));
  CHECK(std::isnan(std::get<double>(rows[1].cells[accuracy])));
  CHECK(std::holds_alternative<std::monostate>(rows[2].cells[accuracy]));
  CHECK(std::get<std::string>(rows[2].cells[sample.column("error")]) == "the loss is not finite");
  CHECK(std::get<double>(rows[0].cells[sample.column("latency_ms@phone")]) ==
        sample_latency(5, true));
  CHECK(std::holds_alternative<std::monostate>(rows[3].cells[0]));
}

TEST_CASE("the version changes when another process commits, and what it wrote is there") {
  const Fixture sample;
  const std::int64_t before = sample.explorer->version();
  CHECK(sample.explorer->version() == before);
  add_sample_trials(sample.file, kTrials, 5);
  CHECK(sample.explorer->version() != before);
  CHECK(sample.keys({}, "").size() == kTrials + 5);
}

TEST_CASE("reading everything changes no byte of the file") {
  const Fixture sample;
  const std::string before = bytes_of(sample.file);
  sample.keys({sample.column("accuracy"), true}, "accuracy > 60");
  sample.explorer->events(1, 10);
  CHECK(sample.explorer->curve(1, 0).size() == 2);
  CHECK(bytes_of(sample.file) == before);
}

TEST_CASE("a removed or replaced file is told from the one that was opened") {
  const Fixture sample;
  std::filesystem::rename(sample.file, sample.directory.file("away.db"));
  CHECK(error_of([&] { sample.explorer->version(); }).find("was removed") != std::string::npos);
  // What was open can still be read.
  CHECK(sample.keys({}, "").size() == kTrials);
  add_sample_trials(sample.file, 0, 1);
  CHECK(error_of([&] { sample.explorer->version(); }).find("was replaced") != std::string::npos);
}

TEST_CASE("writers that come and go do not take the log away under a reader") {
  const TemporaryDirectory directory;
  const auto file = directory.file("shared.db");
  add_sample_trials(file, 0, 50);
  // The child is made first: SQLite's memory of open files must not be inherited.
  int go[2];
  REQUIRE(::pipe(go) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char word = 0;
    ::close(go[1]);
    const bool told = ::read(go[0], &word, 1) == 1;
    if (told) add_sample_trials(file, 50, 50);
    ::_exit(told ? 0 : 1);
  }
  // Two connections in this process: the second must not drop the locks of the first.
  Explorer explorer(file);
  const auto table = explorer.trials(1);
  CHECK(table->source().key_end() == 50);
  CHECK(::write(go[1], "x", 1) == 1);
  ::close(go[0]);
  ::close(go[1]);
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(std::filesystem::exists(file.string() + "-wal"));
  CHECK(std::filesystem::exists(file.string() + "-shm"));
  CHECK(table->source().key_end() == 100);
}

TEST_CASE("where values may lie is told by column, of trials that say so") {
  const Fixture sample;
  {
    const auto store = open_sqlite_store(sample.file, OpenMode::kReadWrite);
    const Device phone{"phone", "cpu", "batch=1"};
    const Interval first{1, 2}, last{3, 4};
    store->finish(
        {.claim = start_sample_trial(*store, kTrials),
         .metrics = {{.name = "accuracy", .value = 60, .interval = first},
                     {.name = "latency_ms", .value = 3, .device = phone, .interval = last},
                     {.name = "accuracy", .value = 61}}});
  }
  const std::int64_t study = sample.explorer->studies().front().row.id;
  const auto found = sample.explorer->intervals(study, {kTrials, 0, 1});
  REQUIRE(found.size() == 1);  // the others say nothing
  const auto& intervals = found.at(kTrials);
  REQUIRE(intervals.size() == 1);  // the last accuracy says nothing
  CHECK(intervals.at("latency_ms@phone") == Interval{3, 4});
  CHECK(sample.explorer->intervals(study, {}).empty());
}

TEST_CASE("a requested stop ends a query without an answer") {
  const Fixture sample;
  std::stop_source stop;
  stop.request_stop();
  ExplorerQuery query(sample.table, {}, parse_filter("accuracy > 1", sample.table->columns()));
  CHECK_FALSE(query.next(10, stop.get_token()).has_value());
  CHECK(sample.table->values(sample.column("published_params"), stop.get_token()) == nullptr);
  CHECK(query.next(10, {})->size() >= 10);
}

TEST_CASE("an export holds every row of the filtered view once") {
  const Fixture sample;
  const std::vector<std::size_t> columns = {sample.column("number"), sample.column("accuracy"),
                                            sample.column("architecture")};
  for (const Format format : {Format::kCsv, Format::kJsonl}) {
    const auto path = sample.directory.file("rows");
    ExplorerQuery query(sample.table, {sample.column("accuracy"), true},
                        parse_filter("number < 150", sample.table->columns()));
    const ExportReport report = export_rows(*sample.table, std::move(query), columns, path, format,
                                            [](std::int64_t) {}, {});
    CHECK(report.rows == 150);
    const std::string text = bytes_of(path);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    CHECK(lines == (format == Format::kCsv ? 151 : 150));
    CHECK(text.find("nan") != std::string::npos);
  }
}

TEST_CASE("a benchmark is a table like a study") {
  auto benchmark = std::make_shared<Benchmark>(BenchmarkInfo{.name = "bench"});
  benchmark->set_rows({"a", "b", "c", "d"});
  benchmark->add_column({.metric = "accuracy", .dataset = "cifar10"}, {1, std::nan(""), 3, 2});
  benchmark->add_column({.metric = "accuracy", .dataset = "cifar100"}, {4, 3, 2, 1});
  benchmark->add_column({.metric = "synflow"}, {9, 8, 7, -INFINITY});
  const auto table = std::make_shared<ExplorerTable>(benchmark_table(benchmark));
  const auto keys = [&](const char* column, bool descending, const char* filter) {
    ExplorerQuery query(table, {find_column(table->source(), column), descending},
                        parse_filter(filter, table->columns()));
    return *query.next(10, {});
  };
  CHECK(keys("accuracy:dataset=cifar10", true, "") == std::vector<BrowseKey>{2, 3, 0, 1});
  CHECK(keys("synflow", false, "") == std::vector<BrowseKey>{3, 2, 1, 0});
  CHECK(keys("number", true, "`accuracy:dataset=cifar100` >= 2") ==
        std::vector<BrowseKey>{2, 1, 0});
  CHECK(keys("number", false, "architecture ~ C") == std::vector<BrowseKey>{2});
}
