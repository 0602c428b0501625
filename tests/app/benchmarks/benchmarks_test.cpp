#include "app/benchmarks/benchmarks.h"
#include "app/lookup/equal_rows.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/lookup/benchmark_query.h"
#include "core/util/error.h"
#include "tests/app/benchmarks/benchmark_testing.h"
#include "tests/test_data.h"

namespace nas::test {

namespace {

std::vector<std::int64_t> row_numbers(const QueryAnswer& answer) {
  std::vector<std::int64_t> rows;
  for (const auto& row : answer.table.rows) rows.push_back(std::get<std::int64_t>(row[0]));
  return rows;
}

using Rows = std::vector<std::int64_t>;

const SelfCheck& find_check(const std::vector<SelfCheck>& checks, const std::string& what) {
  const auto found = std::find_if(checks.begin(), checks.end(), [&](const SelfCheck& check) {
    return check.what.find(what) != std::string::npos;
  });
  REQUIRE_MESSAGE(found != checks.end(), what);
  return *found;
}

}  // namespace

TEST_CASE("rows are found by text, by the space's own spelling and by number") {
  BenchmarkFixture fixture;
  const Benchmark benchmark = five_cells("cells");
  const std::string text(benchmark.text(2));
  CHECK(find_row(fixture.session, benchmark, text) == 2);
  CHECK(find_row(fixture.session, benchmark, "#4") == 4);
  CHECK_THROWS_WITH_AS(find_row(fixture.session, benchmark, "#5"),
                       doctest::Contains("row:0 to row:4"), Error);
  CHECK_FALSE(find_row(fixture.session, benchmark,
                       "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|")
                  .has_value());
  CHECK_THROWS_AS(find_row(fixture.session, benchmark, "|nonsense~0|"), Error);
}

TEST_CASE("a query filters, orders by what is better and shows what is missing") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(five_cells("cells"));
  const auto ask = [&](const BenchmarkQuery& query) {
    return query_benchmark(fixture.session, "cells", query);
  };
  CHECK(row_numbers(ask({})) == Rows{0, 1, 2, 3, 4});
  CHECK(row_numbers(ask({.order_by = "accuracy", .top = 2})) == Rows{1, 2});
  CHECK(row_numbers(ask({.order_by = "accuracy"})) == Rows{1, 2, 0, 3, 4});  // missing last
  CHECK(row_numbers(ask({.order_by = "params"})) == Rows{3, 4, 2, 0, 1});    // smaller is better
  CHECK(row_numbers(ask({.conditions = {"params:dataset=cifar10 < 129306"}})) == Rows{2, 3, 4});
  CHECK(row_numbers(ask({.conditions = {"params<=129306", "accuracy >= 80"}})) == Rows{0, 2});
  CHECK(row_numbers(ask({.conditions = {"accuracy != 10"}})) == Rows{0, 1, 2});
  CHECK(row_numbers(ask({.conditions = {"synflow == -inf"}})) == Rows{3});
  const QueryAnswer absent =
      ask({.architectures = {"#1", "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"}});
  CHECK(row_numbers(absent) == Rows{1});
  CHECK(absent.absent.size() == 1);

  const QueryAnswer wide = ask({.architectures = {"#2"}, .columns = {"loss", "accuracy"}});
  REQUIRE(wide.table.columns.size() == 5);
  CHECK(wide.table.columns[2].name == "loss:epochs=2[1]");
  CHECK(std::get<double>(wide.table.rows[0][2]) == 1);
  CHECK(std::get<std::int64_t>(ask({.columns = {"params"}}).table.rows[0][1]) == 129306);
  CHECK(std::holds_alternative<std::monostate>(ask({.columns = {"accuracy"}}).table.rows[4][1]));
  for (const char* bad : {"params", "params < many", "< 3", "parms < 3", "params = 3"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(ask({.conditions = {bad}}), Error);
  }
}

TEST_CASE("a column can be replaced by a copy of itself, and the others stay") {
  Benchmark benchmark = five_cells("cells");
  const std::vector<BenchmarkColumn> before(benchmark.columns().begin(), benchmark.columns().end());
  benchmark.put_column(benchmark.columns()[1], {1, 2, 3, 4, 5});
  CHECK(benchmark.columns().size() == before.size());
  CHECK(benchmark.values(benchmark.column("macs"))[4] == 5);
  CHECK(benchmark.values(benchmark.column("params"))[0] == 129306);
}

TEST_CASE("verify recomputes the costs of every row and names the first that is wrong") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(five_cells("good"));
  const std::vector<SelfCheck> good = verify_benchmark(fixture.session, "good");
  for (const SelfCheck& check : good) {
    CAPTURE(check.what);
    CHECK(check.ok);
  }
  CHECK(find_check(good, "params:dataset=cifar10 recomputed").got == "5");

  Benchmark bad = five_cells("bad");
  bad.put_column(bad.columns()[0], {129306, 802426, 101306, 73306, 73307});
  bad.put_column(bad.columns()[bad.column("accuracy")], {85, 101, 88, 10, -1});
  fixture.session.writer().put_benchmark(bad);
  const std::vector<SelfCheck> checks = verify_benchmark(fixture.session, "bad");
  const SelfCheck& params = find_check(checks, "params:dataset=cifar10 recomputed");
  CHECK_FALSE(params.ok);
  CHECK(params.got == "4; row 4 has 73307, computed 73306");
  CHECK(find_check(checks, "macs:dataset=cifar10 recomputed").ok);
  CHECK(find_check(checks, "outside 0 to 100").got.starts_with("2; accuracy"));

  Benchmark odd({.name = "odd", .space = "nasbench201", .space_version = "0"});
  odd.set_rows({"not an architecture"});
  fixture.session.writer().put_benchmark(odd);
  const std::vector<SelfCheck> others = verify_benchmark(fixture.session, "odd");
  CHECK_FALSE(find_check(others, "version of space").ok);
  CHECK_FALSE(find_check(others, "rows that space nasbench201 reads").ok);
}

TEST_CASE("a rounded table is compared to its own last digit") {
  BenchmarkFixture fixture;
  Benchmark rounded = five_cells("rounded");
  rounded.put_column(rounded.columns()[0], {129000, 802000, 101000, 73000, 73000});
  fixture.session.writer().put_benchmark(rounded);
  CHECK(find_check(verify_benchmark(fixture.session, "rounded"), "params").ok);
  rounded.put_column(rounded.columns()[rounded.column("params")],
                     {129000, 801000, 101000, 73000, 73000});
  fixture.session.writer().put_benchmark(rounded);
  fixture.session.forget_benchmark("rounded");
  CHECK_FALSE(find_check(verify_benchmark(fixture.session, "rounded"), "params").ok);
}

TEST_CASE("a file is imported once; other content under its name needs force") {
  BenchmarkFixture fixture;
  const std::filesystem::path table = fixture.directory.path() / "t.csv";
  const std::filesystem::path mapping = fixture.directory.path() / "t.toml";
  write_file_atomically(mapping,
                        "name = \"mine\"\n[architecture]\nfields = \"arch\"\n"
                        "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\nunit = \"%\"\n");
  const BenchmarkImport request{.path = table, .mapping = mapping.string()};
  write_file_atomically(table, "arch,acc\na,90\nb,91\n");
  CHECK(import_benchmark(fixture.session, request).benchmark.rows() == 2);
  CHECK(import_benchmark(fixture.session, request).benchmark.rows() == 2);
  CHECK(fixture.session.benchmark("mine")->value(0, 1) == 91);
  write_file_atomically(table, "arch,acc\na,90\nb,92\n");
  CHECK_THROWS_WITH_AS(import_benchmark(fixture.session, request), doctest::Contains("--force"),
                       Error);
  CHECK(fixture.session.benchmark("mine")->value(0, 1) == 91);
  BenchmarkImport forced = request;
  forced.force = true;
  import_benchmark(fixture.session, forced);
  CHECK(fixture.session.benchmark("mine")->value(0, 1) == 92);
  BenchmarkImport wrong = request;
  wrong.importer = "tabel";
  CHECK_THROWS_WITH_AS(import_benchmark(fixture.session, wrong),
                       doctest::Contains("did you mean 'table'"), Error);
}

TEST_CASE("acceptance: the NAS-Bench-201 table verifies in every row, permuted edges do not") {
  const auto data = test_data("tab-nb201");
  if (data.empty()) return;
  BenchmarkFixture fixture;
  const ImportResult result =
      import_benchmark(fixture.session, {.path = data / "nb201_tss.csv.gz"});
  const std::vector<SelfCheck> checks = verify_benchmark(fixture.session, "nb201_tss");
  for (const SelfCheck& check : checks) {
    CAPTURE(check.what);
    CHECK(check.ok);
  }
  CHECK(find_check(checks, "isomorphism classes").got == "6,466");
  CHECK(find_check(checks, "rows away from the published index").got == "0");
  CHECK(find_check(checks, "macs:dataset=ImageNet16-120 recomputed").got == "15,625");

  Benchmark permuted({.name = "permuted", .space = "nasbench201", .space_version = "1"});
  std::vector<std::string> texts(result.benchmark.texts().begin(), result.benchmark.texts().end());
  std::rotate(texts.begin(), texts.begin() + 1, texts.end());
  permuted.set_rows(std::move(texts));
  const std::size_t params = result.benchmark.column("params:dataset=cifar10");
  const auto values = result.benchmark.values(params);
  permuted.add_column(result.benchmark.columns()[params], {values.begin(), values.end()});
  fixture.session.writer().put_benchmark(permuted);
  CHECK_FALSE(find_check(verify_benchmark(fixture.session, "permuted"), "params").ok);
}

}  // namespace nas::test
