#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/api/trial_queue.h"
#include "core/api/worker_registry.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/open_store.h"
#include "db/shared_directory/directory_client.h"
#include "db/shared_directory/directory_files.h"
#include "db/shared_directory/directory_store.h"
#include "db/shared_directory/journal.h"
#include "db/shared_directory/repeated_calls.h"
#include "db/shared_directory/store_calls.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A coordinator, and the store of a worker: every call goes through the journals.
Backend make_directory_backend() {
  struct Resources {
    TemporaryDirectory directory;
    std::unique_ptr<Store> coordinator;
  };
  auto resources = std::make_shared<Resources>();
  auto clock = std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000'000);
  DirectoryOptions options;
  options.clock_us = [clock] { return clock->load(); };
  const fs::path path = resources->directory.path() / "shared";
  resources->coordinator =
      open_directory_store(path, OpenMode::kCreate, DirectoryRole::kCoordinator, options);
  return {resources,
          open_directory_store(path, OpenMode::kReadWrite, DirectoryRole::kWorker, options),
          [clock](double seconds) { *clock += static_cast<std::int64_t>(seconds * 1e6); }};
}

std::unique_ptr<Store> open_as(const fs::path& path, DirectoryRole role,
                               double lease_seconds = 30) {
  DirectoryOptions options;
  options.lease_seconds = lease_seconds;
  return open_directory_store(path, OpenMode::kCreate, role, options);
}

std::vector<QueuedTrial> proposals(std::int64_t count) {
  std::vector<QueuedTrial> trials;
  for (std::int64_t number = 0; number < count; ++number) {
    trials.push_back({.number = number, .text = "|conv~" + std::to_string(number) + "|"});
  }
  return trials;
}

std::int64_t make_study(Store& store, std::int64_t trials) {
  const std::int64_t id = store.create_study(sample_study("s")).id;
  const Lead lead = study_leads(store).lead({.study_id = id, .who = "host:1"}).value();
  REQUIRE(trial_queue(store).enqueue(lead, {"nasbench201", "", "random"}, proposals(trials)));
  return id;
}

std::vector<TakenTrial> take(Store& store, std::int64_t study_id) {
  return trial_queue(store).take({.study_id = study_id, .worker = "host:2:0"});
}

}  // namespace

TEST_CASE("the shared directory keeps the laws of StudyStore") {
  check_study_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of TrialStore") {
  check_trial_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of ResultStore and CatalogStore and StoreAdmin") {
  check_result_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of BenchmarkStore and PredictorStore") {
  check_benchmark_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of ArtifactStore and StudyCurveStore") {
  check_artifact_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of StudyLeads and TrialQueue") {
  check_lead_laws(make_directory_backend);
  check_queue_laws(make_directory_backend);
}

TEST_CASE("the shared directory keeps the laws of WorkerRegistry") {
  check_worker_laws(make_directory_backend);
}

TEST_CASE("a journal gives whole records, and passes over the torn end of a killed writer") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "j";
  const Sharing sharing{.flush = true};
  JournalReader reader(path, sharing);
  CHECK_FALSE(reader.next());
  {
    JournalWriter writer = JournalWriter::create(path, sharing).value();
    CHECK_FALSE(JournalWriter::create(path, sharing));
    writer.append("one");
    CHECK(reader.next() == "one");
    writer.append(std::string(100'000, 'x'));
    writer.append("three");
  }
  const std::string whole = read_file(path);
  CHECK(reader.next() == std::string(100'000, 'x'));
  CHECK(reader.next() == "three");
  CHECK_FALSE(reader.next());
  // Cut or changed anywhere in its last record, the file has the two before it.
  for (std::size_t cut = 1; cut < 13; ++cut) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, whole.size() - cut);
    JournalReader again(path, sharing);
    CHECK(again.next() == "one");
    CHECK(again.next().value().size() == 100'000);
    CHECK_FALSE(again.next());
    CHECK_FALSE(again.next());
  }
  std::string damaged = whole;
  damaged.back() ^= 1;
  std::ofstream(path, std::ios::binary) << damaged;
  JournalReader again(path, sharing);
  CHECK(again.next() == "one");
  CHECK(again.next().has_value());
  CHECK_FALSE(again.next());
  // What was only not visible yet is found later.
  std::ofstream(path, std::ios::binary) << whole;
  CHECK(again.next() == "three");
}

TEST_CASE("a worker of a shared directory says that nobody answers, and how to change that") {
  const TemporaryDirectory directory;
  const auto worker = open_as(directory.path(), DirectoryRole::kWorker);
  CHECK_THROWS_WITH_AS(worker->studies(), doctest::Contains("no coordinator answers"), Error);
  CHECK_THROWS_WITH_AS(open_as(directory.path() / "missing", DirectoryRole::kWorker),
                       doctest::Contains("there is no such directory"), Error);
  const auto address = StoreAddress::parse("dir:" + directory.path().string());
  CHECK_FALSE(store_exists(address));
  { const auto coordinator = open_store(address, OpenMode::kCreate); }
  CHECK(store_exists(address));
  CHECK_THROWS_WITH_AS(open_browser(address), doctest::Contains("db copy"), Error);
}

TEST_CASE("a directory is handed on from coordinator to coordinator, and its workers with it") {
  const TemporaryDirectory directory;
  auto first = open_as(directory.path(), DirectoryRole::kCoordinator);
  const auto worker = open_as(directory.path(), DirectoryRole::kWorker);
  const std::int64_t id = make_study(*first, 3);
  const ClaimedTrial claim = take(*worker, id).at(0).claim;
  first.reset();
  const auto second = open_as(directory.path(), DirectoryRole::kCoordinator);
  CHECK(newest_generation(directory.path(), "coordinator", "") == 2);
  CHECK(worker->finish(sample_finish(claim, 90)));
  CHECK(second->trials(id).at(0).state == TrialState::kComplete);
  CHECK(second->check().empty());
}

TEST_CASE("a coordinator that only slept stores nothing any more, and asks its successor") {
  const TemporaryDirectory directory;
  constexpr double kLease = 0.3;
  const fs::path path = directory.path() / "shared";
  fs::create_directory(path);
  int go[2], gone[2];
  REQUIRE(::pipe(go) == 0);
  REQUIRE(::pipe(gone) == 0);
  char byte = 0;
  // Stopped as a machine that sleeps is, between two calls.
  const pid_t sleeper = ::fork();
  if (sleeper == 0) {
    int failures = 0;
    try {
      const auto store = open_as(path, DirectoryRole::kCoordinator, kLease);
      const std::int64_t id = make_study(*store, 3);
      const ClaimedTrial claim = take(*store, id).at(0).claim;
      (void)!::write(gone[1], "x", 1);
      (void)!::read(go[0], &byte, 1);
      // By now another process has taken the trial of the dead lease.
      failures += store->finish(sample_finish(claim, 10)) ? 1 : 0;
      failures += store->trials(id).at(0).metrics.at(0).value == 90 ? 0 : 2;
    } catch (const std::exception&) {
      failures = 4;
    }
    ::_exit(failures);
  }
  REQUIRE(::read(gone[0], &byte, 1) == 1);
  ::kill(sleeper, SIGSTOP);
  DirectoryOptions options;
  options.lease_seconds = kLease;
  const auto next =
      open_directory_store(path, OpenMode::kReadWrite, DirectoryRole::kCoordinator, options);
  const std::int64_t id = next->find_study("s").value().id;
  CHECK(newest_generation(path, "coordinator", "") == 2);
  CHECK(newest_generation(path, "results", ".db") == 2);
  REQUIRE(next->reclaim(id, "host:2") == 1);
  const ClaimedTrial claim = take(*next, id).at(0).claim;
  REQUIRE(next->finish(sample_finish(claim, 90)));
  ::kill(sleeper, SIGCONT);
  REQUIRE(::write(go[1], "x", 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(sleeper, &status, 0) == sleeper);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(next->trials(id).at(0).metrics.at(0).value == 90);
  CHECK(next->check().empty());
}

TEST_CASE("what a coordinator had done when it died is not done again") {
  // As a coordinator does it that dies before its answer is read.
  const TemporaryDirectory directory;
  const auto store = open_as(directory.path(), DirectoryRole::kCoordinator);
  const std::int64_t id = make_study(*store, 3);
  const TakeRequest request{.study_id = id, .worker = "host:2:0"};
  const std::string take_bytes = call_bytes<&TrialQueue::take>(request);
  const std::size_t take_call = StoreCalls::index<&TrialQueue::take>();
  (void)StoreCalls::run(*store, take_call, take_bytes);
  const std::string taken_bytes = repeat_call(*store, take_call, take_bytes);
  WireReader in(taken_bytes);
  const auto taken = get<std::vector<TakenTrial>>(in);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].number == 0);
  CHECK(worker_registry(*store).running().size() == 1);

  const std::vector<TrialFinish> results{sample_finish(taken[0].claim, 90)};
  const std::string finish_bytes =
      call_bytes<&TrialQueue::finish_all>(std::span<const TrialFinish>(results));
  const std::size_t finish_call = StoreCalls::index<&TrialQueue::finish_all>();
  const std::string stored = StoreCalls::run(*store, finish_call, finish_bytes);
  CHECK(repeat_call(*store, finish_call, finish_bytes) == stored);
  CHECK(store->trials(id).at(0).metrics.size() == 1);
  // Another worker's result is still refused.
  const std::string refused = StoreCalls::run(*store, finish_call, finish_bytes);
  CHECK(refused != stored);

  // Results and what comes next, in one call.
  const TrialTurn before = trial_queue(*store).finish_and_take({}, request);
  const std::vector<TrialFinish> more{sample_finish(before.taken.at(0).claim, 91)};
  const std::string turn_bytes =
      call_bytes<&TrialQueue::finish_and_take>(std::span<const TrialFinish>(more), request);
  const std::size_t turn_call = StoreCalls::index<&TrialQueue::finish_and_take>();
  (void)StoreCalls::run(*store, turn_call, turn_bytes);
  const std::string turn_again = repeat_call(*store, turn_call, turn_bytes);
  WireReader turn_in(turn_again);
  const auto turn = get<TrialTurn>(turn_in);
  CHECK(turn.stored == std::vector<bool>{true});
  REQUIRE(turn.taken.size() == 1);
  CHECK(turn.taken[0].number == 2);
  CHECK(store->trials(id).at(1).metrics.size() == 1);
  CHECK(worker_registry(*store).running().size() == 1);

  const std::size_t lead_call = StoreCalls::index<&StudyLeads::lead>();
  const std::int64_t other = store->create_study(sample_study("t")).id;
  const std::string lead_bytes =
      call_bytes<&StudyLeads::lead>(LeadRequest{.study_id = other, .who = "host:9"});
  const std::string lead = StoreCalls::run(*store, lead_call, lead_bytes);
  CHECK(repeat_call(*store, lead_call, lead_bytes) == lead);
}

}  // namespace nas::test
