#include "app/benchmarks/benchmark_join.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/benchmarks/benchmarks.h"
#include "app/lookup/benchmark_query.h"
#include "app/simulation/comparison.h"
#include "core/util/error.h"
#include "tests/app/benchmarks/benchmark_testing.h"
#include "tests/test_data.h"

namespace nas::test {
namespace {

BenchmarkColumn latency(const char* device, const char* dataset = "") {
  BenchmarkColumn column;
  column.metric = "latency_ms";
  column.dataset = dataset;
  column.device = device;
  column.unit = "ms";
  column.maximize = false;
  return column;
}

/// ResNets by their numbers of blocks, the texts of the space.
Benchmark resnets(const std::string& name, std::vector<std::string> texts) {
  Benchmark benchmark({.name = name, .space = "cifar_resnet", .space_version = "1"});
  benchmark.set_rows(std::move(texts));
  return benchmark;
}

/// Accuracies of four networks, and latencies of two devices for three of them and another one,
/// in another order.
struct Joined : BenchmarkFixture {
  Joined() {
    Benchmark accuracies = resnets("acc", {"111", "331", "333", "113"});
    accuracies.add_column({.metric = "accuracy", .dataset = "cifar10", .unit = "%"},
                          {90, 91.5, 92, 91});
    accuracies.add_column({.metric = "params", .maximize = false}, {1, 5, 9, 3});
    Benchmark times = resnets("lat", {"333", "313", "111", "331"});
    times.add_column(latency("pixel3"), {5, 1, 1, 2});
    times.add_column(latency("raspi4"), {50, 10, 10, 29});
    times.add_column({.metric = "params", .maximize = false}, {9, 4, 1, 5});
    session.writer().put_benchmark(accuracies);
    session.writer().put_benchmark(times);
  }
  QueryAnswer ask(const BenchmarkQuery& query) { return query_benchmark(session, "acc", query); }
  std::string error(const BenchmarkQuery& query) {
    try {
      ask(query);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

std::vector<std::int64_t> rows_of(const QueryAnswer& answer) {
  std::vector<std::int64_t> rows;
  for (const auto& row : answer.table.rows) rows.push_back(std::get<std::int64_t>(row[0]));
  return rows;
}

using Rows = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("the most accurate network under 3 ms, with accuracies and latencies in two benchmarks") {
  Joined joined;
  const QueryAnswer answer =
      joined.ask({.conditions = {"latency_ms<3@pixel3"}, .order_by = "accuracy", .top = 1});
  CHECK(rows_of(answer) == Rows{1});
  REQUIRE(answer.table.columns.size() == 4);
  CHECK(answer.table.columns[1].name == "accuracy:dataset=cifar10");
  CHECK(answer.table.columns[2].name == "lat/latency_ms:device=pixel3");
  CHECK(answer.table.columns[2].title == "lat/latency_ms pixel3 (ms)");
  CHECK(answer.table.rows[0][2] == Cell(2.0));
  CHECK(answer.sources ==
        "latency_ms pixel3 is of benchmark 'lat'; 3 of the 4 rows of 'acc' are in both");
  // What is in one benchmark alone satisfies nothing, and comes last.
  CHECK(rows_of(joined.ask({.conditions = {"latency_ms raspi4 > 0"}})) == Rows{0, 1, 2});
  CHECK(rows_of(joined.ask({.order_by = "latency_ms@raspi4"})) == Rows{0, 1, 2, 3});
  CHECK(joined.ask({.order_by = "accuracy"}).sources.empty());
}

TEST_CASE("own columns are meant first, and a benchmark can be named") {
  Joined joined;
  CHECK(joined.ask({.columns = {"params"}}).table.columns[1].name == "params");
  const QueryAnswer other = joined.ask({.columns = {"lat/params", "acc/accuracy"}});
  CHECK(other.table.columns[1].name == "lat/params");
  CHECK(other.table.columns[2].name == "accuracy:dataset=cifar10");
  CHECK(std::holds_alternative<std::monostate>(other.table.rows[3][1]));
  CHECK(joined.error({.columns = {"latency_ms"}}) ==
        "benchmark 'acc' and those of its space: 'latency_ms' is ambiguous; choose one of:\n"
        "  lat/latency_ms pixel3\n  lat/latency_ms raspi4");
  CHECK(joined.error({.columns = {"lat/latency"}}).find("'latency' is ambiguous") !=
        std::string::npos);
  CHECK(joined.error({.columns = {"energy"}}).find("unknown column 'energy'") != std::string::npos);
  Benchmark cells = five_cells("cells");
  joined.session.writer().put_benchmark(cells);
  CHECK(joined.error({.columns = {"synflow"}}).find("unknown column") != std::string::npos);
  CHECK(joined.error({.columns = {"cells/synflow"}}).find("is of space 'nasbench201'") !=
        std::string::npos);
}

TEST_CASE("a front of two benchmarks, and its hypervolume") {
  Joined joined;
  const QueryAnswer front =
      joined.ask({.order_by = "accuracy", .then_by = {"latency_ms pixel3"}, .front = true});
  CHECK(rows_of(front) == Rows{2, 1, 0});
  // Of the box 90..92 x 5..1: the point (91.5, 2) dominates 3/4 x 3/4.
  CHECK(front.front ==
        "front: 3 of 3 rows; hypervolume 0.5625 of the box from the worst to the best of these "
        "rows");
  const QueryAnswer turned = joined.ask(
      {.order_by = "minimize accuracy", .then_by = {"latency_ms@raspi4"}, .front = true});
  CHECK(rows_of(turned) == Rows{0});
}

TEST_CASE("a simulation takes constraints and objectives of several benchmarks") {
  Joined joined;
  ComparisonConfig config;
  config.searchers = parse_searchers("random");
  config.simulation.objectives = {"accuracy", "latency_ms@pixel3"};
  config.simulation.constraints = {"latency_ms<30@raspi4"};
  config.simulation.budget_queries = 400;
  config.batch.runs = 2;
  const SimulationTable table = open_for_simulation(joined.session, "acc", config.simulation);
  CHECK(config.simulation.objectives[1] == "lat/latency_ms:device=pixel3");
  CHECK(table.sources.find("3 of the 4 rows of 'acc' are in both") != std::string::npos);
  const Comparison comparison = compare_searchers(joined.session, *table.benchmark, config);
  // 333 misses the constraint: 331 and 111 are the front, and 331 the best answer.
  REQUIRE(comparison.front.size() == 2);
  CHECK(comparison.front[1].architecture == "331");
  CHECK(comparison.front[1].values == std::vector<double>{91.5, 2});
  REQUIRE(comparison.quantities.size() == 2);
  CHECK(comparison.quantities[0].best == 91.5);
  CHECK(comparison.quantities[1].column == "hypervolume");
  for (const SimulatedRun& run : comparison.searchers[0].runs) {
    CHECK(run.infeasible > 0);
    CHECK(run.failed == run.absent + 1);  // 113 has no latency
    for (const std::uint32_t row : run.front) CHECK((row == 0 || row == 1));
  }
}

TEST_CASE("one architecture in two spellings is one architecture") {
  BenchmarkFixture fixture;
  const Benchmark plain = resnets("plain", {"333", "111"});
  const Benchmark dashed = resnets("dashed", {"1-1-1", "5-5-5"});
  const SearchSpace& space = fixture.session.space({"cifar_resnet", {}});
  CHECK(rows_in(dashed, plain, nullptr) == std::vector<std::uint32_t>{kNoRow, kNoRow});
  CHECK(rows_in(dashed, plain, &space) == std::vector<std::uint32_t>{kNoRow, 0});
  CHECK(rows_in(plain, dashed, &space) == std::vector<std::uint32_t>{1, kNoRow});
}

TEST_CASE("networks are joined under any text, and the answer says so") {
  BenchmarkFixture fixture;
  // One network each: blocks that do not exist have genes too.
  const auto subnet = [](const std::string& unused) {
    return "r=224;d=2,2,2,2,2;k=3,3," + unused + "," + unused +
           ",3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3;e=3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3";
  };
  Benchmark accuracies({.name = "acc", .space = "ofa_mobilenetv3", .space_version = "1"});
  accuracies.set_rows({subnet("3"), subnet("3").replace(2, 3, "160")});
  accuracies.add_column({.metric = "accuracy"}, {70, 60});
  Benchmark times({.name = "lat", .space = "ofa_mobilenetv3", .space_version = "1"});
  times.set_rows({subnet("7")});
  times.add_column(latency("note10"), {20});
  fixture.session.writer().put_benchmark(accuracies);
  fixture.session.writer().put_benchmark(times);
  const QueryAnswer answer =
      query_benchmark(fixture.session, "acc", {.conditions = {"latency_ms<25@note10"}});
  CHECK(rows_of(answer) == Rows{0});
  CHECK(answer.sources ==
        "latency_ms is of benchmark 'lat', which writes 1 of the networks in another way; 1 of the "
        "2 rows of 'acc' are in both");
  // Cells that compute the same with a dead convolution in one of them are other networks.
  Benchmark cells({.name = "cells", .space = "nasbench201", .space_version = "1"});
  cells.set_rows({"|nor_conv_1x1~0|+|none~0|none~1|+|none~0|none~1|none~2|"});
  Benchmark dead({.name = "dead", .space = "nasbench201", .space_version = "1"});
  dead.set_rows({"|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|"});
  const SearchSpace& space = fixture.session.space({"nasbench201", {}});
  CHECK(rows_in(dead, cells, &space) == std::vector<std::uint32_t>{kNoRow});
}

TEST_CASE("where no row meets the conditions the nearest are shown, with what they miss") {
  Joined joined;
  const QueryAnswer answer =
      joined.ask({.conditions = {"latency_ms<1@pixel3", "accuracy>=91"}, .top = 2});
  CHECK(answer.table.kind == "nearest_rows");
  CHECK(answer.unmet ==
        "no row meets lat/latency_ms pixel3 < 1 and accuracy >= 91; the nearest is row 0, which "
        "misses accuracy >= 91 by 1; lat/latency_ms pixel3 < 1 by 0");
  // 113 has no latency: how far it is cannot be said. Relative excesses: 1/91 + 0, 1, 4.
  CHECK(rows_of(answer) == Rows{0, 1});
  const std::size_t columns = answer.table.columns.size();
  CHECK(answer.table.columns[columns - 2].name == "misses");
  CHECK(answer.table.rows[1][columns - 2] == Cell(std::string("lat/latency_ms pixel3 < 1 by 1")));
  CHECK(joined.ask({.conditions = {"accuracy>91.9"}}).unmet.empty());
}

TEST_CASE("a simulation whose constraints no row meets says which rows come nearest") {
  Joined joined;
  ComparisonConfig config;
  config.searchers = parse_searchers("random");
  config.simulation.objectives = {"accuracy"};
  config.simulation.constraints = {"latency_ms<1@pixel3"};
  config.simulation.budget_queries = 5;
  const SimulationTable table = open_for_simulation(joined.session, "acc", config.simulation);
  const Comparison comparison = compare_searchers(joined.session, *table.benchmark, config);
  REQUIRE(comparison.unmet.has_value());
  CHECK(comparison.searchers.empty());
  CHECK(comparison.nearest[0] == "111");
  CHECK(nearest_rows_table(comparison.unmet->nearest, comparison.nearest).rows.size() == 3);
}

TEST_CASE("a constraint on an objective of another benchmark leaves its direction") {
  Joined joined;
  SimulationConfig config;
  config.objectives = {"maximize lat/params", "accuracy"};
  config.constraints = {"lat/params<9"};
  config.report = {"lat/params"};
  config.budget_queries = 1;
  const SimulationTable table = open_for_simulation(joined.session, "acc", config);
  const Benchmark& benchmark = *table.benchmark;
  CHECK(benchmark.columns()[benchmark.column(config.objectives[0])].maximize);
}

TEST_CASE(
    "acceptance: NAS-Bench-201 and HW-NAS-Bench answer: most accurate under 3 ms on a phone") {
  const auto data = test_data("tab-nb201");
  if (data.empty()) return;
  BenchmarkFixture fixture;
  import_benchmark(fixture.session, {.path = data / "nb201_tss.csv.gz"});
  import_benchmark(fixture.session, {.path = data / "hw_nas_bench_nb201.csv.gz"});
  const QueryAnswer answer = query_benchmark(fixture.session, "nb201_tss",
                                             {.conditions = {"latency_ms cifar10<3@pixel3"},
                                              .order_by = "accuracy cifar10 test 200 mean",
                                              .top = 1});
  REQUIRE(answer.table.rows.size() == 1);
  CHECK(answer.sources.find("15,625 of the 15,625 rows of 'nb201_tss' are in both") !=
        std::string::npos);
  // Brute force over the two files.
  const Benchmark& accuracies = *fixture.session.benchmark("nb201_tss");
  const Benchmark& times = *fixture.session.benchmark("hw_nas_bench_nb201");
  const std::size_t accuracy =
      accuracies.column("accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean");
  const std::size_t time = times.column("latency_ms:dataset=cifar10,device=pixel3");
  std::size_t best = 0;
  double value = -1;
  for (std::size_t row = 0; row < accuracies.rows(); ++row) {
    const double ms = times.value(time, times.find(accuracies.text(row)).value());
    if (!(ms < 3) || accuracies.value(accuracy, row) <= value) continue;
    best = row;
    value = accuracies.value(accuracy, row);
  }
  CHECK(std::get<std::int64_t>(answer.table.rows[0][0]) == static_cast<std::int64_t>(best));
  CHECK_THROWS_WITH_AS(
      query_benchmark(fixture.session, "nb201_tss", {.conditions = {"latency_ms<3@pixel3"}}),
      doctest::Contains("hw_nas_bench_nb201/latency_ms cifar10 pixel3"), Error);
}

}  // namespace nas::test
