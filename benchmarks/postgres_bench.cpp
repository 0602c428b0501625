// Speed of the results database on a PostgreSQL server: postgres_bench [trials]
// Trials a second (claim, three metrics, finish) with 1, 8 and 64 connections beside a bare libpq
// loop with the same calls, then in batches from the queue; on a server of its own, with the
// settings of a new installation.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/bare_postgres.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"

namespace nas::benchmark {

namespace {

StudySpec study_spec(const std::string& name) {
  return {.name = name,
          .space = "nasbench201",
          .space_version = "1",
          .searcher = "random",
          .config = "",
          .seed = 1,
          .budget_trials = 1,
          .objectives = {{"accuracy", true}},
          .environment = {"bench", "", "", 1}};
}

TrialFinish finish_of(std::int64_t number) {
  const BenchmarkTrial trial = benchmark_trial(number);
  TrialFinish finish;
  finish.seconds = 1.5;
  finish.metrics = {
      {"accuracy", trial.accuracy, MetricSource::kMeasured, "data=cifar10,epochs=12", std::nullopt},
      {"params", static_cast<double>(trial.params), MetricSource::kComputed, "", std::nullopt},
      {"latency_ms", trial.latency_ms, MetricSource::kMeasured, "",
       Device{"host", "cpu", "batch=1"}}};
  return finish;
}

void run_store_trials(const StoreAddress& address, const Share& share) {
  const auto store = open_postgres_store(address, OpenMode::kReadWrite);
  TrialClaim claim{.study_id = share.study_id,
                   .space = "nasbench201",
                   .worker = "host:1:0",
                   .lease_seconds = 60,
                   .searcher = "random",
                   .reason = "sample",
                   .ask_seconds = 0.001};
  for (std::int64_t number = share.first; number < share.end; number += share.step) {
    const BenchmarkTrial trial = benchmark_trial(number);
    claim.number = number;
    claim.text = trial.text;
    claim.digest = Digest{trial.words};
    claim.published_params = trial.params;
    claim.published_macs = trial.params * 100;
    TrialFinish finish = finish_of(number);
    finish.claim = store->claim(claim).value();
    if (!store->finish(finish)) throw Error(ErrorKind::kInternal, "the benchmark lost a claim");
  }
}

/// Takes `batch` trials at once out of the queue, and finishes them together.
void run_batches(const StoreAddress& address, std::int64_t study_id, std::int64_t batch) {
  const auto store = open_postgres_store(address, OpenMode::kReadWrite);
  TrialQueue& queue = trial_queue(*store);
  while (true) {
    const std::vector<TakenTrial> taken =
        queue.take({.study_id = study_id, .worker = "host:1:0", .limit = batch});
    if (taken.empty()) return;
    std::vector<TrialFinish> finishes;
    for (const TakenTrial& trial : taken) {
      finishes.push_back(finish_of(trial.number));
      finishes.back().claim = trial.claim;
    }
    const std::vector<bool> stored = queue.finish_all(finishes);
    if (std::find(stored.begin(), stored.end(), false) != stored.end())
      throw Error(ErrorKind::kInternal, "the benchmark lost a trial");
  }
}

/// Trials a second of `workers` threads that do `work(i)`.
double rate_of(std::int64_t trials, int workers, const std::function<void(int)>& work) {
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) threads.emplace_back([&work, i] { work(i); });
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return static_cast<double>(trials) / seconds.count();
}

/// An empty store with a study.
struct Place {
  explicit Place(const StoreAddress& of) : address(of) {
    const auto store = open_postgres_store(address, OpenMode::kCreate);
    study = store->create_study(study_spec("bench")).id;
  }
  void check(std::int64_t trials) const {
    const auto store = open_postgres_store(address, OpenMode::kReadOnly);
    if (store->find_study("bench").value().trials_complete != trials)
      throw Error(ErrorKind::kInternal, "the benchmark lost trials");
  }
  StoreAddress address;
  std::int64_t study = 0;
};

// The two take turns, so that a change of the machine's speed hits both; the best of each counts.
void compare(std::int64_t trials, int workers, const std::function<StoreAddress()>& next) {
  double store = 0, bare = 0;
  for (int round = 0; round < 3; ++round) {
    const Place of_bare(next());
    bare = std::max(
        bare, rate_of(trials, workers, [&](int i) {
          run_bare_postgres_trials(of_bare.address.uri(), {of_bare.study, i, workers, trials});
        }));
    of_bare.check(trials);
    const Place of_store(next());
    store = std::max(store, rate_of(trials, workers, [&](int i) {
                       run_store_trials(of_store.address, {of_store.study, i, workers, trials});
                     }));
    of_store.check(trials);
  }
  std::printf("%2d connections: store %.0f trials/s, bare libpq %.0f trials/s, ratio %.2f\n",
              workers, store, bare, store / bare);
  std::fflush(stdout);
}

void batches(std::int64_t trials, int workers, std::int64_t batch,
             const std::function<StoreAddress()>& next) {
  const Place place(next());
  const auto store = open_postgres_store(place.address, OpenMode::kReadWrite);
  TrialQueue& queue = trial_queue(*store);
  const Lead lead =
      study_leads(*store).lead({.study_id = place.study, .who = "host:1", .seconds = 3600}).value();
  std::vector<QueuedTrial> queued;
  for (std::int64_t number = 0; number < trials; ++number) {
    const BenchmarkTrial trial = benchmark_trial(number);
    queued.push_back({.number = number,
                      .text = trial.text,
                      .digest = Digest{trial.words},
                      .published_params = trial.params,
                      .published_macs = trial.params * 100,
                      .reason = "sample"});
  }
  const double in = rate_of(trials, 1, [&](int) {
    for (std::size_t first = 0; first < queued.size(); first += 1000) {
      queue.enqueue(
          lead, {.space = "nasbench201", .network = "", .searcher = "random"},
          std::span(queued).subspan(first, std::min<std::size_t>(1000, queued.size() - first)));
    }
  });
  const double out =
      rate_of(trials, workers, [&](int) { run_batches(place.address, place.study, batch); });
  place.check(trials);
  std::printf(
      "%2d connections, batches of %lld: put %.0f trials/s, taken and finished %.0f "
      "trials/s\n",
      workers, static_cast<long long>(batch), in, out);
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  const std::int64_t trials = argc > 1 ? parse_int(argv[1]).value_or(20'000) : 20'000;
  if (!test::PostgresServer::available()) return 2;
  test::PostgresServer server(test::PostgresServer::Disk::kDurable);
  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes", "shared_buffers",
                              "wal_sync_method", "server_version"}) {
    std::printf("%s %s  ", setting, server.run_sql("SHOW " + std::string(setting)).c_str());
  }
  std::printf("\n");
  const auto next = [&] { return server.address(server.new_database()); };
  for (const int workers : {1, 8, 64}) compare(trials, workers, next);
  for (const int workers : {1, 8, 64}) batches(trials, workers, 50, next);
  return 0;
}

}  // namespace

}  // namespace nas::benchmark

int main(int argc, char** argv) {
  try {
    return nas::benchmark::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "postgres_bench: %s\n", error.what());
    return 2;
  }
}
