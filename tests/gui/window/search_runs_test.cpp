#include <doctest/doctest.h>

#include <cmath>

#include "app/explorer/search_runs.h"
#include "db/sqlite_store.h"
#include "tests/gui/window/sample_database.h"

namespace nas {
namespace {

/// A study whose trial i has the accuracy `values[i]`; NaN: it misses a constraint.
void add_study(Store& store, const std::string& name, const std::string& searcher,
               std::uint64_t seed, const std::vector<double>& values) {
  const std::string config = "name = \"" + name + "\"\nseed = " + std::to_string(seed) +
                             "\n\n[searcher]\nname = \"" + searcher + "\"\n";
  const std::int64_t study = store
                                 .create_study({.name = name,
                                                .space = "nasbench201",
                                                .space_version = "1",
                                                .searcher = searcher,
                                                .config = config,
                                                .seed = seed,
                                                .objectives = {{"accuracy", true}},
                                                .environment = {"test", "", "", 1}})
                                 .id;
  for (std::size_t i = 0; i < values.size(); ++i) {
    TrialClaim claim{.study_id = study,
                     .number = static_cast<std::int64_t>(i),
                     .space = "nasbench201",
                     .text = testing::sample_text(static_cast<std::int64_t>(i)),
                     .worker = "host:1:0",
                     .searcher = searcher,
                     .reason = "sample"};
    claim.digest.words = {seed, i};
    TrialFinish finish{.claim = store.claim(claim).value(), .seconds = 2};
    const bool feasible = !std::isnan(values[i]);
    finish.state = feasible ? TrialState::kComplete : TrialState::kInfeasible;
    finish.metrics = {{.name = "accuracy", .value = feasible ? values[i] : 99}};
    store.finish(finish);
  }
}

TEST_CASE("runs: seeds of a method are one group, and what misses a constraint does not count") {
  const testing::TemporaryDirectory directory;
  const auto file = directory.file("runs.db");
  {
    const auto store = open_sqlite_store(file, OpenMode::kCreate);
    add_study(*store, "e0", "evolution", 0, {10, std::nan(""), 30});
    add_study(*store, "e1", "evolution", 1, {20, 25});
    add_study(*store, "r0", "random", 0, {5, 6, 7});
  }
  Explorer explorer(file);
  const std::vector<Explorer::Study> studies = explorer.studies();
  const auto id_of = [&](const std::string& name) {
    for (const auto& study : studies) {
      if (study.row.spec.name == name) return study.row.id;
    }
    return std::int64_t{-1};
  };
  const auto runs = [&](RunScope scope) {
    return search_runs(explorer, studies, id_of("e0"), "accuracy", scope, {}).value();
  };
  const SearchRuns one = runs(RunScope::kStudy);
  REQUIRE(one.methods.size() == 1);
  CHECK(one.methods[0].name == "e0");
  const std::vector<double>& values = one.methods[0].runs.at(0).values;
  REQUIRE(values.size() == 3);
  CHECK(values[0] == 10);
  CHECK(std::isnan(values[1]));
  CHECK(values[2] == 30);
  CHECK(one.methods[0].runs[0].seconds == std::vector<double>{2, 4, 6});

  const SearchRuns seeds = runs(RunScope::kSeeds);
  REQUIRE(seeds.methods.size() == 1);
  CHECK(seeds.methods[0].name == "evolution");
  CHECK(seeds.methods[0].runs.size() == 2);

  const SearchRuns all = runs(RunScope::kSpace);
  REQUIRE(all.methods.size() == 2);
  CHECK(all.methods[0].name == "evolution");
  CHECK(all.methods[1].name == "random");
  CHECK(all.methods[1].runs.at(0).values == std::vector<double>{5, 6, 7});

  const SearchRuns nothing =
      search_runs(explorer, studies, id_of("e0"), "latency_ms", RunScope::kSeeds, {}).value();
  CHECK(nothing.methods.empty());
  CHECK(nothing.without_metric == 2);
  CHECK(study_methods(studies, -5, RunScope::kSpace).empty());
}

}  // namespace
}  // namespace nas
