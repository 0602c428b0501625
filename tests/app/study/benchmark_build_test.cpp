#include "app/study/benchmark_build.h"

#include <doctest/doctest.h>

#include <cmath>

#include "app/benchmarks/benchmarks.h"
#include "core/util/error.h"
#include "core/util/progress.h"
#include "tests/app/benchmarks/benchmark_testing.h"

namespace nas::test {

namespace {

BenchmarkBuild small_build() {
  return {
      .name = "built",
      .space = {"nasbench201", {}},
      .data = "glyphs",
      .recipe = {"smoke", {{"train_samples", "64"}, {"validation_samples", "64"}, {"epochs", "2"}}},
      .first = 10,
      .count = 4};
}

/// Asks for a stop once `limit` trials are done.
class StopAfter final : public ProgressSink {
 public:
  StopAfter(std::int64_t limit, std::stop_source& source) : limit_(limit), source_(source) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= limit_) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}

 private:
  std::int64_t limit_;
  std::stop_source& source_;
};

}  // namespace

TEST_CASE("acceptance: a built benchmark has the published order, and equal networks once") {
  BenchmarkFixture fixture;
  BenchmarkBuild build = small_build();
  build.first = 19;
  build.count = 11;
  const BuildReport report = build_benchmark(fixture.session, build);
  CHECK(report.complete);
  CHECK(report.rows == 11);
  // Indices 19 and 29: both have one convolution 3x3 whose output is pooled, the rest is dead.
  CHECK(report.trained == 10);
  const auto benchmark = fixture.session.benchmark("built");
  const auto& space = dynamic_cast<const IndexedSpace&>(fixture.session.space({"nasbench201", {}}));
  for (std::size_t row = 0; row < 11; ++row) {
    const Architecture expected = space.at(19 + row);
    CHECK(benchmark->text(row) == fixture.session.space({"nasbench201", {}}).format(expected));
  }
  const std::size_t accuracy = benchmark->column("accuracy:dataset=glyphs,split=valid,epochs=2");
  CHECK(benchmark->value(accuracy, 0) == benchmark->value(accuracy, 10));
  CHECK(benchmark->value(benchmark->column("training_seconds"), 0) > 0);
  // Sizes are those of the network that was trained, which the columns name.
  const std::size_t params = benchmark->column("params");
  const std::string& network = benchmark->columns()[params].network;
  CHECK(network == benchmark->columns()[accuracy].network);
  const ArchGraph trained =
      fixture.session.space({"nasbench201", {}}).build(space.at(19), parse_task_text(network));
  CHECK(benchmark->value(params, 0) == static_cast<double>(graph_cost(trained).params));
  CHECK(benchmark->columns()[accuracy].origin.find("train_samples=64") != std::string::npos);

  const std::string curve = column_text(benchmark->columns()[benchmark->column("accuracy_curve")]);
  const auto wide = fixture.session.reader().open_benchmark("built", std::vector{curve});
  const auto values = wide->values(wide->column("accuracy_curve"));
  REQUIRE(values.size() == 22);
  for (std::size_t row = 0; row < 11; ++row) {
    CHECK(values[2 * row + 1] == wide->value(accuracy, row));  // the last epoch is the result
  }

  for (const SelfCheck& check : verify_benchmark(fixture.session, "built")) {
    CAPTURE(check.what);
    CAPTURE(check.got);
    CHECK(check.ok);
  }

  // The same command again keeps what was computed since.
  Benchmark scores(benchmark->info());
  scores.set_rows({benchmark->texts().begin(), benchmark->texts().end()});
  scores.add_column(
      {.metric = "synflow", .source = MetricSource::kProxy, .origin = "searchlight 1.0, engine=1"},
      std::vector<double>(11, 2.5));
  const std::size_t first[] = {0};
  fixture.session.writer().put_benchmark_columns(scores, first);
  REQUIRE(build_benchmark(fixture.session, build).complete);
  const auto rebuilt = fixture.session.benchmark("built");
  CHECK(rebuilt->value(rebuilt->column("synflow"), 10) == 2.5);

  BenchmarkBuild other = build;
  other.recipe.options["epochs"] = "3";
  CHECK_THROWS_WITH_AS(build_benchmark(fixture.session, other), doctest::Contains("other settings"),
                       Error);
  fixture.session.writer().put_benchmark(five_cells("taken"));
  other.name = "taken";
  CHECK_THROWS_WITH_AS(build_benchmark(fixture.session, other),
                       doctest::Contains("in the database already"), Error);
}

TEST_CASE("acceptance: a stopped build resumes and ends as an uninterrupted one") {
  BenchmarkFixture whole;
  build_benchmark(whole.session, small_build());
  const auto expected = whole.session.benchmark("built");

  const TemporaryDirectory directory;
  const std::filesystem::path store = directory.path() / "results.db";
  {
    std::stop_source source;
    StopAfter progress(2, source);
    Session session({.store = store, .progress = &progress, .stop = source.get_token()});
    const BuildReport report = build_benchmark(session, small_build());
    CHECK_FALSE(report.complete);
    CHECK(report.rows >= 2);
    CHECK(report.rows < 4);
    CHECK(session.benchmark("built")->rows() == static_cast<std::size_t>(report.rows));
  }
  Session session({.store = store});
  CHECK(build_benchmark(session, small_build()).complete);
  const auto found = session.benchmark("built");
  REQUIRE(found->rows() == expected->rows());
  const std::size_t accuracy = found->column("accuracy");
  for (std::size_t row = 0; row < found->rows(); ++row) {
    CHECK(found->text(row) == expected->text(row));
    CHECK(found->value(accuracy, row) == expected->value(accuracy, row));
  }
}

}  // namespace nas::test
