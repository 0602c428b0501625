#include "app/study/study_edit.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/reports/report.h"
#include "app/study/study.h"
#include "core/util/error.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

SessionOptions in(const TemporaryDirectory& directory, ProgressSink* progress = nullptr) {
  return {.store = directory.path() / "store.db", .progress = progress, .stop = {}};
}

/// Keeps the lines for the user.
class Messages final : public ProgressSink {
 public:
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t, std::string_view) override {}
  void end() override {}
  void message(std::string_view line) override { text += std::string(line) + "\n"; }
  std::string text;
};

}  // namespace

TEST_CASE("a finished study continues with a larger budget to the rows of one that had it") {
  for (const std::int64_t workers : {1, 3}) {
    const std::vector<std::string> whole = lines_of_fresh_run(cheap_config(20, workers));
    const TemporaryDirectory directory;
    Session session(in(directory));
    run_study(session, cheap_config(7, workers));
    const StudyReport resumed = resume_study(session, "cheap", {.trials = 12, .seconds = {}});
    CHECK(resumed.replayed == 7);
    CHECK(resumed.complete + resumed.infeasible + resumed.failed == 12);
    run_study(session, cheap_config(20, workers));  // the same command with a larger budget
    CHECK(study_lines(session.reader(), "cheap") == whole);
    const StudyRow row = find_study_or_throw(session.reader(), "cheap");
    CHECK(row.spec.budget_trials == 20);
    CHECK(load_study(session.reader(), "cheap").config.budget_trials == 20);
    const std::vector<EventRow> events = session.reader().events(row.id, 10);
    CHECK(std::any_of(events.begin(), events.end(), [](const EventRow& event) {
      return event.text == "budget.trials: 12 -> 20";
    }));
  }
}

TEST_CASE("a budget only grows, of trials and of seconds") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(8, 1);
  config.budget_seconds = 1000;
  run_study(session, config);
  CHECK(contains(error_of([&] { resume_study(session, "cheap", {.trials = 5, .seconds = {}}); }),
                 "budget of 8 trials, which cannot shrink to 5"));
  CHECK(contains(error_of([&] { resume_study(session, "cheap", {.trials = {}, .seconds = 10}); }),
                 "budget of 1000 seconds, which cannot shrink to 10"));
  config.budget_trials = 4;
  CHECK(contains(error_of([&] { run_study(session, config); }), "cannot shrink"));
  // No limit is more than any.
  CHECK(resume_study(session, "cheap", {.trials = {}, .seconds = 0}).complete == 8);
  CHECK(load_study(session.reader(), "cheap").config.budget_seconds == 0);
  config.budget_trials = 9;
  config.budget_seconds = 0;
  config.seed = 5;
  CHECK(contains(error_of([&] { run_study(session, config); }), "seed: 0 -> 5"));
  CHECK(find_study_or_throw(session.reader(), "cheap").spec.budget_trials == 8);
}

TEST_CASE("a searcher that plans with the budget keeps its plan, and a message says so") {
  StudyConfig config;
  config.name = "plan";
  config.space.name = "cifar_resnet";
  config.searcher = {"robot", {{"pool", "30"}, {"proxies", "params"}, {"points", "20"}}};
  config.objectives = {"minimize params"};
  config.budget_trials = 5;
  const TemporaryDirectory directory;
  Messages messages;
  Session session(in(directory, &messages));
  run_study(session, config);
  const auto before = study_lines(session.reader(), "plan");
  config.budget_trials = 9;
  run_study(session, config);
  CHECK(contains(messages.text, "keeps its plan for 5 trials (queries=5), so the rows differ"));
  const auto after = study_lines(session.reader(), "plan");
  REQUIRE(after.size() == 10);
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
  CHECK(run_study(session, config).complete == 9);  // the command is still that of this study
  // The study's file gives these rows in one go.
  CHECK(lines_of_fresh_run(load_study(session.reader(), "plan").config) == after);
}

TEST_CASE("a renamed study continues under its new name") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  run_study(session, cheap_config(6, 1));
  rename_study(session, "cheap", "better");
  CHECK(contains(error_of([&] { rename_study(session, "cheap", "x"); }), "unknown study 'cheap'"));
  CHECK(load_study(session.reader(), "better").config.name == "better");
  resume_study(session, "better", {.trials = 9, .seconds = {}});
  StudyConfig fresh = cheap_config(9, 1);
  fresh.name = "better";
  CHECK(study_lines(session.reader(), "better") == lines_of_fresh_run(fresh));
  run_study(session, cheap_config(6, 1));
  CHECK(contains(error_of([&] { rename_study(session, "cheap", "better"); }), "exists already"));
  // Not UTF-8: the stored configuration could never be read again.
  CHECK(contains(error_of([&] { rename_study(session, "cheap", "\xff"); }), "not valid TOML"));
  CHECK(load_study(session.reader(), "cheap").config.name == "cheap");
  CHECK(contains(error_of([&] { rename_study(session, "cheap", "cheap"); }), "this name already"));
  // What would be a pattern, a place or an address is no name.
  for (const char* name : {"a*", "two\nlines", ".", "../up", "trial:1"}) {
    CAPTURE(name);
    CHECK(contains(error_of([&] { rename_study(session, "cheap", name); }), "study name: "));
  }
}

TEST_CASE("a removed study leaves the others, and its name is free") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig other = cheap_config(10, 1);
  other.name = "other";
  run_study(session, other);
  const auto rows = study_lines(session.reader(), "other");
  run_study(session, cheap_config(10, 1));
  CHECK(remove_study(session, "cheap", true).trials == 10);
  CHECK(session.reader().studies().size() == 2);
  const StudyRemoval removal = remove_study(session, "cheap", false);
  CHECK(removal.architectures == 0);  // all are those of the other study
  CHECK(session.reader().check().empty());
  CHECK(study_lines(session.reader(), "other") == rows);
  run_study(session, cheap_config(10, 1));
  CHECK(study_lines(session.reader(), "cheap") == lines_of_fresh_run(cheap_config(10, 1)));
}

TEST_CASE("a study without a feasible trial names the nearest ones and what they miss") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  StudyConfig config = cheap_config(12, 1);
  config.constraints = {"params<1k", "macs<2k"};
  const StudyReport report = run_study(session, config);
  CHECK(report.state == StudyState::kInfeasible);
  const StudyData study = load_study(session.reader(), "cheap");
  const std::vector<NearestTrial> nearest = nearest_trials(study, 5);
  REQUIRE(nearest.size() == 5);
  for (std::size_t i = 1; i < nearest.size(); ++i) {
    CHECK(nearest[i - 1].trial.violation <= nearest[i].trial.violation);
  }
  REQUIRE(nearest[0].missed.size() == 2);
  CHECK(to_string(nearest[0].missed[0].constraint) == "macs < 2000");  // missed by more
  CHECK(nearest[0].missed[0].by == nearest[0].missed[0].value - 2000);
  const Table table = nearest_table(study, 5);
  const std::string json = render(table, Format::kJson);
  CHECK(contains(json, "\"missed_by\":"));
  CHECK(contains(json, "params < 1000 by "));
  CHECK(
      contains(without_complete_trial(study), "no architecture meets params < 1000, macs < 2000"));
  // A larger budget continues an infeasible study too.
  CHECK(resume_study(session, "cheap", {.trials = 15, .seconds = {}}).infeasible == 15);
}
