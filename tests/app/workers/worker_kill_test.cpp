#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/util/rng.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;
using namespace std::chrono_literals;

namespace {

/// A process that can be killed and started again.
class Process {
 public:
  Process(std::string role, const std::filesystem::path& store, const std::filesystem::path& toml)
      : words_{WORKER_CHILD, std::move(role), store.string(), toml.string()} {
    start();
  }
  ~Process() { end(SIGKILL); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Its exit code once it has ended by itself.
  std::optional<int> ended() {
    int status = 0;
    if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int wait() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void signal(int number) { ::kill(pid_, number); }
  void restart() {
    end(SIGKILL);
    start();
  }

 private:
  void start() {
    std::vector<char*> pointers;
    for (std::string& word : words_) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    REQUIRE(posix_spawn(&pid_, WORKER_CHILD, nullptr, nullptr, pointers.data(), environ) == 0);
  }
  void end(int number) {
    if (pid_ == 0) return;
    ::kill(pid_, number);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  std::vector<std::string> words_;
  pid_t pid_ = 0;
};

struct KilledStudy {
  std::vector<std::string> lines;
  std::vector<std::string> problems;
  std::size_t waiting = 0;
  int kills = 0;
};

/// Runs a study by a coordinator and workers of which one is killed by SIGKILL and started again
/// after every pause, so often.
KilledStudy run_killed(const StudyConfig& config, int workers, int kills, std::uint64_t seed) {
  const TemporaryDirectory directory;
  const auto store = directory.path() / "store.db";
  const auto toml = directory.path() / "study.toml";
  write_file_atomically(toml, to_toml(config));
  Session session({.store = store, .progress = nullptr, .stop = {}});
  (void)session.writer();
  Rng rng({seed, 0, 0, Purpose::kTest});
  KilledStudy result;
  {
    Process coordinator("coordinator", store, toml);
    // Workers want to know the study.
    while (!session.writer().find_study(config.name)) std::this_thread::sleep_for(1ms);
    std::vector<std::unique_ptr<Process>> processes;
    for (int worker = 0; worker < workers; ++worker) {
      processes.push_back(std::make_unique<Process>("worker", store, toml));
    }
    std::optional<int> code;
    while (!(code = coordinator.ended())) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(200)));
      if (result.kills >= kills) continue;
      const auto victim = static_cast<std::size_t>(rng.below(processes.size() + 1));
      if (victim < processes.size()) {
        processes[victim]->restart();
      } else {
        if ((code = coordinator.ended())) break;
        coordinator.restart();
      }
      ++result.kills;
    }
    CHECK(code == 0);
    for (const auto& process : processes) process->wait();
  }
  result.lines = study_lines(session.reader(), config.name);
  result.problems = session.reader().check();
  result.waiting = trial_queue(session.reader()).backlog().size();
  return result;
}

void check_killed(const StudyConfig& config, int workers, int kills, std::uint64_t seed) {
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  const KilledStudy killed = run_killed(config, workers, kills, seed);
  CHECK(killed.lines == expected);
  CHECK(killed.problems.empty());
  CHECK(killed.waiting == 0);
  CHECK(killed.kills > 0);
}

}  // namespace

TEST_CASE("workers and coordinator killed at random leave the rows of an undisturbed study") {
  check_killed(cheap_config(200, 8), 4, 12, 1);
}

TEST_CASE("acceptance: 8 workers and a coordinator killed 200 times leave the same rows") {
  check_killed(cheap_config(6000, 64), 8, 200, 2);
}
