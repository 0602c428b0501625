#include "app/study/trial_checkpoints.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "app/study/store_patience.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/util/file.h"
#include "db/sqlite_store.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;
namespace fs = std::filesystem;

namespace {

/// A store with a study whose trial 0 a worker has; studies of equal names and seeds.
struct Half {
  explicit Half(const fs::path& file)
      : store(open_sqlite_store(file, OpenMode::kCreate)), study(store->create_study(spec())) {
    const Lead lead = study_leads(*store).lead({.study_id = study.id, .who = "h:1"}).value();
    const std::vector<QueuedTrial> waiting{{.number = 0, .text = "a"}};
    REQUIRE(trial_queue(*store).enqueue(lead, {"nasbench201", "", "random"}, waiting));
  }
  static StudySpec spec() {
    StudySpec spec;
    spec.name = "s";
    spec.space = "nasbench201";
    spec.space_version = "1";
    spec.searcher = "random";
    spec.objectives = {{"accuracy", true}};
    spec.environment = {"0", "l", "c", 1};
    return spec;
  }
  TakenTrial take() {
    return trial_queue(*store).take({.study_id = study.id, .worker = "h:2:0"}).at(0);
  }

  std::unique_ptr<Store> store;
  StudyRow study;
};

/// Keeps a state of this content.
void keep_state(const TrialCheckpoints& checkpoints, Store& store, const TakenTrial& trial,
                const std::string& state) {
  TrialCheckpoints::Keeper keeper(checkpoints, store, trial);
  write_file_atomically(keeper.checkpoint().file, state);
  keeper.keep();
}

/// What a worker that takes the trial over begins with.
std::string state_for(const TrialCheckpoints& checkpoints, Store& store, TakenTrial trial) {
  trial.again = true;
  TrialCheckpoints::Keeper keeper(checkpoints, store, trial);
  const fs::path file = keeper.checkpoint().file;
  return fs::exists(file) ? read_file(file) : "";
}

}  // namespace

TEST_CASE("studies of two stores with one directory keep their states apart") {
  const TemporaryDirectory directory;
  Half first(directory.path() / "a.db");
  Half second(directory.path() / "b.db");
  const fs::path models = directory.path() / "models";
  const TrialCheckpoints of_first(models, first.study, "1");
  const TrialCheckpoints of_second(models, second.study, "1");
  const TakenTrial one = first.take();
  const TakenTrial two = second.take();
  // Equal ids, equal numbers, even equal states.
  CHECK(one.claim.trial_id == two.claim.trial_id);
  keep_state(of_first, *first.store, one, "state");
  keep_state(of_second, *second.store, two, "state");
  REQUIRE(first.store->finish({.claim = one.claim, .state = TrialState::kFailed, .error = "x"}));
  of_first.remove_finished(*first.store);
  CHECK(first.store->artifacts(kCheckpoint).empty());
  CHECK(second.store->artifacts(kCheckpoint).size() == 1);
  CHECK(state_for(of_second, *second.store, two) == "state");
  CHECK(state_for(of_first, *first.store, one).empty());
  CHECK(second.store->check().empty());
  REQUIRE(second.store->finish({.claim = two.claim, .state = TrialState::kFailed, .error = "x"}));
  of_second.remove_finished(*second.store);
  CHECK(fs::is_empty(models / "checkpoints"));
}

TEST_CASE("a state that was damaged on its way is not begun with") {
  const TemporaryDirectory directory;
  Half half(directory.path() / "a.db");
  const fs::path models = directory.path() / "models";
  const TrialCheckpoints checkpoints(models, half.study, "1");
  const TakenTrial trial = half.take();
  keep_state(checkpoints, *half.store, trial, "state");
  CHECK(state_for(checkpoints, *half.store, trial) == "state");
  for (const auto& entry : fs::directory_iterator(models / "checkpoints")) {
    write_file_atomically(entry.path(), "stat");
  }
  CHECK(state_for(checkpoints, *half.store, trial).empty());
}

TEST_CASE("a store that cannot be reached is asked again, said once, until a stop") {
  int calls = 0;
  const auto fails_once = [&] {
    if (++calls == 1) throw Error(ErrorKind::kIo, "gone");
    return calls;
  };
  CHECK(patiently({}, no_progress(), fails_once) == 2);
  const auto wrong = [] { throw Error(ErrorKind::kUsage, "wrong"); };
  CHECK(error_of([&] { patiently({}, no_progress(), wrong); }) == "wrong");
  std::stop_source stop;
  stop.request_stop();
  const auto gone = [] { throw Error(ErrorKind::kIo, "gone"); };
  const auto start = std::chrono::steady_clock::now();
  CHECK(error_of([&] { patiently(stop.get_token(), no_progress(), gone); }) == "gone");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
}
