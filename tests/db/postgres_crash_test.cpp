// What a crash of the server may lose (db/README.md): trials that were just taken, and results that
// are cheap to compute again. They are computed again; nothing else is lost, nothing is stored
// twice.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

using std::chrono::milliseconds;

constexpr double kCheap = TrialQueue::kCheapSeconds / 2;
constexpr double kCostly = TrialQueue::kCheapSeconds * 2;

/// A server with real flushes, whose own are far apart: what does not wait for the disk is mostly
/// not there when it is killed.
struct Server {
  Server() {
    server.run_sql("ALTER SYSTEM SET wal_writer_delay TO '10s'");
    server.run_sql("SELECT pg_reload_conf()");
    server.restart();
  }
  void crash() {
    server.kill();
    server.start();
  }
  PostgresServer server{PostgresServer::Disk::kDurable};
  StoreAddress address = server.address(server.new_database());
};

std::unique_ptr<Store> open(const Server& server) {
  return open_postgres_store(server.address, OpenMode::kCreate);
}

/// A study with `trials` trials in the queue.
std::int64_t queued_study(Store& store, const std::string& name, std::int64_t trials) {
  const std::int64_t id = store.create_study(sample_study(name)).id;
  const Lead lead = study_leads(store).lead({.study_id = id, .who = "host:1"}).value();
  std::vector<QueuedTrial> queued;
  for (std::int64_t number = 0; number < trials; ++number) {
    const TrialClaim claim = sample_claim(id, number);
    queued.push_back({.number = number, .text = claim.text, .digest = claim.digest});
  }
  REQUIRE(trial_queue(store).enqueue(lead, {"nasbench201", "", "random"}, queued));
  return id;
}

TakeRequest request_of(std::int64_t study, const std::string& worker) {
  return {.study_id = study, .worker = worker, .lease_seconds = 1, .limit = 3};
}

TrialFinish finish_of(const TakenTrial& trial, double value, double seconds) {
  TrialFinish finish = sample_finish(trial.claim, value);
  finish.seconds = seconds;
  return finish;
}

/// Trials of a study that are evaluated while the server is killed. Each evaluation of a trial
/// gives another value, which says of which trial it is.
class KilledQueue {
 public:
  KilledQueue(Server& server, std::int64_t trials) : server_(server), trials_(trials) {
    study_ = queued_study(*open(server), "s", trials);
  }

  /// What a coordinator has read of finished trials, by number.
  std::map<std::int64_t, double> run(int workers, int kills) {
    std::map<std::int64_t, double> read;
    const auto coordinator = open(server_);
    std::vector<std::unique_ptr<Store>> stores;
    for (int i = 0; i < workers; ++i) stores.push_back(open(server_));
    std::vector<std::jthread> threads;
    for (const auto& store : stores)
      threads.emplace_back([this, &store] { guarded([&] { work(*store); }); });
    threads.emplace_back([&] { guarded([&] { read = coordinate(*coordinator); }); });
    for (int kill = 0; kill < kills && !over_; ++kill) {
      std::this_thread::sleep_for(milliseconds(150));
      server_.crash();
    }
    threads.clear();
    return read;
  }

  std::int64_t study() const { return study_; }
  std::int64_t evaluations() const { return evaluations_; }
  std::int64_t failures() const { return failures_; }

 private:
  template <class Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (const std::exception& error) {
      MESSAGE(error.what());
      ++failures_;
      over_ = true;
    }
  }

  double evaluate(const TakenTrial& trial) {
    return static_cast<double>(trial.number) + static_cast<double>(++evaluations_) * 1e-9;
  }

  void work(Store& store) {
    const TakeRequest request = request_of(study_, "host:2:" + std::to_string(++started_));
    std::vector<TakenTrial> taken;
    while (!over_) {
      std::vector<TrialFinish> finishes;
      for (const TakenTrial& trial : taken)
        finishes.push_back(finish_of(trial, evaluate(trial), kCheap));
      taken = trial_queue(store).finish_and_take(finishes, request).taken;
      if (taken.empty()) std::this_thread::sleep_for(milliseconds(10));
    }
  }

  std::map<std::int64_t, double> coordinate(Store& store) {
    std::map<std::int64_t, double> read;
    while (static_cast<std::int64_t>(read.size()) < trials_ && !over_) {
      std::vector<std::int64_t> open;
      for (std::int64_t number = 0; number < trials_; ++number)
        if (!read.contains(number)) open.push_back(number);
      for (const TrialRow& row : trial_queue(store).finished(study_, open))
        read[row.number] = row.metrics.at(0).value;
      std::this_thread::sleep_for(milliseconds(40));
    }
    over_ = true;
    return read;
  }

  Server& server_;
  std::int64_t trials_, study_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<std::int64_t> started_ = 0, evaluations_ = 0, failures_ = 0;
};

}  // namespace

TEST_CASE("kill -9 of the server: what cheap trials lose is computed again, once, and never read") {
  if (!PostgresServer::available()) return;
  Server server;
  constexpr std::int64_t kTrials = 1500;
  KilledQueue queue(server, kTrials);
  const std::map<std::int64_t, double> read = queue.run(3, 4);
  CHECK(queue.failures() == 0);
  MESSAGE(queue.evaluations() << " evaluations of " << kTrials << " trials");
  const auto store = open(server);
  const std::vector<TrialRow> rows = store->trials(queue.study());
  REQUIRE(rows.size() == kTrials);
  for (const TrialRow& row : rows) {
    CHECK(row.state == TrialState::kComplete);
    REQUIRE(row.metrics.size() == 1);
    CHECK(std::floor(row.metrics[0].value) == static_cast<double>(row.number));
    // Whoever acted on a result acted on the one that stayed.
    CHECK(read.at(row.number) == row.metrics[0].value);
  }
  CHECK(trial_queue(*store).backlog().empty());
  CHECK(store->check().empty());
}

TEST_CASE("a result that took long to compute is on disk when it is acknowledged") {
  if (!PostgresServer::available()) return;
  Server server;
  const auto store = open(server);
  const std::int64_t study = queued_study(*store, "s", 3);
  TrialQueue& queue = trial_queue(*store);
  const auto taken = queue.take(request_of(study, "host:2:0"));
  REQUIRE(taken.size() == 3);
  const std::vector<TrialFinish> one{finish_of(taken[0], 90, kCostly)};
  CHECK(queue.finish_and_take(one, request_of(study, "host:2:0")).stored == std::vector{true});
  server.crash();
  CHECK(store->find_study("s").value().trials_complete == 1);
  // One that is not cheap makes its batch wait.
  const std::vector<TrialFinish> two{finish_of(taken[1], 91, kCheap),
                                     finish_of(taken[2], 92, kCostly)};
  CHECK(queue.finish_all(two) == std::vector{true, true});
  server.crash();
  CHECK(store->find_study("s").value().trials_complete == 3);
  // By number, as threads of one process do, every result waits.
  const ClaimedTrial claim = store->claim(sample_claim(study, 3)).value();
  TrialFinish finish = sample_finish(claim, 93);
  finish.seconds = 0;
  CHECK(store->finish(finish));
  server.crash();
  CHECK(store->find_study("s").value().trials_complete == 4);
}

TEST_CASE("an id that a crashed server gives a second time is not that of the first one's worker") {
  if (!PostgresServer::available()) return;
  Server server;
  const auto early = open(server);
  const std::int64_t lost = queued_study(*early, "lost", 1);
  const std::int64_t other = queued_study(*early, "other", 1);
  const auto before = trial_queue(*early).take(request_of(lost, "host:2:0"));
  REQUIRE(before.size() == 1);
  server.crash();
  const auto late = open(server);
  const auto after = trial_queue(*late).take(request_of(other, "host:3:0"));
  REQUIRE(after.size() == 1);
  if (after[0].claim.trial_id != before[0].claim.trial_id) {
    MESSAGE("the server kept the first take");
    return;
  }
  // Leases are renewed through a connection of their own, which took nothing.
  CHECK_FALSE(early->connect()->renew(before[0].claim, 3600));
  CHECK(trial_queue(*early).release({&before[0].claim, 1}, "late") == 0);
  CHECK(late->connect()->renew(after[0].claim, 60));
  const std::vector<TrialFinish> wrong{finish_of(before[0], 1, kCheap)};
  CHECK(trial_queue(*early).finish_all(wrong) == std::vector{false});
  const std::vector<TrialFinish> right{finish_of(after[0], 2, kCheap)};
  CHECK(trial_queue(*late).finish_all(right) == std::vector{true});
  CHECK(late->trials(other).at(0).metrics.at(0).value == 2);
  // What was lost waits for somebody else.
  CHECK(trial_queue(*late).take(request_of(lost, "host:3:0")).size() == 1);
}

TEST_CASE("a user without rights beyond the store's tables may wait for results") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.new_database();
  server.run_sql("CREATE ROLE plain LOGIN");
  server.run_sql("GRANT CREATE ON DATABASE " + database + " TO plain");
  const auto store = open_postgres_store(server.address(database, "plain"), OpenMode::kCreate);
  const std::int64_t study = queued_study(*store, "s", 1);
  const auto taken = trial_queue(*store).take(request_of(study, "host:2:0"));
  const std::vector<TrialFinish> results{finish_of(taken.at(0), 90, kCheap)};
  CHECK(trial_queue(*store).finish_all(results) == std::vector{true});
  const std::vector<std::int64_t> numbers{0};
  CHECK(trial_queue(*store).finished(study, numbers).size() == 1);
  CHECK(store->trials(study).size() == 1);
}

}  // namespace nas::test
