#include "app/reports/report.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

TrialRow trial(std::int64_t number, double accuracy, double params,
               TrialState state = TrialState::kComplete) {
  TrialRow row;
  row.number = number;
  row.text = "arch-" + std::to_string(number);
  row.state = state;
  row.metrics = {{"accuracy", accuracy, MetricSource::kMeasured, "f", std::nullopt},
                 {"params", params, MetricSource::kComputed, "", std::nullopt},
                 {"macs", params * 10, MetricSource::kComputed, "", std::nullopt}};
  return row;
}

/// Five complete trials; 0, 2 and 4 are the front of accuracy and params.
StudyData example() {
  StudyData study;
  study.row.spec.name = "demo <b>";
  study.config.objectives = {"maximize accuracy", "minimize params"};
  study.constraints = {parse_constraint("params<500")};
  study.trials = {trial(0, 60, 50),  trial(1, 55, 60),  trial(2, 70, 100),
                  trial(3, 65, 300), trial(4, 90, 400), trial(5, 99, 900, TrialState::kInfeasible)};
  study.trials[5].violation = 0.8;
  study.trials[5].error = "params = 900, wanted params < 500";
  return study;
}

std::vector<std::int64_t> numbers(const std::vector<TrialSummary>& trials) {
  std::vector<std::int64_t> result;
  for (const TrialSummary& summary : trials) result.push_back(summary.number);
  return result;
}

}  // namespace

TEST_CASE("leaders are the complete trials, best first, equal architectures once") {
  StudyData study = example();
  study.trials[1].text = "arch-0";  // the same architecture as trial 0
  CHECK(numbers(leaders(study, "", 0)) == std::vector<std::int64_t>{4, 2, 3, 0});
  CHECK(numbers(leaders(study, "", 2)) == std::vector<std::int64_t>{4, 2});
  CHECK(numbers(leaders(study, "params", 1)) == std::vector<std::int64_t>{0});
  CHECK(contains(error_of([&] { leaders(study, "acuracy", 1); }), "did you mean 'accuracy'"));
}

TEST_CASE("the Pareto front and the best-so-far curve of a known study") {
  const StudyData study = example();
  CHECK(numbers(pareto(study)) == std::vector<std::int64_t>{4, 2, 0});
  const std::vector<BestSoFar> best = best_so_far(study);
  REQUIRE(best.size() == 3);
  CHECK(best[1].trial == 2);
  CHECK(best[2].value == 90);
}

TEST_CASE("the closest trial exists only when nothing is feasible") {
  StudyData study = example();
  CHECK_FALSE(closest_trial(study).has_value());
  study.trials = {trial(0, 1, 900, TrialState::kInfeasible),
                  trial(1, 1, 600, TrialState::kInfeasible)};
  study.trials[0].violation = 0.8;
  study.trials[1].violation = 0.2;
  CHECK(closest_trial(study)->number == 1);
}

TEST_CASE("the leaderboard as CSV is exact, and names the networks of its values") {
  StudyData study = example();
  study.trials[4].network = "judged";
  study.trials[4].metrics[0].network = "trained";
  CHECK(render(leaderboard_table(study, "", 2), Format::kCsv) ==
        "rank,trial,accuracy,params,macs,network,trained_network,sources,architecture\n"
        "1,4,90,400,4000,judged,trained,accuracy: trained,arch-4\n"
        "2,2,70,100,1000,,,accuracy: trained,arch-2\n");
  // People read it once, in the heading.
  CHECK_FALSE(contains(render(leaderboard_table(study, "", 2), Format::kTable), "trained_network"));
  CHECK(contains(render(trials_table(study), Format::kJson), "\"network\":\"judged\""));
}

TEST_CASE("tables say where values come from: trained, measured, tabular, shared weights") {
  StudyData study = example();
  const std::string own = "image: float[3,32,32] -> class: classes[10]; width=16";
  const std::string shared = "image: float[3,32,32] -> class: classes[10]; width=4";
  for (TrialRow& row : study.trials) row.network = own;
  study.trials[0].metrics[0].network = own;
  CHECK(contains(render(leaderboard_table(study, "", 2), Format::kTable), "; accuracy: trained\n"));
  for (TrialRow& row : study.trials) {
    row.metrics[0].source = MetricSource::kPredicted;
    row.metrics[0].network = shared;
  }
  study.config.origins = {"accuracy = supernet:first"};
  const std::string text = render(leaderboard_table(study, "", 2), Format::kTable);
  CHECK(contains(text,
                 "network of the study: images 3x32x32, 10 classes, width 16; accuracy: with "
                 "the shared weights of supernet first, as images 3x32x32, 10 classes, width "
                 "4\n"));
  CHECK(contains(render(trials_table(study), Format::kTable), "shared weights of supernet first"));
  CHECK(contains(render(summary_table(study), Format::kJson), "shared weights of supernet first"));
  study.config.origins = {"accuracy = table:nb201:accuracy:dataset=cifar10"};
  CHECK(contains(render(pareto_table(study), Format::kCsv), "accuracy: tabular, benchmark nb201:"));
  study.config.origins = {"accuracy = predictor:forest"};
  CHECK(contains(render(pareto_table(study), Format::kTable), "accuracy: predicted by forest"));
  study.config.origins.clear();
  study.config.objectives = {"minimize latency_ms@phone", "maximize nwot"};
  for (TrialRow& row : study.trials) {
    row.metrics = {{"latency_ms", 3, MetricSource::kMeasured, "", Device{"phone", "cpu", ""}, own},
                   {"nwot", 7, MetricSource::kProxy, "noise", std::nullopt, own}};
  }
  CHECK(contains(render(pareto_table(study), Format::kTable),
                 "; latency_ms@phone: measured; nwot: a score of the untrained network\n"));
}

TEST_CASE("tables of a study share their rows with the data") {
  const StudyData study = example();
  CHECK(trials_table(study).rows.size() == 6);
  CHECK(pareto_table(study).rows.size() == 3);
  CHECK(contains(render(trials_table(study), Format::kJsonl), "wanted params < 500"));
}

TEST_CASE("drawings of a study escape its name and draw the constraint") {
  const std::string svg = pareto_svg(example());
  CHECK_FALSE(contains(svg, "<b>"));
  CHECK(contains(svg, "demo &lt;b&gt;"));
  CHECK(contains(svg, "params &lt; 500"));
  CHECK(contains(svg, "Pareto front"));
  CHECK(contains(svg, "infeasible"));
  // Hollow as in the legend, not filled like those that count.
  CHECK(svg.find("class=\"hollow s2\"") != svg.rfind("class=\"hollow s2\""));
  CHECK(contains(best_so_far_svg({example()}), "accuracy (%)"));
  CHECK(contains(hypervolume_svg(example()).value(), "hypervolume so far"));
  StudyData single = example();
  single.config.objectives.resize(1);
  CHECK_FALSE(hypervolume_svg(single).has_value());
  std::vector<CurvePoint> curve;
  for (int epoch = 1; epoch <= 5; ++epoch) {
    curve.push_back({epoch, "train_loss", 2.0 / epoch});
    curve.push_back({epoch, "accuracy", 20.0 * epoch});
    curve.push_back({epoch, "train_accuracy", 15.0 * epoch});
  }
  const std::string drawing = curve_svg(curve, "Training");
  CHECK(contains(drawing, "validation"));
  CHECK_FALSE(contains(drawing, "train_loss"));
}

TEST_CASE("what a value may be is a bar in the front, and two columns for programs") {
  StudyData study = example();
  CHECK_FALSE(contains(pareto_svg(study), "class=\"bar"));
  study.trials[2].metrics[0].interval = Interval{68, 73};
  study.trials[3].metrics[0].interval = Interval{60, 66};  // not in the front
  const std::string svg = pareto_svg(study);
  const std::string bar = "class=\"bar s1\"";
  std::size_t strokes = 0;
  for (std::size_t at = svg.find(bar); at != std::string::npos; at = svg.find(bar, at + 1)) {
    ++strokes;
  }
  CHECK(strokes == 3);  // the bar of trial 2 and its ends
  const std::string rows = render(pareto_table(study), Format::kJsonl);
  CHECK(contains(rows, "\"accuracy_low\":68,\"accuracy_high\":73"));
  CHECK_FALSE(contains(rows, "params_low"));
  CHECK(contains(render(trials_table(study), Format::kCsv), ",accuracy_low,accuracy_high"));
  CHECK_FALSE(contains(render(pareto_table(study), Format::kTable), "68"));
}

TEST_CASE("an interval that a logarithmic axis has no place for ends at the frame") {
  StudyData study = example();
  study.config.objectives = {"maximize accuracy", "minimize params"};
  study.constraints.clear();
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    study.trials[i].metrics[1].value = std::pow(10.0, static_cast<double>(i) - 1);
  }
  study.trials[0].metrics[1].interval = Interval{0, 5};
  const std::string svg = pareto_svg(study);
  CHECK(contains(svg, "class=\"bar"));
  CHECK_FALSE(contains(svg, "nan"));
}

TEST_CASE("a study report is a folder that stands alone") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const StudyConfig config = cheap_config(10, 1);
  run_study(session, config);
  const auto files = study_report(session, config.name, directory.path() / "report");
  for (const auto& file : files) CHECK(std::filesystem::file_size(file) > 0);
  const std::string markdown = read_file(directory.path() / "report" / "report.md");
  for (const char* name : {"pareto.svg", "best_so_far.svg", "architecture.svg"}) {
    CHECK(contains(markdown, name));
    CHECK(std::filesystem::exists(directory.path() / "report" / name));
  }
  // The study can be run again from the report.
  const StudyConfig again = read_study_config(directory.path() / "report" / "study.toml");
  CHECK(again == resolve(config));
  const std::string csv = read_file(directory.path() / "report" / "trials.csv");
  CHECK(split(csv, '\n').size() == 12);  // header, ten trials, end of text
}
