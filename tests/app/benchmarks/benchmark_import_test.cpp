#include <doctest/doctest.h>

#include <cmath>

#include "app/benchmarks/benchmarks.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "tests/app/benchmarks/benchmark_testing.h"

// Importing again: what was computed stays, and what would go is said first.

namespace nas::test {
namespace {

const std::string kCellA =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
    "connect~2|";
const std::string kCellB =
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|";

class Importing {
 public:
  ImportResult import(const std::string& table, bool force = false,
                      const std::string& columns = "[[column]]\nfield = \"acc\"\n") {
    const auto folder = fixture_.directory.path();
    write_file_atomically(folder / "t.csv", table);
    write_file_atomically(
        folder / "m.toml",
        "name = \"t\"\nspace = \"nasbench201\"\n[architecture]\nfields = \"arch\"\n" + columns);
    return import_benchmark(
        fixture_.session,
        {.path = folder / "t.csv", .mapping = (folder / "m.toml").string(), .force = force});
  }
  std::string refusal(const std::string& table,
                      const std::string& columns = "[[column]]\nfield = \"acc\"\n") {
    try {
      import(table, false, columns);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kUsage);
      return error.what();
    }
    return "";
  }
  void add(const BenchmarkColumn& column, std::vector<double> values) {
    const auto stored = benchmark();
    Benchmark only(stored->info());
    only.set_rows({stored->texts().begin(), stored->texts().end()});
    only.add_column(column, std::move(values));
    const std::size_t first[] = {0};
    fixture_.session.writer().put_benchmark_columns(only, first);
    fixture_.session.forget_benchmark("t");
  }
  std::shared_ptr<const Benchmark> benchmark() { return fixture_.session.benchmark("t"); }
  Store& store() { return fixture_.session.writer(); }

 private:
  BenchmarkFixture fixture_;
};

bool holds(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  MESSAGE(text);
  return false;
}

const std::string kTable = "arch,acc\n" + kCellA + ",88.5\n" + kCellB + ",80\n";

TEST_CASE("importing again keeps scores, vectors and predictions that were added since") {
  Importing importing;
  importing.import(kTable);
  importing.add({.metric = "synflow",
                 .statistic = "seed=0",
                 .source = MetricSource::kProxy,
                 .origin = "searchlight 1, engine=3"},
                {1, 2});
  importing.add({.metric = "layers",
                 .source = MetricSource::kProxy,
                 .origin = "searchlight 1, engine=3",
                 .width = 2},
                {1, 2, 3, std::nan("")});
  importing.add({.metric = "acc",
                 .statistic = "predictor=p",
                 .source = MetricSource::kPredicted,
                 .origin = "predictor 'p' (gp)"},
                {5, 6});
  const ImportResult again = importing.import(kTable);
  CHECK(holds(again.notes.back(), "columns computed earlier stay: synflow, layers, acc"));
  const auto kept = importing.benchmark();
  CHECK(kept->columns().size() == 4);
  CHECK(kept->value(kept->column("synflow"), 1) == 2);
  CHECK(kept->value(kept->column("acc:statistic=predictor=p"), 0) == 5);
  const std::vector<std::string> wide{"layers"};
  const auto vectors = importing.store().open_benchmark("t", wide);
  CHECK(vectors->values(vectors->column("layers"))[2] == 3);

  // Another column from the same rows takes nothing away.
  importing.import("arch,acc,loss\n" + kCellA + ",88.5,1\n" + kCellB + ",80,2\n", false,
                   "[[column]]\nfield = \"acc\"\n[[column]]\nfield = \"loss\"\n");
  CHECK(importing.benchmark()->columns().size() == 5);
}

TEST_CASE("a mapping is for tables: another importer with one is refused") {
  BenchmarkFixture fixture;
  const auto table = fixture.directory.path() / "t.csv";
  write_file_atomically(table, "arch,acc\n");
  CHECK_THROWS_WITH_AS(
      import_benchmark(fixture.session, {.path = table, .mapping = "m.toml", .importer = "nats"}),
      doctest::Contains("a mapping has no effect: importer 'nats'"), Error);
}

TEST_CASE("another content asks for --force and says what would go") {
  Importing importing;
  importing.import(kTable);
  importing.add({.metric = "synflow", .source = MetricSource::kProxy, .origin = "searchlight 1, e"},
                {1, 2});
  CHECK(holds(importing.refusal("arch,acc\n" + kCellA + ",88.5\n" + kCellB + ",81\n"),
              "this content is different: column 'acc' would change; replace it with --force"));
  CHECK(holds(importing.refusal(kTable, "[[column]]\nfield = \"acc\"\nmetric = \"x\"\n"),
              "column 'acc' would go"));
  CHECK(holds(importing.refusal(kTable, "[[column]]\nfield = \"acc\"\nmaximize = false\n"),
              "column 'acc' would change"));
  CHECK(holds(importing.refusal("arch,acc\n" + kCellB + ",80\n"), "1 of its 2 rows would go"));
  CHECK(importing.benchmark()->value(0, 1) == 80);

  // Forced: the row that is still there keeps its score.
  const ImportResult forced = importing.import("arch,acc\n" + kCellB + ",80\n", true);
  CHECK(holds(forced.notes.back(), "columns computed earlier stay: synflow"));
  CHECK(holds(join(forced.notes, "\n"), "replaced; gone: 1 of its 2 rows"));
  const auto kept = importing.benchmark();
  REQUIRE(kept->rows() == 1);
  CHECK(kept->value(kept->column("synflow"), 0) == 2);
}

TEST_CASE("a mapping with a misspelt space is refused with the near miss") {
  BenchmarkFixture fixture;
  const auto folder = fixture.directory.path();
  write_file_atomically(folder / "t.csv", kTable);
  write_file_atomically(folder / "m.toml",
                        "name = \"t\"\nspace = \"nasbench21\"\n[architecture]\nfields = \"arch\"\n"
                        "[[column]]\nfield = \"acc\"\n");
  try {
    import_benchmark(fixture.session,
                     {.path = folder / "t.csv", .mapping = (folder / "m.toml").string()});
    FAIL("imported");
  } catch (const Error& error) {
    CHECK(holds(error.what(), "m.toml: unknown space 'nasbench21'"));
    CHECK(holds(error.what(), "did you mean 'nasbench201'"));
  }
}

TEST_CASE("fractions in a column of percent are said, and seconds of latency_ms become ms") {
  Importing importing;
  const ImportResult result =
      importing.import("arch,acc,lat\n" + kCellA + ",0.943,0.003\n" + kCellB + ",0.10,2\n", false,
                       "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\nunit = \"%\"\n"
                       "[[column]]\nfield = \"lat\"\nmetric = \"latency_ms\"\nunit = \"s\"\n");
  const std::string notes = join(result.notes, "\n");
  CHECK(holds(notes, "all values of 'accuracy' are at most 1 %"));
  CHECK(holds(notes, "column 'lat' is in s, stored in ms"));
  const std::size_t latency = result.benchmark.column("latency_ms");
  CHECK(result.benchmark.columns()[latency].unit == "ms");
  CHECK(result.benchmark.value(latency, 0) == 3);
  CHECK(result.benchmark.value(latency, 1) == 2000);
}

TEST_CASE("a table under another name is told which built-in mapping its columns fit") {
  BenchmarkFixture fixture;
  const auto path = fixture.directory.path() / "mine.csv";
  write_file_atomically(path,
                        "arch,test1,test2,test3,mean_acc,std,params,flops\n0,1,1,1,1,0,1,1\n");
  try {
    import_benchmark(fixture.session, {.path = path});
    FAIL("imported");
  } catch (const Error& error) {
    CHECK(holds(error.what(),
                "mine.csv: the name says no mapping, but its columns fit --mapping nbmacro"));
  }
}

}  // namespace
}  // namespace nas::test
