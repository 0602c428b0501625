#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "app/study/study_owner.h"
#include "core/util/rng.h"
#include "tests/app/study/study_children.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

/// Kills a study up to three times; then its rows must be those of an undisturbed run.
void kill_and_resume(int rounds, std::uint64_t seed) {
  std::size_t kills = 0;
  for (int round = 0; round < rounds; ++round) {
    Rng rng({seed, 0, static_cast<std::uint64_t>(round), Purpose::kTest});
    StudyConfig config = cheap_config(24, 1 + static_cast<std::int64_t>(rng.below(3)));
    config.seed = rng.below(5);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::string> expected = lines_of_fresh_run(config);
    const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    const TemporaryDirectory directory;
    const auto store = directory.path() / "store.db";
    const auto toml = directory.path() / "study.toml";
    write_file_atomically(toml, to_toml(config));
    std::vector<std::uint64_t> lives(3);
    for (std::uint64_t& life : lives) {
      life = rng.below(static_cast<std::uint64_t>(duration.count()));
    }
    kills += run_in_children(store, toml, lives);
    Session session({.store = store, .progress = nullptr, .stop = {}});
    run_study(session, config);
    CHECK(study_lines(session.reader(), config.name) == expected);
    CHECK(session.reader().check().empty());
  }
  CHECK(kills > static_cast<std::size_t>(rounds) / 2);
}

}  // namespace

TEST_CASE("a study whose process is gone is paused, one of another machine is as it is stored") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  run_study(session, cheap_config(3, 1));
  Store& store = session.writer();
  const StudyRow finished = store.studies().at(0);
  CHECK(state_now(store, finished) == StudyState::kFinished);
  // A process that has ended, so that its number is nobody's.
  std::string program = "/bin/true";
  char* arguments[] = {program.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  const std::string own = process_name();
  const std::string host = own.substr(0, own.find(':'));
  const auto running = [&](const std::string& name) {
    StudySpec spec = finished.spec;
    spec.name = name;
    const StudyRow study = store.create_study(spec);
    store.set_study_state(study.id, StudyState::kRunning);
    return *store.find_study(name);
  };
  const auto state_of = [&](const std::string& name, const std::string& worker) {
    const StudyRow study = running(name);
    const StudySpec& spec = study.spec;
    const TrialRow trial = store.trials(finished.id).at(0);
    TrialClaim claim{.study_id = study.id, .number = 0, .space = spec.space, .text = trial.text};
    claim.digest = trial.digest;
    claim.worker = worker;
    claim.searcher = spec.searcher;
    REQUIRE(store.claim(claim));
    return state_now(store, *store.find_study(name));
  };
  CHECK(state_of("killed", host + ":" + std::to_string(child) + ":0") == StudyState::kPaused);
  CHECK(state_of("alive", host + ":1:0") == StudyState::kRunning);
  CHECK(state_of("elsewhere", "another-host:1:0") == StudyState::kRunning);
  // It has no trial yet while it prepares.
  const auto preparing = [&](const std::string& name, const std::string& process) {
    const StudyRow study = running(name);
    store.add_event({.study_id = study.id, .kind = "run", .text = process});
    return study;
  };
  const StudyRow killed = preparing("killed early", host + ":" + std::to_string(child));
  CHECK(state_now(store, killed) == StudyState::kPaused);
  CHECK_NOTHROW(require_idle(store, killed));
  const StudyRow alive = preparing("preparing", host + ":1");
  CHECK(state_now(store, alive) == StudyState::kRunning);
  CHECK(contains(error_of([&] { require_idle(store, alive); }), "is being run by process 1"));
  CHECK(state_now(store, preparing("far", "another-host:1")) == StudyState::kRunning);
  CHECK(state_now(store, running("nobody knows")) == StudyState::kRunning);
}

TEST_CASE("a study killed at random instants resumes to the rows of an undisturbed one") {
  kill_and_resume(3, 1);
}

TEST_CASE("acceptance: 200 studies killed at random instants equal undisturbed ones") {
  kill_and_resume(200, 2);
}
