#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void check_equal_bits(std::span<const double> found, std::span<const double> expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(std::bit_cast<std::uint64_t>(found[i]) == std::bit_cast<std::uint64_t>(expected[i]));
  }
}

// Three rows: a plain column, a curve and a column of another device.
Benchmark sample_benchmark(const std::string& name) {
  Benchmark benchmark({.name = name,
                       .space = "nasbench201",
                       .space_version = "1",
                       .source = "file.csv",
                       .licence = "MIT",
                       .sha256 = std::string(64, 'a')});
  benchmark.set_rows({"|a~0|", "|b~0|", "|c, d~0|"});
  benchmark.add_column({.metric = "accuracy",
                        .dataset = "cifar10",
                        .split = "test",
                        .epochs = 200,
                        .statistic = "mean",
                        .unit = "%",
                        .origin = "file.csv:accuracy"},
                       {90.5, kNan, 0.1 + 0.2});
  benchmark.add_column({.metric = "loss",
                        .dataset = "cifar10",
                        .split = "train",
                        .epochs = 2,
                        .maximize = false,
                        .source = MetricSource::kMeasured,
                        .width = 2},
                       {1, 2, 3, -0.0, kNan, kInfinity});
  benchmark.add_column({.metric = "latency_ms",
                        .device = "edgetpu",
                        .unit = "ms",
                        .maximize = false,
                        .source = MetricSource::kPredicted},
                       {1.5, kInfinity, -kInfinity});
  return benchmark;
}

const std::string kCurve = "loss:dataset=cifar10,split=train,epochs=2";

void a_benchmark_is_kept_bit_by_bit(Backend& backend) {
  Store& store = *backend.store;
  const Benchmark benchmark = sample_benchmark("table");
  store.put_benchmark(benchmark);
  const std::vector<std::string> wide = {kCurve};
  const std::shared_ptr<const Benchmark> found = store.open_benchmark("table", wide);
  CHECK(found->info().space == "nasbench201");
  CHECK(found->info().space_version == "1");
  CHECK(found->info().source == "file.csv");
  CHECK(found->info().licence == "MIT");
  CHECK(found->info().sha256 == std::string(64, 'a'));
  REQUIRE(found->rows() == 3);
  for (std::size_t row = 0; row < 3; ++row) CHECK(found->text(row) == benchmark.text(row));
  CHECK(found->find("|c, d~0|") == 2);
  REQUIRE(found->columns().size() == 3);
  for (std::size_t column = 0; column < 3; ++column) {
    CHECK(found->columns()[column] == benchmark.columns()[column]);
    check_equal_bits(found->values(column), benchmark.values(column));
  }
  CHECK(store.check().empty());
}

void payloads_of_nan_survive(Backend& backend) {
  Benchmark benchmark({.name = "odd"});
  benchmark.set_rows({"a", "b"});
  const std::vector<double> odd = {std::bit_cast<double>(std::uint64_t{0x7ff8'0000'dead'beef}),
                                   std::numeric_limits<double>::denorm_min()};
  benchmark.add_column({.metric = "x"}, odd);
  benchmark.add_column({.metric = "y", .width = 2}, {odd[0], odd[1], odd[1], odd[0]});
  backend.store->put_benchmark(benchmark);
  const auto found = backend.store->open_benchmark("odd", std::vector<std::string>{"y"});
  check_equal_bits(found->values(0), odd);
  check_equal_bits(found->values(1), benchmark.values(1));
}

void wide_columns_come_on_request(Backend& backend) {
  Store& store = *backend.store;
  store.put_benchmark(sample_benchmark("table"));
  const auto found = store.open_benchmark("table");
  CHECK(found->columns().size() == 3);
  CHECK(found->values(0).size() == 3);
  CHECK_THROWS_WITH_AS(found->values(1), doctest::Contains("not loaded"), Error);
  CHECK_THROWS_WITH_AS(store.open_benchmark("table", std::vector<std::string>{"absent"}),
                       doctest::Contains("no column absent"), Error);
}

void replacing_leaves_nothing_of_the_old(Backend& backend) {
  Store& store = *backend.store;
  store.put_benchmark(sample_benchmark("table"));
  store.put_benchmark(sample_benchmark("other"));
  const std::int64_t id = store.benchmarks().at(1).id;
  backend.advance_clock(5);
  Benchmark smaller({.name = "table", .source = "new"});
  smaller.set_rows({"x"});
  smaller.add_column({.metric = "params"}, {12});
  store.put_benchmark(smaller);
  const std::vector<BenchmarkRow> rows = store.benchmarks();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].info.name == "other");
  CHECK(rows[0].columns.size() == 3);
  CHECK(rows[1].id == id);
  CHECK(rows[1].rows == 1);
  CHECK(rows[1].info.source == "new");
  CHECK(rows[1].columns.size() == 1);
  CHECK(rows[1].imported_us == rows[0].imported_us + 5'000'000);
  CHECK(store.open_benchmark("table")->values(0)[0] == 12);
  CHECK(store.check().empty());
}

void columns_are_added_to_equal_rows_only(Backend& backend) {
  Store& store = *backend.store;
  Benchmark benchmark = sample_benchmark("table");
  store.put_benchmark(benchmark);
  const BenchmarkColumn accuracy = benchmark.columns()[0];
  benchmark.put_column({.metric = "synflow", .source = MetricSource::kProxy}, {1, 2, 3});
  benchmark.put_column(accuracy, {7, 8, 9});
  const std::vector<std::size_t> columns = {benchmark.column("synflow"),
                                            benchmark.column("accuracy")};
  store.put_benchmark_columns(benchmark, columns);
  const auto found = store.open_benchmark("table", std::vector<std::string>{kCurve});
  CHECK(found->columns().size() == 4);
  CHECK(found->value(found->column("synflow"), 2) == 3);
  CHECK(found->value(found->column("accuracy"), 0) == 7);
  CHECK(found->value(found->column("loss"), 1) == 2);

  Benchmark other({.name = "table"});
  other.set_rows({"|a~0|", "|c, d~0|", "|b~0|"});
  other.add_column({.metric = "synflow"}, {4, 5, 6});
  CHECK_THROWS_WITH_AS(store.put_benchmark_columns(other, std::vector<std::size_t>{0}),
                       doctest::Contains("architectures differ"), Error);
  Benchmark unknown({.name = "tabel"});
  CHECK_THROWS_WITH_AS(store.put_benchmark_columns(unknown, {}),
                       doctest::Contains("did you mean 'table'"), Error);
  CHECK(store.open_benchmark("table")->columns().size() == 4);
}

void a_benchmark_that_fails_midway_leaves_the_old_one(Backend& backend) {
  Store& store = *backend.store;
  store.put_benchmark(sample_benchmark("table"));
  Benchmark broken({.name = "table"});
  broken.set_rows({"a"});
  broken.add_column({.metric = "first"}, {1});
  broken.add_column({.metric = "curve", .width = 2}, {});  // its values were never loaded
  CHECK_THROWS_AS(store.put_benchmark(broken), Error);
  Benchmark lines({.name = "lines"});
  lines.set_rows({"a\nb"});
  CHECK_THROWS_WITH_AS(store.put_benchmark(lines), doctest::Contains("line break"), Error);
  CHECK(store.benchmarks().size() == 1);
  CHECK(store.open_benchmark("table")->columns().size() == 3);
  CHECK(store.check().empty());
}

void unknown_benchmarks_are_errors_with_a_hint(Backend& backend) {
  Store& store = *backend.store;
  CHECK(store.benchmarks().empty());
  CHECK_THROWS_WITH_AS(store.open_benchmark("nasbench201"), doctest::Contains("bench import"),
                       Error);
  store.put_benchmark(sample_benchmark("nasbench201"));
  CHECK_THROWS_WITH_AS(store.open_benchmark("nasbench210"),
                       doctest::Contains("did you mean 'nasbench201'"), Error);
  CHECK_THROWS_AS(store.remove_benchmark("nasbench210"), Error);
  store.remove_benchmark("nasbench201");
  CHECK(store.benchmarks().empty());
  CHECK(store.query("SELECT count(*) FROM benchmark_text", 1).rows.at(0).at(0) == "0");
  CHECK(store.query("SELECT count(*) FROM benchmark_column", 1).rows.at(0).at(0) == "0");
  CHECK(store.check().empty());
}

void the_view_tells_about_columns(Backend& backend) {
  backend.store->put_benchmark(sample_benchmark("table"));
  const QueryResult result = backend.store->query(
      "SELECT benchmark, metric, direction, width, rows, missing, failed FROM benchmark_columns",
      9);
  REQUIRE(result.rows.size() == 3);
  const auto line = [&](std::size_t row) {
    std::string text;
    for (const auto& cell : result.rows[row]) text += cell.value_or("NULL") + " ";
    return text;
  };
  CHECK(line(0) == "table accuracy maximize 1 3 1 0 ");
  CHECK(line(1) == "table loss minimize 2 3 1 1 ");
  CHECK(line(2) == "table latency_ms minimize 1 3 0 2 ");
}

void predictors_are_kept_and_replaced(Backend& backend) {
  Store& store = *backend.store;
  CHECK(store.predictors().empty());
  PredictorRow row{.name = "net",
                   .plugin = "parzc",
                   .options = "{ epochs = 3 }",
                   .space = "nasbench201",
                   .target = "table accuracy",
                   .features = "snip\nsynflow",
                   .samples = 100,
                   .seed = std::numeric_limits<std::uint64_t>::max(),
                   .path = "predictors/net.safetensors",
                   .sha256 = std::string(64, 'b'),
                   .report = "{}"};
  const PredictorRow stored = store.put_predictor(row);
  CHECK(stored.created_us == 1'700'000'000'000'000);
  row.name = "a";
  store.put_predictor(row);
  row.name = "net";
  row.samples = 7;
  CHECK(store.put_predictor(row).id == stored.id);
  const std::vector<PredictorRow> predictors = store.predictors();
  REQUIRE(predictors.size() == 2);
  CHECK(predictors[0].name == "a");
  CHECK(predictors[1].samples == 7);
  CHECK(predictors[1].plugin == "parzc");
  CHECK(predictors[1].options == "{ epochs = 3 }");
  CHECK(predictors[1].space == "nasbench201");
  CHECK(predictors[1].target == "table accuracy");
  CHECK(predictors[1].features == "snip\nsynflow");
  CHECK(predictors[1].seed == row.seed);
  CHECK(predictors[1].path == row.path);
  CHECK(predictors[1].sha256 == row.sha256);
  CHECK(predictors[1].report == "{}");
  CHECK_THROWS_AS(store.put_predictor({.name = "", .plugin = "gp"}), Error);
}

}  // namespace

void check_benchmark_laws(const MakeBackend& make) {
  for (const Law law :
       {a_benchmark_is_kept_bit_by_bit, payloads_of_nan_survive, wide_columns_come_on_request,
        replacing_leaves_nothing_of_the_old, columns_are_added_to_equal_rows_only,
        a_benchmark_that_fails_midway_leaves_the_old_one, unknown_benchmarks_are_errors_with_a_hint,
        the_view_tells_about_columns, predictors_are_kept_and_replaced}) {
    Backend backend = make();
    law(backend);
  }
}

}  // namespace nas::test
