#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/util/rng.h"
#include "tests/app/study/study_testing.h"
#include "tests/db/postgres_server.h"
#include "tests/starter/started_process.h"
#include "tests/starter/starter.h"

using namespace nas;
using namespace nas::test;
using namespace std::chrono_literals;

namespace {

/// A process that can be killed and started again.
class Process {
 public:
  Process(std::string role, const StoreAddress& store, const std::filesystem::path& toml)
      : words_{std::move(role), store.text(), toml.string()} {
    restart();
  }

  /// Its exit code once it has ended by itself.
  std::optional<int> ended() {
    if (!process_ || !process_->ended(0)) return std::nullopt;
    return wait();
  }
  int wait() {
    REQUIRE(process_.has_value());
    const int code = process_->wait();
    process_.reset();
    return code;
  }
  /// Stops it outside of transactions: inside of one, SQLite's lock would be held for as long as
  /// the process is stopped.
  void stop() {
    REQUIRE(process_.has_value());
    while (true) {
      process_->stop();
      REQUIRE_FALSE(process_->ended(0));
      if (!holds_write_lock()) return;
      resume();
      std::this_thread::sleep_for(1ms);
    }
  }
  void resume() {
    REQUIRE(process_.has_value());
    process_->signal(SIGCONT);
  }
  std::int64_t processor_ticks() const { return process_->processor_ticks(); }
  void restart() {
    process_.reset();
    if (Starter::serves()) {
      process_.emplace(WORKER_CHILD, words_);
    } else {
      process_.emplace(start_by_exec());
    }
  }

 private:
  bool holds_write_lock() const {
    std::ifstream locks("/proc/locks");
    const std::string own = " WRITE " + std::to_string(process_->number()) + " ";
    for (std::string line; std::getline(locks, line);) {
      if (line.find(own) != std::string::npos) return true;
    }
    return false;
  }
  pid_t start_by_exec() {
    std::string program = WORKER_CHILD;
    std::vector<char*> pointers = {program.data()};
    for (std::string& word : words_) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, WORKER_CHILD, nullptr, nullptr, pointers.data(), environ) == 0);
    return child;
  }

  std::vector<std::string> words_;
  std::optional<StartedProcess> process_;
};

constexpr int kRefused = 4;  // of worker_child: a result came too late
constexpr int kFailed = 3;   // an error

/// A store for processes to share; nobody has it open.
struct SharedStore {
  StoreAddress address;
  std::string name;
};

/// One of each kind that can be had here.
std::vector<SharedStore> shared_stores(const std::filesystem::path& directory) {
  std::vector<SharedStore> stores;
  stores.push_back({directory / "store.db", "a SQLite file"});
  stores.push_back(
      {StoreAddress::parse("dir:" + (directory / "shared").string()), "a shared directory"});
  std::filesystem::create_directory(directory / "shared");
  if (PostgresServer::available()) {
    PostgresServer& server = PostgresServer::shared();
    stores.push_back({server.address(server.new_database()), "a PostgreSQL server"});
  }
  return stores;
}

struct KilledStudy {
  std::vector<std::string> lines;
  std::vector<std::string> problems;
  std::size_t waiting = 0;
  int kills = 0;
};

struct Killing {
  int workers = 0;
  int kills = 0;
  std::uint64_t seed = 0;
  /// Every fourth kill, if given: kills the server that they all need, and starts it again.
  std::function<void()> crash{};
};

/// Runs a study by a coordinator and workers, which are started first. One of them is killed by
/// SIGKILL and started again after every pause, `kills` times.
KilledStudy run_killed(const StoreAddress& store, const StudyConfig& config,
                       const Killing& killing) {
  const TemporaryDirectory directory;
  const auto toml = directory.path() / "study.toml";
  write_file_atomically(toml, to_toml(config));
  Rng rng({killing.seed, 0, 0, Purpose::kTest});
  KilledStudy result;
  {
    std::vector<std::unique_ptr<Process>> processes;
    for (int worker = 0; worker < killing.workers; ++worker) {
      processes.push_back(std::make_unique<Process>("worker", store, toml));
    }
    Process coordinator("coordinator", store, toml);
    std::optional<int> code;
    // Where it was about to connect when there was no server, which is an error at once, it is
    // started again.
    const auto is_over = [&] {
      code = coordinator.ended();
      if (code != kFailed || !killing.crash) return code.has_value();
      coordinator.restart();
      return false;
    };
    while (!is_over()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(200)));
      if (result.kills >= killing.kills) continue;
      if (killing.crash && result.kills % 4 == 3) {
        killing.crash();
        ++result.kills;
        continue;
      }
      const auto victim = static_cast<std::size_t>(rng.below(processes.size() + 1));
      if (victim < processes.size()) {
        processes[victim]->restart();
      } else {
        if (is_over()) break;
        coordinator.restart();
      }
      ++result.kills;
    }
    CHECK(code == 0);
    // Those of a directory have nobody to ask by now.
    Session session({.store = store, .progress = nullptr, .stop = {}});
    (void)session.writer();
    for (const auto& process : processes) {
      const int ended = process->wait();
      CHECK((ended == 0 || ended == kRefused));
    }
    result.lines = study_lines(session.reader(), config.name);
    result.problems = session.reader().check();
    result.waiting = trial_queue(session.reader()).backlog().size();
  }
  return result;
}

void check_killed(const KilledStudy& killed, const std::vector<std::string>& expected) {
  CHECK(killed.lines == expected);
  CHECK(killed.problems.empty());
  CHECK(killed.waiting == 0);
  CHECK(killed.kills > 0);
}

void check_killed_everywhere(const StudyConfig& config, const Killing& killing) {
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  const TemporaryDirectory directory;
  for (const SharedStore& store : shared_stores(directory.path())) {
    CAPTURE(store.name);
    check_killed(run_killed(store.address, config, killing), expected);
  }
}

}  // namespace

TEST_CASE("workers and coordinator killed at random leave the rows of an undisturbed study") {
  check_killed_everywhere(cheap_config(200, 8), {.workers = 4, .kills = 12, .seed = 1});
}

TEST_CASE(
    "workers, coordinator and server killed at random leave the rows of an undisturbed study") {
  if (!PostgresServer::available()) return;
  const StudyConfig config = cheap_config(200, 8);
  PostgresServer server(PostgresServer::Disk::kDurable);
  const StoreAddress address = server.address(server.new_database());
  const auto crash = [&server] {
    server.kill();
    server.start();
  };
  check_killed(run_killed(address, config, {.workers = 4, .kills = 12, .seed = 3, .crash = crash}),
               lines_of_fresh_run(config));
}

TEST_CASE("acceptance: 8 workers and a coordinator killed 200 times leave the same rows") {
  check_killed_everywhere(cheap_config(6000, 64), {.workers = 8, .kills = 200, .seed = 2});
}

TEST_CASE("a worker that sleeps longer than its lease is told that its result is not stored") {
  StudyConfig config = cheap_config(3, 2);
  config.objectives = {};
  config.searcher = {"random", {}};
  config.data = "glyphs";
  config.recipe = {"smoke", {{"epochs", "1"}, {"train_samples", "256"}}};
  config.train_winner = false;
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  const TemporaryDirectory directory;
  const auto toml = directory.path() / "study.toml";
  write_file_atomically(toml, to_toml(config));
  for (const SharedStore& store : shared_stores(directory.path())) {
    CAPTURE(store.name);
    Process coordinator("coordinator", store.address, toml);
    Process sleeper("worker", store.address, toml);
    {
      // As another process that looks on.
      Session session({.store = store.address, .progress = nullptr, .stop = {}});
      session.work_for_others();
      while (!session.store_exists()) std::this_thread::sleep_for(5ms);
      const auto trial_of_sleeper = [&]() -> std::optional<std::int64_t> {
        const std::vector<RunningTrial> running = worker_registry(session.writer()).running();
        if (running.empty()) return std::nullopt;
        return running.front().number;
      };
      std::optional<std::int64_t> held;
      std::int64_t ticks = 0;
      const auto stop_in_training = [&] {
        const std::optional<std::int64_t> trial = trial_of_sleeper();
        if (!trial || trial != held) {
          held = trial;
          ticks = sleeper.processor_ticks();
          return false;
        }
        // The store may know of a trial before the worker hears of it, which then trains for .3 s.
        constexpr std::int64_t kTrains = 8;
        if (sleeper.processor_ticks() - ticks < kTrains) return false;
        sleeper.stop();
        // On a busy machine the training may have ended in between, and its result be on its way.
        std::this_thread::sleep_for(300ms);
        if (trial_of_sleeper() == held) return true;
        sleeper.resume();
        return false;
      };
      while (!stop_in_training()) {
        REQUIRE_FALSE(coordinator.ended());
        std::this_thread::sleep_for(1ms);
      }
    }
    Process other("worker", store.address, toml);
    CHECK(coordinator.wait() == 0);
    Session session({.store = store.address, .progress = nullptr, .stop = {}});
    (void)session.writer();
    sleeper.resume();
    const int ended = other.wait();
    CHECK((ended == 0 || ended == kRefused));  // a slow machine may lose a lease of its own
    CHECK(sleeper.wait() == kRefused);
    CHECK(study_lines(session.reader(), config.name) == expected);
    std::set<std::string> kinds;
    for (const EventRow& event : session.reader().events(1, 100)) kinds.insert(event.kind);
    CHECK(kinds.contains("takeover"));
    CHECK(kinds.contains("late_finish"));
    CHECK(session.reader().check().empty());
  }
}

TEST_CASE("of two coordinators one is refused, and the other ends the study") {
  const StudyConfig config = cheap_config(40, 4);
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  const TemporaryDirectory directory;
  const auto toml = directory.path() / "study.toml";
  write_file_atomically(toml, to_toml(config));
  for (const SharedStore& store : shared_stores(directory.path())) {
    CAPTURE(store.name);
    Process first("coordinator", store.address, toml);
    Process second("coordinator", store.address, toml);
    std::optional<int> refused;
    Process* leader = &second;
    while (!(refused = first.ended())) {
      leader = &first;
      if ((refused = second.ended())) break;
      leader = &second;
      std::this_thread::sleep_for(2ms);
    }
    CHECK(refused == kFailed);
    Process worker("worker", store.address, toml);
    CHECK(leader->wait() == 0);
    Session session({.store = store.address, .progress = nullptr, .stop = {}});
    (void)session.writer();
    CHECK(worker.wait() == 0);
    CHECK(study_lines(session.reader(), config.name) == expected);
  }
}

TEST_CASE("no clock of a worker enters: leases are lengths, and the store says what time it is") {
  const std::filesystem::path root = NAS_SOURCE_DIR;
  for (const char* folder : {"app/workers", "app/study", "app/cluster", "db/shared_directory"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      const std::string name = std::filesystem::relative(entry.path(), root).string();
      if (!name.ends_with(".cpp") || name.ends_with("directory_owner.cpp")) continue;
      const std::string text = read_file(entry.path());
      INFO(name);
      CHECK(text.find("system_clock") == std::string::npos);
    }
  }
}
