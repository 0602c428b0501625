#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>

#include "core/util/rng.h"
#include "tests/app/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

/// Lets the kernel kill this process without warning after so many microseconds.
void die_after(std::int64_t microseconds) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer{};
  itimerspec when{};
  when.it_value.tv_sec = microseconds / 1'000'000;
  when.it_value.tv_nsec = microseconds % 1'000'000 * 1000 + 1;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) _exit(3);
  if (timer_settime(timer, 0, &when, nullptr) != 0) _exit(3);
}

/// Runs the study in a child process. True when it ended by itself.
bool run_in_child(const std::filesystem::path& store, const StudyConfig& config,
                  std::int64_t microseconds) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    die_after(microseconds);
    try {
      Session session({.store = store, .progress = nullptr, .stop = {}});
      run_study(session, config);
    } catch (...) {
      _exit(2);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  const bool exited = WIFEXITED(status);
  if (exited) CHECK(WEXITSTATUS(status) == 0);
  return exited;
}

/// Kills a study again and again until it has ended by itself; then its rows must be those of an
/// undisturbed run.
void kill_and_resume(int rounds, std::uint64_t seed) {
  int kills = 0;
  for (int round = 0; round < rounds; ++round) {
    Rng rng({seed, 0, static_cast<std::uint64_t>(round), Purpose::kTest});
    StudyConfig config = cheap_config(24, 1 + static_cast<std::int64_t>(rng.below(3)));
    config.seed = rng.below(5);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::string> expected = lines_of_fresh_run(config);
    const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
                              std::chrono::steady_clock::now() - start)
                              .count();
    const TemporaryDirectory directory;
    const auto store = directory.path() / "store.db";
    for (int kill = 0; kill < 3; ++kill) {
      if (run_in_child(
              store, config,
              static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(duration))))) {
        break;
      }
      ++kills;
    }
    Session session({.store = store, .progress = nullptr, .stop = {}});
    run_study(session, config);
    CHECK(study_lines(session.reader(), config.name) == expected);
    CHECK(session.reader().check().empty());
  }
  CHECK(kills > rounds / 2);
}

}  // namespace

TEST_CASE("a study killed at random instants resumes to the rows of an undisturbed one") {
  kill_and_resume(5, 1);
}

TEST_CASE("acceptance: 200 studies killed at random instants equal undisturbed ones") {
  kill_and_resume(200, 2);
}
