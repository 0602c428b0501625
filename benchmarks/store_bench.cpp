// Speed of the results database: store_bench [trials] [trials of the large database] [directory]
// Trials a second (claim, three metrics, finish) beside a bare SQLite loop, and queries on a large
// database.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/bare_store.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/sqlite_store.h"

namespace nas::benchmark {

namespace {

namespace fs = std::filesystem;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

StudySpec study_spec() {
  return {.name = "bench",
          .space = "nasbench201",
          .space_version = "1",
          .searcher = "random",
          .config = "",
          .seed = 1,
          .budget_trials = 1,
          .objectives = {{"accuracy", true}},
          .environment = {"bench", "", "", 1}};
}

void run_store_trials(const fs::path& path, const Share& share) {
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
  const Device device{"host", "cpu", "batch=1"};
  TrialClaim claim{.study_id = share.study_id,
                   .space = "nasbench201",
                   .worker = "host:1:0",
                   .lease_seconds = 60,
                   .searcher = "random",
                   .reason = "sample",
                   .ask_seconds = 0.001};
  TrialFinish finish;
  finish.seconds = 1.5;
  finish.metrics = {
      {"accuracy", 0, MetricSource::kMeasured, "data=cifar10,epochs=12", std::nullopt},
      {"params", 0, MetricSource::kComputed, "", std::nullopt},
      {"latency_ms", 0, MetricSource::kMeasured, "", device}};
  for (std::int64_t number = share.first; number < share.end; number += share.step) {
    const BenchmarkTrial trial = benchmark_trial(number);
    claim.number = number;
    claim.text = trial.text;
    claim.digest = Digest{trial.words};
    claim.published_params = trial.params;
    claim.published_macs = trial.params * 100;
    finish.claim = store->claim(claim).value();
    finish.metrics[0].value = trial.accuracy;
    finish.metrics[1].value = static_cast<double>(trial.params);
    finish.metrics[2].value = trial.latency_ms;
    if (!store->finish(finish)) std::exit(2);
  }
}

using Runner = std::function<void(const fs::path&, const Share&)>;

/// Of all processes together, per trial.
struct Cost {
  double wall_us = 1e300;
  double cpu_us = 1e300;
};

double children_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run_processes(int processes, const std::function<void(int)>& work) {
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    work(i);
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) std::exit(2);
  }
}

// `processes` processes share a new database.
Cost cost_of(const fs::path& directory, std::int64_t trials, int processes, const Runner& runner) {
  const fs::path path = directory / "rate.db";
  const std::int64_t study =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(study_spec()).id;
  const double cpu_before = children_cpu_seconds();
  const double seconds = seconds_of([&] {
    run_processes(processes, [&](int i) { runner(path, {study, i, processes, trials}); });
  });
  const double cpu = children_cpu_seconds() - cpu_before;
  const StudyRow row = open_sqlite_store(path, OpenMode::kReadWrite)->find_study("bench").value();
  fs::remove(path);
  if (row.trials_complete != trials) throw Error(ErrorKind::kInternal, "the benchmark lost trials");
  return {seconds * 1e6 / static_cast<double>(trials), cpu * 1e6 / static_cast<double>(trials)};
}

// The two take turns, so that a change of the machine's speed hits both; the best of each counts.
// Processor time tells them apart even where other programs keep the machine busy.
void compare(const fs::path& directory, std::int64_t trials, int processes) {
  const Runner bare_runner = [](const fs::path& path, const Share& share) {
    run_bare_trials(path.string(), share);
  };
  Cost bare;
  Cost store;
  const auto keep_best = [](Cost& best, const Cost& cost) {
    best = {std::min(best.wall_us, cost.wall_us), std::min(best.cpu_us, cost.cpu_us)};
  };
  for (int round = 0; round < 5; ++round) {
    keep_best(bare, cost_of(directory, trials, processes, bare_runner));
    keep_best(store, cost_of(directory, trials, processes, run_store_trials));
  }
  std::printf(
      "%d process%s: store %.0f trials/s, bare SQLite %.0f trials/s, ratio %.2f; processor time "
      "%.0f and %.0f us "
      "a trial, ratio %.2f\n",
      processes, processes == 1 ? "" : "es", 1e6 / store.wall_us, 1e6 / bare.wall_us,
      bare.wall_us / store.wall_us, store.cpu_us, bare.cpu_us, bare.cpu_us / store.cpu_us);
  std::fflush(stdout);
}

double median_ms(const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < 21; ++i) times.push_back(seconds_of(work) * 1e3);
  std::nth_element(times.begin(), times.begin() + 10, times.end());
  return times[10];
}

void time_queries(const Store& store, std::int64_t study) {
  const auto report = [](const char* what, double milliseconds) {
    std::printf("  %-44s %9.3f ms\n", what, milliseconds);
    std::fflush(stdout);
  };
  report("leaderboard, best 100 by accuracy", median_ms([&] {
           store.leaderboard(study, {"accuracy", true}, 100);
         }));
  report("leaderboard, best 100 by params (many equal)", median_ms([&] {
           store.leaderboard(study, {"params", false}, 100);
         }));
  report("leaderboard, best 100 by latency_ms@host", median_ms([&] {
           store.leaderboard(study, {"latency_ms@host", false}, 100);
         }));
  report("view leaderboard, best 10", median_ms([&] {
           store.query(
               "SELECT * FROM leaderboard WHERE study = 'bench' AND metric = 'accuracy' "
               "ORDER BY value DESC LIMIT 10",
               10);
         }));
  report("find_metric by digest", median_ms([&] {
           store.find_metric(Digest{benchmark_trial(4321).words}, "", "accuracy",
                             "data=cifar10,epochs=12", std::nullopt);
         }));
  report("find_study (with its counts)", median_ms([&] { store.find_study("bench"); }));
  report("view pareto", seconds_of([&] { store.query("SELECT * FROM pareto", 1000); }) * 1e3);
  report("trials(), all with their metrics", seconds_of([&] { store.trials(study); }) * 1e3);
  report("stats", seconds_of([&] { store.stats(); }) * 1e3);
  report("check", seconds_of([&] { store.check(); }) * 1e3);
}

void large_database(const fs::path& directory, std::int64_t trials) {
  const fs::path path = directory / "large.db";
  const std::int64_t study =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(study_spec()).id;
  const double seconds = seconds_of([&] { run_store_trials(path, {study, 0, 1, trials}); });
  std::printf("%s trials: made in %.1f s (%.0f trials/s), %s\n", format_count(trials).c_str(),
              seconds, static_cast<double>(trials) / seconds,
              format_bytes(static_cast<std::int64_t>(fs::file_size(path))).c_str());
  const std::string before = sha256_file(path);
  const double best_ms = median_ms([&] {
    const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
    store->leaderboard(study, {"accuracy", true}, 1);
  });
  std::printf("  %-44s %9.3f ms\n", "open for reading, best trial, close", best_ms);
  time_queries(*open_sqlite_store(path, OpenMode::kReadOnly), study);
  const bool untouched = sha256_file(path) == before && !fs::exists(path.string() + "-wal");
  std::printf("  file after reading: %s\n",
              untouched ? "same bytes, nothing beside it" : "CHANGED");
}

int run(int argc, char** argv) {
  const auto number = [&](int index, std::int64_t fallback) {
    return argc > index ? parse_int(argv[index]).value_or(fallback) : fallback;
  };
  const TemporaryDirectory temporary;
  const fs::path directory = argc > 3 ? fs::path(argv[3]) : temporary.path();
  for (const int processes : {1, 8}) compare(directory, number(1, 20'000), processes);
  const std::int64_t large = number(2, 1'000'000);
  if (large > 0) large_database(directory, large);
  return 0;
}

}  // namespace

}  // namespace nas::benchmark

int main(int argc, char** argv) {
  try {
    return nas::benchmark::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "store_bench: %s\n", error.what());
    return 2;
  }
}
