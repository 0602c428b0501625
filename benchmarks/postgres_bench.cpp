// Speed of the results database on a PostgreSQL server of its own, with the settings of a new
// installation: postgres_bench [trials [growth | WORKERS]]
// Trials a second of 1, 8 and 64 workers beside a bare libpq loop with the same calls in the same
// run: from the queue one by one and in batches, cheap results and others, then claims and results
// by number, with the processor time that a trial takes of this program and the server together.
// "growth": up to this many trials in one study, and what queries take then. WORKERS: this number
// alone.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "benchmarks/bare_postgres.h"
#include "benchmarks/copied_trials.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "core/util/file.h"
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

/// `seconds`: that it took to compute.
TrialFinish finish_of(std::int64_t number, double seconds) {
  const BenchmarkTrial trial = benchmark_trial(number);
  TrialFinish finish;
  finish.seconds = seconds;
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
    TrialFinish finish = finish_of(number, 0.5);
    finish.claim = store->claim(claim).value();
    if (!store->finish(finish)) throw Error(ErrorKind::kInternal, "the benchmark lost a claim");
  }
}

/// A worker: takes trials and finishes them together with taking the next ones.
void run_store_queue(const StoreAddress& address, const QueueShare& share) {
  const auto store = open_postgres_store(address, OpenMode::kReadWrite);
  TrialQueue& queue = trial_queue(*store);
  const TakeRequest request{.study_id = share.study_id, .worker = "host:1:0", .limit = share.batch};
  const double seconds = share.relaxed ? 0.5 : 2 * TrialQueue::kCheapSeconds;
  std::vector<TakenTrial> taken = queue.take(request);
  while (!taken.empty()) {
    std::vector<TrialFinish> finishes;
    for (const TakenTrial& trial : taken) {
      finishes.push_back(finish_of(trial.number, seconds));
      finishes.back().claim = trial.claim;
    }
    TrialTurn turn = queue.finish_and_take(finishes, request);
    if (std::ranges::find(turn.stored, false) != turn.stored.end())
      throw Error(ErrorKind::kInternal, "the benchmark lost a trial");
    taken = std::move(turn.taken);
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

/// Puts trials into the queue.
void fill_queue(const Place& place, std::int64_t first, std::int64_t end) {
  const auto store = open_postgres_store(place.address, OpenMode::kReadWrite);
  const Lead lead =
      study_leads(*store).lead({.study_id = place.study, .who = "host:1", .seconds = 1}).value();
  constexpr std::int64_t kAtOnce = 1000;
  for (; first < end; first += kAtOnce) {
    std::vector<QueuedTrial> queued;
    for (std::int64_t number = first; number < std::min(end, first + kAtOnce); ++number) {
      const BenchmarkTrial trial = benchmark_trial(number);
      queued.push_back({.number = number,
                        .text = trial.text,
                        .digest = Digest{trial.words},
                        .published_params = trial.params,
                        .published_macs = trial.params * 100,
                        .reason = "sample"});
    }
    trial_queue(*store).enqueue(lead, {.space = "nasbench201", .network = "", .searcher = "random"},
                                queued);
  }
}

/// Processor time of this program and of the connections to its server that have ended.
class ProcessorClock {
 public:
  explicit ProcessorClock(const test::PostgresServer& server) {
    const std::string lines = server.run_sql("SELECT pg_read_file('postmaster.pid')");
    server_process_ = lines.substr(0, lines.find('\n'));
  }
  /// Waits for the server's processes of `database`, which are about to end.
  double seconds(const std::string& database) const {
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);  // without the wait
    while (has_processes_of(database)) std::this_thread::yield();
    const auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return of(own.ru_utime) + of(own.ru_stime) + ended_connections();
  }

 private:
  /// One that has ended and is not counted yet has no command line.
  bool has_processes_of(const std::string& database) const {
    const std::string list =
        read_file("/proc/" + server_process_ + "/task/" + server_process_ + "/children");
    for (const std::string& process : split(list, ' ')) {
      if (process.empty()) continue;
      std::ifstream file("/proc/" + process + "/cmdline");
      std::string line;
      std::getline(file, line);
      if (line.empty() || line.find(" " + database + " ") != std::string::npos) return true;
    }
    return false;
  }
  /// proc(5): cutime and cstime are the 14th and 15th words behind the name in parentheses.
  double ended_connections() const {
    const std::string line = read_file("/proc/" + server_process_ + "/stat");
    const std::vector<std::string> words = split(line.substr(line.rfind(')') + 2), ' ');
    const double ticks = parse_double(words.at(13)).value() + parse_double(words.at(14)).value();
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

  std::string server_process_;
};

/// What is measured, by the store and without it.
struct Contest {
  std::string name;
  std::function<void(const Place&)> prepare;
  std::function<void(const Place&, int worker)> store, bare;
};

struct Rate {
  double trials_per_second = 0;
  double processor_us = 1e9;  ///< of a trial
  void improve(const Rate& other) {
    trials_per_second = std::max(trials_per_second, other.trials_per_second);
    processor_us = std::min(processor_us, other.processor_us);
  }
};

/// Measures contests, each on databases of its own.
class Ring {
 public:
  explicit Ring(test::PostgresServer& server) : server_(server), clock_(server) {}

  // The two take turns, so that a change of the machine's speed hits both; the best of each counts.
  void compare(const Contest& contest, std::int64_t trials, int workers) {
    Rate store, bare;
    constexpr int kRounds = 3;
    for (int round = 0; round < kRounds; ++round) {
      bare.improve(measured(contest, contest.bare, trials, workers));
      store.improve(measured(contest, contest.store, trials, workers));
    }
    std::printf(
        "%2d workers, %s: store %.0f trials/s, %.0f us of processors; bare libpq %.0f trials/s, "
        "%.0f us; ratio %.2f, of processor time %.2f\n",
        workers, contest.name.c_str(), store.trials_per_second, store.processor_us,
        bare.trials_per_second, bare.processor_us, store.trials_per_second / bare.trials_per_second,
        bare.processor_us / store.processor_us);
    std::fflush(stdout);
  }

 private:
  Rate measured(const Contest& contest, const std::function<void(const Place&, int)>& work,
                std::int64_t trials, int workers) {
    const std::string database = server_.new_database();
    const Place place(server_.address(database));
    contest.prepare(place);
    const double before = clock_.seconds(database);
    const double rate = rate_of(trials, workers, [&](int i) { work(place, i); });
    const double us = (clock_.seconds(database) - before) * 1e6 / static_cast<double>(trials);
    place.check(trials);
    return {rate, us};
  }

  test::PostgresServer& server_;
  ProcessorClock clock_;
};

Contest queue_contest(const std::string& name, std::int64_t trials, std::int64_t batch,
                      bool relaxed) {
  const auto share = [=](const Place& place) { return QueueShare{place.study, batch, relaxed}; };
  return {
      name, [=](const Place& place) { fill_queue(place, 0, trials); },
      [=](const Place& place, int) { run_store_queue(place.address, share(place)); },
      [=](const Place& place, int) { run_bare_postgres_queue(place.address.uri(), share(place)); }};
}

Contest claim_contest(std::int64_t trials, int workers) {
  const auto share = [=](const Place& place, int i) {
    return Share{place.study, i, workers, trials};
  };
  return {"claimed by number", [](const Place&) {},
          [=](const Place& place, int i) { run_store_trials(place.address, share(place, i)); },
          [=](const Place& place, int i) {
            run_bare_postgres_trials(place.address.uri(), share(place, i));
          }};
}

void time_query(const char* name, const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
  std::printf("  %s %.1f ms", name, ms.count());
}

/// One study that grows tenfold again and again: how fast, and what is asked of it then. Beyond a
/// million trials most of them are copies, and the figures those of what workers add.
void grow(const test::PostgresServer& server, std::int64_t most, const std::string& database) {
  constexpr int kWorkers = 8;
  constexpr std::int64_t kBatch = 50, kLast = 10'000, kMostRun = 1'000'000;
  const Place place(server.address(database));
  std::int64_t done = 0;
  for (std::int64_t size = kLast; size <= most; size *= 10) {
    std::int64_t end = size;
    if (size > kMostRun) {
      make_tenfold(server, database, done);
      done *= 10;
      end = done + 2 * kLast;
    }
    const QueueShare many{place.study, kBatch, true}, one{place.study, 1, true};
    fill_queue(place, done, end - kLast / 2);
    const double batched = rate_of(end - kLast / 2 - done, kWorkers,
                                   [&](int) { run_store_queue(place.address, many); });
    fill_queue(place, end - kLast / 2, end);
    const double single =
        rate_of(kLast / 2, kWorkers, [&](int) { run_store_queue(place.address, one); });
    done = end;
    const auto store = open_postgres_store(place.address, OpenMode::kReadOnly);
    std::printf(
        "%lld trials, %d workers: %.0f trials/s in batches of %lld, %.0f one by one, %lld "
        "MB;",
        static_cast<long long>(done), kWorkers, batched, static_cast<long long>(kBatch), single,
        static_cast<long long>(store->stats().file_bytes / 1'000'000));
    time_query("leaderboard", [&] {
      (void)store->leaderboard(place.study, {"accuracy", true}, 10);
    });
    time_query("study", [&] { (void)store->find_study("bench"); });
    time_query("backlog", [&] { (void)trial_queue(*store).backlog(); });
    time_query("front", [&] { (void)store->query("SELECT count(*) FROM pareto", 1); });
    std::printf("\n");
    std::fflush(stdout);
  }
}

int run(int argc, char** argv) {
  const std::int64_t trials = argc > 1 ? parse_int(argv[1]).value_or(20'000) : 20'000;
  const std::string_view choice = argc > 2 ? argv[2] : "";
  if (!test::PostgresServer::available()) return 2;
  test::PostgresServer server(test::PostgresServer::Disk::kDurable);
  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes", "shared_buffers",
                              "wal_sync_method", "server_version"}) {
    std::printf("%s %s  ", setting, server.run_sql("SHOW " + std::string(setting)).c_str());
  }
  std::printf("\n");
  if (choice == "growth") {
    grow(server, trials, server.new_database());
    return 0;
  }
  constexpr std::int64_t kBatch = 50;
  const std::int64_t fewer = trials / 5;
  Ring ring(server);
  std::vector<int> counts = {1, 8, 64};
  if (!choice.empty()) {
    const auto only = parse_int(choice);
    if (!only || *only < 1 || *only > 1000) {
      std::fprintf(stderr, "usage: postgres_bench [trials [growth | WORKERS]]\n");
      return 2;
    }
    counts = {static_cast<int>(*only)};
  }
  for (const int workers : counts) {
    ring.compare(queue_contest("one by one", trials, 1, true), trials, workers);
    ring.compare(queue_contest("batches of 50", trials, kBatch, true), trials, workers);
    ring.compare(queue_contest("one by one, each on disk", fewer, 1, false), fewer, workers);
    ring.compare(claim_contest(fewer, workers), fewer, workers);
  }
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
