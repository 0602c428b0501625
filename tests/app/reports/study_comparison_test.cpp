#include "app/reports/study_comparison.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "app/reports/report.h"
#include "app/study/study.h"
#include "core/util/file.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

SessionOptions in(const TemporaryDirectory& directory) {
  return {.store = directory.path() / "store.db", .progress = nullptr, .stop = {}};
}

void run_seeds(Session& session, const std::string& searcher, int seeds, std::int64_t trials) {
  for (int seed = 0; seed < seeds; ++seed) {
    StudyConfig config = cheap_config(trials, 1);
    config.searcher = {searcher, {}};
    config.objectives = {"minimize params", "maximize macs"};
    config.seed = static_cast<std::uint64_t>(seed);
    config.name = searcher + "-" + std::to_string(seed);
    run_study(session, config);
  }
}

std::string verdict(const Table& table, std::size_t row) {
  return std::get<std::string>(table.rows.at(row).back());
}

double value(const Table& table, std::size_t row, std::size_t column) {
  return std::get<double>(table.rows.at(row).at(column));
}

}  // namespace

TEST_CASE("studies are compared by method: best, hypervolume, front, curves and attainment") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  run_seeds(session, "random", 3, 12);
  run_seeds(session, "nsga2", 3, 15);
  const StudyComparison comparison =
      compare_studies(session.reader(), {.studies = {"random-*", "nsga2-*"}});
  REQUIRE(comparison.methods.size() == 2);
  CHECK(comparison.methods[0].label == "random");
  CHECK(comparison.methods[1].studies.size() == 3);
  CHECK(comparison.trials == 12);  // as many as all have
  CHECK(comparison.differences.empty());

  // Against what the reports say of each study.
  for (const ComparedStudy& study : comparison.methods[0].studies) {
    const StudyData data = load_study(session.reader(), study.name);
    CHECK(-study.best == leaders(data, "", 1)[0].values.at({"params", ""}));
    std::set<std::vector<double>> points;  // of equal ones one counts
    for (const TrialSummary& trial : pareto(data)) {
      points.insert({trial.values.at({"params", ""}), trial.values.at({"macs", ""})});
    }
    CHECK(study.front.size() == points.size());
    CHECK(study.hypervolume > 0);
    CHECK(study.hypervolume <= 1);
    REQUIRE(study.hypervolumes.size() == 12);
    CHECK(std::ranges::is_sorted(study.hypervolumes));
    CHECK(study.hypervolumes.back() == doctest::Approx(study.hypervolume));
  }
  const Table table = study_comparison_table(comparison);
  REQUIRE(table.rows.size() == 6);
  CHECK(verdict(table, 0) == "reference");
  CHECK(verdict(table, 1) == "too few runs to tell");  // 2 / C(6, 3) = 0.1
  std::vector<double> best;
  for (const ComparedStudy& study : comparison.methods[0].studies) best.push_back(-study.best);
  std::sort(best.begin(), best.end());
  CHECK(value(table, 0, 5) == best[1]);  // the median of three
  CHECK(contains(table.caption, "the first 12 trials"));
  CHECK(compared_studies_table(comparison).rows.size() == 6);
  const Table curves = study_curves_table(comparison);
  REQUIRE(curves.rows.size() == 24);
  for (std::size_t row = 1; row < 12; ++row)
    CHECK(value(curves, row, 3) <= value(curves, row - 1, 3));

  const Table volumes = study_curves_table(comparison, Anytime::kHypervolume);
  REQUIRE(volumes.rows.size() == 24);
  for (std::size_t row = 1; row < 12; ++row)
    CHECK(value(volumes, row, 3) >= value(volumes, row - 1, 3));

  const auto files = write_study_comparison(comparison, directory.path() / "comparison");
  CHECK(files.size() == 8);
  CHECK(
      contains(read_file(directory.path() / "comparison" / "hypervolume.svg"), "share of the box"));
  CHECK(contains(read_file(directory.path() / "comparison" / "attainment.svg"), "nsga2"));
}

TEST_CASE("enough runs of a clear difference are told apart") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  run_seeds(session, "random", 5, 4);
  run_seeds(session, "nsga2", 5, 60);
  StudyComparison comparison =
      compare_studies(session.reader(), {.studies = {"random-0", "nsga2-3"}, .seeds = true});
  REQUIRE(comparison.methods.size() == 2);
  CHECK(comparison.methods[0].studies.size() == 5);
  CHECK(comparison.trials == 4);
  // The same trials for all are not what this case is about: here are clear values.
  for (std::size_t i = 0; i < 5; ++i) {
    comparison.methods[0].studies[i].best = -static_cast<double>(10 + i);
    comparison.methods[1].studies[i].best = -static_cast<double>(1 + i);
  }
  CHECK(verdict(study_comparison_table(comparison), 1) == "better");
  comparison.against_best = true;
  CHECK(verdict(study_comparison_table(comparison), 0) == "worse");
}

TEST_CASE("small values keep their digits") {
  StudyComparison comparison;
  comparison.objectives = {{"grasp", true}};
  comparison.trials = 1;
  comparison.methods.push_back({"m", {{"s", 0, {{3.25e-7}}, 3.25e-7}}});
  CHECK(value(study_comparison_table(comparison), 0, 5) == 3.25e-7);
}

TEST_CASE("attainment: half of three runs attain what the middle one does") {
  StudyComparison comparison;
  comparison.objectives = {{"accuracy", true}, {"params", false}};
  comparison.trials = 1;
  comparison.methods.push_back({"m", {}});
  for (const double params : {100.0, 200.0, 300.0}) {
    ComparedStudy study{"s", 0, {{90, -params}}, 90, {{90, -params}}, 0};
    comparison.methods[0].studies.push_back(study);
  }
  const auto plot = attainment_plot(comparison);
  REQUIRE(plot.has_value());
  REQUIRE(plot->series[0].points.size() == 1);
  CHECK(plot->series[0].points[0].x == 90);
  CHECK(plot->series[0].points[0].y == 200);
  CHECK(plot->series[0].band[0].low == 100);
  CHECK(plot->series[0].band[0].high == 300);
}

TEST_CASE("how the winner is trained makes no other method, the network that is judged does") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(3, 1);
  config.searcher = {"random", {}};
  config.data = "glyphs";
  const auto run = [&](const std::string& name, const OptionMap& final_recipe, bool winner) {
    config.name = name;
    config.train_winner = winner;
    config.final_recipe.options = final_recipe;
    ++config.seed;
    run_study(session, config);
  };
  run("a", {{"epochs", "5"}}, false);
  run("b", {{"epochs", "9"}, {"batch", "16"}}, true);
  run("c", {{"epochs", "5"}, {"width", "4"}}, false);
  const StudyComparison comparison =
      compare_studies(session.reader(), {.studies = {"a", "b", "c"}});
  REQUIRE(comparison.methods.size() == 2);
  CHECK(comparison.methods[0].studies.size() == 2);
  CHECK(comparison.methods[1].studies[0].name == "c");
}

TEST_CASE("studies that cannot be compared are refused, and what differs is said") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  run_seeds(session, "random", 1, 5);
  StudyConfig config = cheap_config(5, 1);
  config.searcher = {"random", {}};
  config.constraints = {"params<900k"};
  config.name = "bounded";
  run_study(session, config);
  const auto compare = [&](std::vector<std::string> names, std::int64_t trials = 0) {
    return compare_studies(session.reader(), {.studies = std::move(names), .trials = trials});
  };
  const StudyComparison comparison = compare({"random-0", "bounded"});
  CHECK(comparison.methods[1].label == "random (bounded)");
  CHECK(comparison.differences == std::vector<std::string>{"constraints"});
  CHECK(contains(error_of([&] { compare({"random-9"}); }), "unknown study 'random-9'"));
  CHECK(contains(error_of([&] { compare({"local-*"}); }), "no study is named like 'local-*'"));
  CHECK(contains(error_of([&] { compare({"random-0"}, 6); }), "only the first 5 trials"));
  config.name = "other";
  config.objectives = {"minimize macs"};
  run_study(session, config);
  CHECK(contains(error_of([&] { compare({"random-0", "other"}); }), "other objectives"));
}
