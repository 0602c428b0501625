#include "app/reports/study_curves.h"

#include <doctest/doctest.h>

#include "app/reports/report.h"
#include "app/study/study.h"
#include "app/study/study_log.h"
#include "core/api/alpha_name.h"
#include "tests/app/study/study_testing.h"

namespace nas::test {
namespace {

TEST_CASE("names of alternatives: a selector may hold '/', the alternative not") {
  const std::string text = to_string(AlphaName{"cell/edge_0_2", "skip_connect"});
  CHECK(text == "alpha/cell/edge_0_2/skip_connect");
  const AlphaName read = parse_alpha_name(text).value();
  CHECK(read.selector == "cell/edge_0_2");
  CHECK(read.alternative == "skip_connect");
  for (const char* other : {"alpha", "alpha/", "alpha/a", "alpha//a", "alpha/a/", "loss"}) {
    CHECK_FALSE(parse_alpha_name(other).has_value());
  }
}

TEST_CASE("curves of a study: one drawing a kind of value, and the alphas as a picture") {
  const std::vector<CurvePoint> curve{{1, "train_loss", 2},     {2, "train_loss", 1},
                                      {1, "loss", 3},           {1, "entropy", 1.5},
                                      {1, "alpha/e/skip", 0.5}, {2, "alpha/e/skip", 0.75}};
  const auto drawings = study_curve_drawings(curve, "s");
  REQUIRE(drawings.size() == 3);
  CHECK(drawings[0].file == "study_entropy.svg");
  CHECK(drawings[1].file == "study_loss.svg");
  CHECK(contains(drawings[1].svg, "train_loss"));
  CHECK(drawings[2].file == "study_alphas.svg");
  CHECK(contains(drawings[2].svg, "skip, epoch 2: 0.75"));
  CHECK(study_curve_drawings({}, "s").empty());
}

TEST_CASE("a study that prepared: its log comes back, and the report shows it") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, cheap_config(3, 1));
  const StudyRow study = session.reader().find_study("cheap").value();
  for (int run = 0; run < 2; ++run) {  // the second time as after a kill
    StudyLog log(session.writer(), study.id, 1e9);
    log.point(1, "train_loss", 2.0 + run);
    log.point(1, to_string(AlphaName{"e", "skip"}), 0.5);
    log.event("collapse", "epoch 1: skip_connect has half of the weight");
    CHECK(session.reader().study_curve(study.id).size() == (run == 0 ? 0U : 2U));
    log.flush();
  }
  const auto curve = session.reader().study_curve(study.id);
  REQUIRE(curve.size() == 2);
  CHECK(curve[1].value == 3);
  const Table events = events_table(session.reader().events(study.id, 100));
  CHECK(std::get<std::string>(events.rows.back()[2]) == "collapse");
  std::size_t collapses = 0;
  for (const auto& row : events.rows) {
    collapses += std::get<std::string>(row[2]) == "collapse" ? 1 : 0;
  }
  CHECK(collapses == 1);

  const auto files = study_report(session, "cheap", directory.path() / "report");
  std::string names;
  for (const auto& file : files) names += file.filename().string() + " ";
  CHECK(contains(names, "study_loss.svg"));
  CHECK(contains(names, "study_alphas.svg"));
  const std::string text = read_file(directory.path() / "report" / "report.md");
  CHECK(contains(text, "## Preparation"));
  CHECK(contains(text, "has half of the weight"));
}

TEST_CASE("a log writes by itself once its time has passed") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, cheap_config(1, 1));
  const StudyRow study = session.reader().find_study("cheap").value();
  StudyLog log(session.writer(), study.id, 0);
  log.point(1, "train_loss", 2);
  CHECK(session.reader().study_curve(study.id).size() == 1);
}

}  // namespace
}  // namespace nas::test
