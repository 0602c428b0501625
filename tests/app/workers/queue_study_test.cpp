#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "app/study/queue_worker.h"
#include "app/study/study_devices.h"
#include "app/study/study_lead.h"
#include "app/study/study_owner.h"
#include "app/workers/worker.h"
#include "app/workers/worker_heart.h"
#include "app/workers/worker_table.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;
using namespace std::chrono_literals;

namespace {

SessionOptions in(const TemporaryDirectory& directory, std::stop_token stop = {}) {
  return {.store = directory.path() / "store.db", .progress = nullptr, .stop = std::move(stop)};
}

/// A training of seconds, in four epochs.
StudyConfig training_config() {
  StudyConfig config;
  config.name = "trained";
  config.space.name = "nasbench201";
  config.searcher.name = "random";
  config.data = "glyphs";
  config.recipe = {"smoke", {{"epochs", "4"}}};
  config.train_winner = false;
  config.budget_trials = 2;
  config.workers = 1;
  return config;
}

/// Everything that a study says of its trainings, curves included.
std::vector<std::string> lines_with_curves(const Store& store, const std::string& name) {
  std::vector<std::string> lines = study_lines(store, name);
  for (const TrialRow& trial : store.trials(find_study_or_throw(store, name).id)) {
    for (const CurvePoint& point : store.curve(trial.id)) {
      lines.push_back(std::to_string(trial.number) + " " + std::to_string(point.epoch) + " " +
                      point.name + " " + std::to_string(point.value));
    }
  }
  return lines;
}

/// What a session says to people.
class Messages final : public ProgressSink {
 public:
  void begin(std::string_view /*task*/, std::int64_t /*total*/) override {}
  void update(std::int64_t /*done*/, std::string_view /*note*/) override {}
  void message(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(text);
  }
  void end() override {}
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

}  // namespace

TEST_CASE("the queue gives the rows of threads, whoever takes the trials") {
  for (const std::int64_t workers : {1, 4}) {
    const StudyConfig config = cheap_config(30, workers);
    const std::vector<std::string> expected = lines_of_fresh_run(config);
    for (const std::int64_t local : {1, 3}) {
      const TemporaryDirectory directory;
      Session session(in(directory));
      const StudyReport report = run_study(session, config, QueueChoice{.local_workers = local});
      CHECK(report.complete == 30);
      CHECK(study_lines(session.reader(), config.name) == expected);
      CHECK(trial_queue(session.reader()).backlog().empty());
      CHECK_FALSE(study_leads(session.reader()).leader(1).has_value());
    }
  }
}

TEST_CASE("a study begun on threads continues in the queue, and the other way round") {
  const StudyConfig config = cheap_config(20, 2);
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  for (const bool queue_first : {true, false}) {
    const TemporaryDirectory directory;
    Session session(in(directory));
    const auto choice = [](bool queue) {
      return queue ? std::optional(QueueChoice{.local_workers = 2}) : std::nullopt;
    };
    StudyConfig half = config;
    half.budget_trials = 10;
    run_study(session, half, choice(queue_first));
    run_study(session, config, choice(!queue_first));
    CHECK(study_lines(session.reader(), config.name) == expected);
  }
}

TEST_CASE("a study has one coordinator; the next takes over when its lease has passed") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const StudyConfig config = cheap_config(12, 2);
  StudyConfig half = config;
  half.budget_trials = 6;
  run_study(session, half, QueueChoice{.local_workers = 1});
  const StudyRow study = find_study_or_throw(session.writer(), config.name);
  StudyLeads& leads = study_leads(session.writer());
  // Of another machine, so that nobody can see whether it lives.
  const Lead lead =
      leads.lead({.study_id = study.id, .who = "another-host:7", .seconds = 3600}).value();
  const std::string refused =
      error_of([&] { run_study(session, config, QueueChoice{.local_workers = 1}); });
  CHECK(contains(refused, "is being run by process another-host:7"));
  CHECK(contains(error_of([&] { run_study(session, config); }), "another-host:7"));
  CHECK(session.reader().trials(study.id).size() == 6);
  REQUIRE(leads.renew_lead(lead, 0));
  CHECK(run_study(session, config, QueueChoice{.local_workers = 1}).complete == 12);
  CHECK(study_lines(session.reader(), config.name) == lines_of_fresh_run(config));
  CHECK_FALSE(leads.renew_lead(lead, 60));
}

TEST_CASE("what an earlier coordinator left waiting is proposed anew") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const StudyConfig config = cheap_config(8, 2);
  StudyConfig half = config;
  half.budget_trials = 4;
  run_study(session, half, QueueChoice{.local_workers = 1});
  Store& store = session.writer();
  const StudyRow study = find_study_or_throw(store, config.name);
  const Lead lead = study_leads(store).lead({.study_id = study.id, .who = "h:1"}).value();
  // As an earlier version might have proposed it.
  const Candidate other =
      identify(session.space(config.space), {"nasbench201", {0, 0, 0, 0, 0, 1}});
  REQUIRE(trial_queue(store).enqueue(
      lead, {"nasbench201", "", "evolution"},
      std::vector<QueuedTrial>{{.number = 5, .text = other.text, .digest = other.digest}}));
  REQUIRE(study_leads(store).renew_lead(lead, 0));
  CHECK(run_study(session, config, QueueChoice{.local_workers = 1}).complete == 8);
  CHECK(study_lines(session.reader(), config.name) == lines_of_fresh_run(config));
}

TEST_CASE("a coordinator that loses its study stops, and leaves the state to the other") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const StudyConfig config = cheap_config(2000, 4);
  std::jthread thief([&](const std::stop_token& done) {
    Session other(in(directory));
    while (!done.stop_requested()) {
      std::this_thread::sleep_for(5ms);
      const auto study = other.writer().find_study(config.name);
      if (!study || study->trials_complete < 5) continue;
      // As if its lease had passed while the process was stopped.
      const LeadRequest request{
          .study_id = study->id, .who = "another-host:7", .dead = process_name()};
      if (study_leads(other.writer()).lead(request)) return;
    }
  });
  CHECK(contains(error_of([&] { run_study(session, config, QueueChoice{.local_workers = 2}); }),
                 "another process has taken study 'cheap' over"));
  thief.request_stop();
  CHECK(find_study_or_throw(session.reader(), config.name).state == StudyState::kRunning);
  CHECK(study_leads(session.reader()).leader(1).value().who == "another-host:7");
}

TEST_CASE("a worker takes what waits, says who it is, and ends with its study") {
  const TemporaryDirectory directory;
  const StudyConfig config = cheap_config(25, 3);
  std::jthread coordinator([&] {
    Session session(in(directory));
    run_study(session, config, QueueChoice{});
  });
  Session session(in(directory));
  (void)session.writer();
  while (!session.writer().find_study(config.name)) std::this_thread::sleep_for(1ms);
  WorkerOptions options;
  options.study = config.name;
  options.threads = 2;
  options.batch = 2;
  options.job = "slurm 17_3";
  const WorkerReport report = run_worker(session, options);
  coordinator.join();
  CHECK(report.end == WorkerEnd::kStudyOver);
  CHECK(report.trials == 25);
  CHECK(study_lines(session.reader(), config.name) == lines_of_fresh_run(config));
  CHECK(workers_table(session.reader(), false).rows.empty());
  const Table all = workers_table(session.reader(), true);
  REQUIRE(all.rows.size() == 2);
  CHECK(std::get<std::string>(all.rows[0][1]) == "gone");
  CHECK(std::get<std::int64_t>(all.rows[0][6]) + std::get<std::int64_t>(all.rows[1][6]) == 25);
  CHECK(worker_registry(session.reader()).judged_elsewhere(1).empty());
}

TEST_CASE("a worker leaves a study alone whose device or data it lacks, and says so") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  const StudyConfig config = cheap_config(6, 2);
  StudyConfig half = config;
  half.budget_trials = 2;
  run_study(session, half);
  Store& store = session.writer();
  const StudyRow study = find_study_or_throw(store, config.name);
  const Lead lead =
      study_leads(store).lead({.study_id = study.id, .who = "h:1", .needs = {"pi5"}}).value();
  const Candidate any = identify(session.space(config.space), {"nasbench201", {0, 0, 0, 0, 0, 1}});
  REQUIRE(trial_queue(store).enqueue(
      lead, {"nasbench201", "", "evolution"},
      std::vector<QueuedTrial>{{.number = 2, .text = any.text, .digest = any.digest}}));
  WorkerOptions options;
  options.idle_seconds = 0.2;
  const WorkerReport report = run_worker(session, options);
  CHECK(report.end == WorkerEnd::kBlocked);
  CHECK(contains(report.lacks, "'pi5', which this worker lacks"));
  CHECK(report.trials == 0);
}

TEST_CASE("a worker that comes first waits for its study, and says so once") {
  const TemporaryDirectory directory;
  const StudyConfig config = cheap_config(9, 2);
  Messages messages;
  SessionOptions own = in(directory);
  own.progress = &messages;
  Session session(own);
  WorkerOptions options;
  options.study = config.name;
  WorkerReport report;
  std::jthread worker([&] { report = run_worker(session, options); });
  while (messages.all().empty()) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(500ms);
  {
    Session coordinator(in(directory));
    CHECK(run_study(coordinator, config, QueueChoice{}).complete == 9);
  }
  worker.join();
  CHECK(report.end == WorkerEnd::kStudyOver);
  CHECK(report.trials == 9);
  REQUIRE(messages.all().size() == 1);
  CHECK(contains(messages.all()[0], "'cheap'"));
  CHECK(contains(messages.all()[0], "waiting for it"));

  options.study = "chap";
  options.idle_seconds = 0.3;
  CHECK(run_worker(session, options).end == WorkerEnd::kIdle);
  CHECK(contains(messages.all().back(), "did you mean 'cheap'?"));
}

TEST_CASE("a list of workers counts their trials within two seconds") {
  const TemporaryDirectory directory;
  Session session(in(directory));
  WorkerSpec spec;
  spec.name = "host:1:0";
  spec.environment = session.environment();
  WorkerHeart heart(session.writer().connect(), {spec});
  const auto counted = [&](std::int64_t trials) {
    const auto start = std::chrono::steady_clock::now();
    while (worker_registry(session.reader()).workers(0).at(0).pulse.trials != trials) {
      if (std::chrono::steady_clock::now() - start > 2s) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  };
  heart.add(0, 1, 0.1);
  CHECK(counted(1));
  for (int trial = 0; trial < 5; ++trial) heart.add(0, 1, 0.1);
  CHECK(counted(6));
}

TEST_CASE("this machine is a device that a study of its latency needs") {
  StudyConfig config = cheap_config(2, 1);
  CHECK(needed_devices(config).empty());
  config.objectives = {"minimize latency_ms@host"};
  config.origins = {"latency_ms@pi5=measured:pi5"};
  const std::vector<std::string> needed = needed_devices(config);
  REQUIRE(needed.size() == 2);
  CHECK(needed[0].starts_with("machine "));
  CHECK(needed[1] == "pi5");
  const TemporaryDirectory directory;
  Session session(in(directory));
  (void)session.writer();
  CHECK(worker_devices(session) == std::vector<std::string>{needed[0]});
}

TEST_CASE("a training that is handed on ends with the bits of one in one piece") {
  const StudyConfig config = training_config();
  std::vector<std::string> expected;
  {
    const TemporaryDirectory directory;
    Session session(in(directory));
    run_study(session, config);
    expected = lines_with_curves(session.reader(), config.name);
  }
  const TemporaryDirectory directory;
  std::jthread coordinator([&] {
    Session session(in(directory));
    run_study(session, config, QueueChoice{});
  });
  Session session(in(directory));
  (void)session.writer();
  while (!session.writer().find_study(config.name)) std::this_thread::sleep_for(1ms);
  int handed_on = 0;
  WorkerReport report;
  // Each worker is stopped when a state is stored that it was not given.
  do {
    const auto states = [&] { return session.reader().artifacts(kCheckpoint); };
    const std::vector<ArtifactRow> before = states();
    std::stop_source limit;
    std::jthread watch([&](const std::stop_token& done) {
      Session own(in(directory));
      while (!done.stop_requested() && handed_on < 3) {
        std::this_thread::sleep_for(2ms);
        const std::vector<ArtifactRow> now = own.reader().artifacts(kCheckpoint);
        if (now.empty() || (!before.empty() && now[0].sha256 == before[0].sha256)) continue;
        ++handed_on;
        limit.request_stop();
        return;
      }
    });
    WorkerOptions options;
    options.study = config.name;
    options.time_limit = limit.get_token();
    report = run_worker(session, options);
  } while (report.end == WorkerEnd::kTimeLimit);
  coordinator.join();
  CHECK(report.end == WorkerEnd::kStudyOver);
  CHECK(handed_on > 0);
  CHECK(lines_with_curves(session.reader(), config.name) == expected);
  CHECK(session.reader().artifacts(kCheckpoint).empty());
  CHECK(std::filesystem::is_empty(session.models_directory() / "checkpoints"));
}
