#include "app/study/winner.h"

#include <doctest/doctest.h>

#include "app/reports/smoke.h"
#include "app/study/study.h"
#include "core/runtime/checkpoint.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

TEST_CASE("a winner needs a feasible trial and data") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  StudyConfig config = cheap_config(3, 1);
  run_study(session, config);
  CHECK(contains(error_of([&] { train_winner(session, config.name); }), "names no data set"));
  CHECK(contains(error_of([&] {
                   train_winner(session, config.name, {.trial = 77, .resume = true, .threads = 1});
                 }),
                 "has no trial 77"));
  config.name = "none";
  config.constraints = {"params<1"};
  run_study(session, config);
  CHECK(contains(error_of([&] { train_winner(session, config.name); }), "no feasible trial"));
}

TEST_CASE("acceptance: a search on glyphs trains, saves and records its winner") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  StudyConfig config = smoke_config();
  config.name = "glyphs/search";
  config.objectives = {"accuracy", "latency_ms"};
  const StudyReport report = run_study(session, config);
  REQUIRE(report.best.has_value());
  const WinnerOutcome winner = train_winner(session, config.name);
  CHECK(winner.trial == report.best->number);
  CHECK(winner.training.path.parent_path() == directory.path() / "models");
  CHECK(winner.training.sha256 == sha256_file(winner.training.path));
  const std::vector<NamedValue>& test = winner.training.report.test;
  REQUIRE_FALSE(test.empty());
  CHECK(winner.training.report.validation.empty());  // nothing was held out
  CHECK(test[0].name == "accuracy");
  CHECK(test[0].value > 30);  // chance is 10
  CHECK(read_model_metadata(winner.training.path).at("architecture") == winner.architecture);
  const StudyRow row = find_study_or_throw(session.reader(), config.name);
  const TrialRow trial = session.reader().trials(row.id).at(static_cast<std::size_t>(winner.trial));
  const std::vector<ModelRow> models = session.reader().models(trial.architecture_id);
  REQUIRE(models.size() == 1);
  CHECK(models[0].metric == "test_accuracy");
  CHECK(models[0].value == test[0].value);
  CHECK(models[0].trial_id == trial.id);

  // Once for each trial and final recipe: what is there is given.
  const WinnerOutcome known = train_winner(session, config.name);
  CHECK(known.known);
  CHECK(known.training.path == winner.training.path);
  REQUIRE(known.training.report.test.size() == 1);
  CHECK(known.training.report.test[0].name == "accuracy");
  CHECK(known.training.report.test[0].value == test[0].value);
  CHECK(session.reader().models(trial.architecture_id).size() == 1);
  // A file that changed is not the model: it stays, and the winner gets another name.
  write_file_atomically(winner.training.path, "something of the user's");
  CHECK(session.reader().check().size() == 1);
  const WinnerOutcome again = train_winner(session, config.name);
  CHECK_FALSE(again.known);
  CHECK(again.training.path != winner.training.path);
  CHECK(read_file(winner.training.path) == "something of the user's");
  CHECK(again.training.sha256 == winner.training.sha256);
}

TEST_CASE("acceptance: a training never replaces the file of another one") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  TrainRequest request;
  request.space.name = "nasbench201";
  request.architecture = session.space({"nasbench201", {}})
                             .format(session.space({"nasbench201", {}})
                                         .parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|"
                                                "none~2|"));
  request.data = "glyphs";
  request.recipe = recipe_preset("smoke");
  request.recipe.train_samples = 64;
  request.recipe.validation_samples = 32;
  request.with_test = false;
  request.threads = 1;
  const TrainOutcome first = train_architecture(session, request);
  request.recipe.seed = 1;
  const TrainOutcome second = train_architecture(session, request);
  CHECK(second.path.filename().string() == first.path.stem().string() + "-2.safetensors");
  CHECK(sha256_file(first.path) == first.sha256);
  CHECK(session.reader().check().empty());  // every file is that of its row
  request.output = first.path;
  CHECK(contains(error_of([&] { train_architecture(session, request); }), "--force"));
  request.force = true;
  const TrainOutcome forced = train_architecture(session, request);
  CHECK(forced.path == first.path);
  CHECK(forced.sha256 == second.sha256);
  CHECK(session.reader().check().empty());
}
