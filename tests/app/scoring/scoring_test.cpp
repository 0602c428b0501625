#include "app/scoring/scoring.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "app/benchmarks/benchmarks.h"
#include "app/scoring/layer_scoring.h"
#include "app/scoring/proxy_evaluator.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "tests/app/benchmarks/benchmark_testing.h"

namespace nas::test {
namespace {

/// Two of the five cells, and two that compute the same: the second has a dead convolution.
Benchmark four_cells() {
  const Benchmark five = five_cells("cells");
  Benchmark benchmark({.name = "cells", .space = "nasbench201", .space_version = "1"});
  benchmark.set_rows({five.text(2), five.text(3),
                      "|nor_conv_1x1~0|+|none~0|none~1|+|none~0|none~1|none~2|", five.text(4)});
  return benchmark;
}

/// In an order in which the names of the columns are not.
BenchmarkScoring scoring_of_four(const std::string& proxies = "synflow,nwot,params,l2_norm") {
  BenchmarkScoring scoring{.benchmark = "cells", .space = {}, .choice = {}};
  scoring.choice.proxies = parse_proxies(proxies);
  scoring.choice.settings.batch = 2;
  scoring.choice.settings.seed = 4;
  return scoring;
}

class StopAfterFirst final : public ProgressSink {
 public:
  explicit StopAfterFirst(std::stop_source& source) : source_(source) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= 1) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}

 private:
  std::stop_source& source_;
};

void check_equal(const Benchmark& found, const Benchmark& expected) {
  REQUIRE(found.columns().size() == expected.columns().size());
  for (const BenchmarkColumn& column : expected.columns()) {
    CAPTURE(column.metric);
    const auto a = found.values(found.column(column_text(column)));
    const auto b = expected.values(expected.column(column_text(column)));
    CHECK(std::vector(a.begin(), a.end()) == std::vector(b.begin(), b.end()));
  }
}

TEST_CASE("node-wise statistics that were measured stay, whatever is measured later") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(four_cells());
  LayerScoring scoring{.benchmark = "cells", .batch = 2};
  const LayerScoringReport first = score_layers(fixture.session, scoring);
  REQUIRE(first.complete);
  const auto values = [&] {
    const auto table = fixture.session.writer().open_benchmark("cells", first.columns);
    const auto column = table->values(table->column(first.columns[0]));
    return std::vector<double>(column.begin(), column.end());
  };
  const std::vector<double> measured = values();
  // As a later release of the program finds them.
  {
    const auto table = fixture.session.writer().open_benchmark("cells", first.columns);
    Benchmark older(table->info());
    older.set_rows({table->texts().begin(), table->texts().end()});
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < table->columns().size(); ++i) {
      BenchmarkColumn column = table->columns()[i];
      column.origin = "searchlight 0.0.1" + column.origin.substr(column.origin.find(", "));
      const auto all = table->values(i);
      places.push_back(older.columns().size());
      older.add_column(column, {all.begin(), all.end()});
    }
    fixture.session.writer().put_benchmark_columns(older, places);
  }
  scoring.count = 1;
  CHECK(score_layers(fixture.session, scoring).resumed == 1);
  scoring.seed = 1;
  const LayerScoringReport other = score_layers(fixture.session, scoring);
  CHECK(other.scored == 1);
  CHECK(other.columns[0].ends_with("statistic=nodes;seed=1;batch=2"));
  const std::vector<double> kept = values();
  REQUIRE(kept.size() == measured.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK((kept[i] == measured[i] || (std::isnan(kept[i]) && std::isnan(measured[i]))));
  }
}

TEST_CASE("results that cannot be kept end the jobs") {
  std::atomic<int> ran = 0;
  const ParallelJobs jobs{
      .threads = 2,
      .run =
          [&](std::size_t) {
            ++ran;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          },
      .keep =
          [](std::span<const std::size_t>) { throw Error(ErrorKind::kIo, "the disk is full"); }};
  CHECK_THROWS_WITH_AS(run_jobs(1000, jobs), "the disk is full", Error);
  CHECK(ran < 500);
}

TEST_CASE("scores of a benchmark are those of its networks, each in its own column") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(four_cells());
  const ScoringReport report = score_benchmark(fixture.session, scoring_of_four());
  CHECK(report.complete);
  CHECK(report.rows == 4);
  CHECK(report.scored == 3);
  CHECK(report.shared == 1);

  const BenchmarkScoring scoring = scoring_of_four();
  const auto engine = make_engine(fixture.session, scoring.choice);
  const SearchSpace& space = fixture.session.space({"nasbench201", {}});
  const auto benchmark = fixture.session.benchmark("cells");
  for (std::size_t row = 0; row < 4; ++row) {
    const auto scores =
        engine->score(space.build(space.parse(benchmark->text(row)), space.info().default_task));
    for (const ProxyScore& score : scores) {
      CAPTURE(row);
      CAPTURE(score.name);
      const double stored = benchmark->value(benchmark->column(score.name), row);
      CHECK((stored == score.value || stored == doctest::Approx(score.value).epsilon(1e-6)));
    }
  }
  // What dead nodes change is not shared.
  const std::size_t params = benchmark->column("params");
  CHECK(benchmark->value(params, 1) != benchmark->value(params, 2));
}

TEST_CASE("scoring that was stopped resumes and ends as an uninterrupted one") {
  BenchmarkFixture whole;
  whole.session.writer().put_benchmark(four_cells());
  score_benchmark(whole.session, scoring_of_four());

  const TemporaryDirectory directory;
  const std::filesystem::path store = directory.path() / "results.db";
  {
    std::stop_source source;
    StopAfterFirst progress(source);
    Session session({.store = store, .progress = &progress, .stop = source.get_token()});
    session.writer().put_benchmark(four_cells());
    CHECK_FALSE(score_benchmark(session, scoring_of_four()).complete);
    const auto partial = session.benchmark("cells");
    const auto counts = count_special(partial->values(partial->column("nwot")));
    CHECK(counts.missing > 0);
    CHECK(counts.missing < 4);
  }
  Session session({.store = store});
  const ScoringReport report = score_benchmark(session, scoring_of_four());
  CHECK(report.complete);
  CHECK(report.resumed > 0);
  CHECK(report.scored < 3);
  check_equal(*session.benchmark("cells"), *whole.session.benchmark("cells"));
  CHECK(score_benchmark(session, scoring_of_four()).scored == 0);
}

TEST_CASE("columns that are scored later stand beside the earlier ones") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(four_cells());
  score_benchmark(fixture.session, scoring_of_four("nwot,params"));
  const auto before = fixture.session.benchmark("cells");
  const double nwot = before->value(before->column("nwot"), 0);
  score_benchmark(fixture.session, scoring_of_four("synflow,nwot"));
  const auto after = fixture.session.benchmark("cells");
  REQUIRE(after->columns().size() == 3);
  CHECK(after->value(after->column("nwot"), 0) == nwot);
  CHECK(after->value(after->column("params"), 0) == doctest::Approx(0.101306));
  CHECK(after->value(after->column("synflow"), 0) > 0);
}

TEST_CASE("scores of another engine are computed anew, those of another program are gone on with") {
  const auto scored_after = [](const std::string& origin) {
    BenchmarkFixture fixture;
    fixture.session.writer().put_benchmark(four_cells());
    score_benchmark(fixture.session, scoring_of_four("nwot"));
    const auto stored = fixture.session.benchmark("cells");
    BenchmarkColumn column = stored->columns()[stored->column("nwot")];
    const std::size_t settings = column.origin.find(", engine=");
    REQUIRE(settings != std::string::npos);
    column.origin = origin + column.origin.substr(settings);
    if (origin.ends_with("anew"))
      column.origin.replace(column.origin.find("engine="), 8, "engine=0");
    Benchmark changed({.name = "cells", .space = "nasbench201", .space_version = "1"});
    changed.set_rows({stored->texts().begin(), stored->texts().end()});
    changed.add_column(column, std::vector<double>(4, 7.0));
    fixture.session.writer().put_benchmark(changed);
    fixture.session.forget_benchmark("cells");
    const ScoringReport report = score_benchmark(fixture.session, scoring_of_four("nwot"));
    const auto after = fixture.session.benchmark("cells");
    CHECK(after->columns().size() == 1);
    CHECK((after->value(after->column("nwot"), 0) == 7.0) == (report.scored == 0));
    CHECK(after->columns()[0].origin.starts_with(report.scored == 0 ? origin : "searchlight "));
    return report.scored;
  };
  CHECK(scored_after("searchlight 0.0.1 (older)") == 0);
  CHECK(scored_after("anew") == 3);
}

TEST_CASE("a benchmark of a part of a space says so, and predictors see its choices alone") {
  BenchmarkFixture fixture;
  BenchmarkScoring scoring{.benchmark = "narrow",
                           .space = {"mcunet", {{"width", "0.3"}, {"resolution", "all"}}},
                           .choice = {},
                           .count = 2};
  scoring.choice.proxies = parse_proxies("params");
  (void)score_benchmark(fixture.session, scoring);
  CHECK(fixture.session.benchmark("narrow")->info().space == "mcunet:width=0.3");
  const SearchSpace* space = space_of(fixture.session, fixture.session.benchmark("narrow")->info());
  CHECK(space == &fixture.session.space({"mcunet", {{"width", "0.3"}}}));
  scoring.space.options["width"] = "0.4";
  CHECK_THROWS_WITH_AS(score_benchmark(fixture.session, scoring),
                       "--space mcunet:resolution=all,width=0.4 has no effect: benchmark 'narrow' "
                       "is of space 'mcunet:width=0.3'",
                       Error);
}

TEST_CASE("what a study's scores are stored under names the engine") {
  const ProxyEngine engine({{"synflow"}}, {}, nullptr);
  const std::string version = "engine=" + std::to_string(kProxyEngineVersion);
  CHECK(score_fidelity(engine, {}) == "untrained:data=noise,seed=0,batch=64," + version);
}

TEST_CASE("a proxy with weights of its own says so once, and the same with its default") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(unscored_benchmark(
      fixture.session,
      {.benchmark = "students", .space = {"cifar_resnet"}, .choice = {}, .count = 1}));
  BenchmarkScoring scoring{.benchmark = "students", .space = {}, .choice = {}};
  scoring.choice.settings.batch = 2;
  for (const char* proxies : {"diswot", "diswot:init=normal"}) {
    scoring.choice.proxies = parse_proxies(proxies);
    const ScoringReport report = score_benchmark(fixture.session, scoring);
    REQUIRE_FALSE(report.columns.empty());
    const std::string& column = report.columns.front();
    CHECK(column.find(";init=normal") != std::string::npos);
    CHECK(column.find("init=") == column.rfind("init="));
  }
  CHECK(fixture.session.benchmark("students")->columns().size() ==
        ProxyEngine({{"diswot"}}, {}, nullptr).outputs().names.size());
}

}  // namespace
}  // namespace nas::test
