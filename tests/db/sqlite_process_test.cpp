#include <doctest/doctest.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

/// A value that parent and children share.
template <class Value>
class Shared {
 public:
  Shared()
      : memory_(::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0)),
        value_(new (memory_) Value()) {}
  ~Shared() { ::munmap(memory_, sizeof(Value)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  Value& operator*() { return *value_; }
  Value* operator->() { return value_; }

 private:
  void* memory_;
  Value* value_;
};

TrialFinish full_result(const ClaimedTrial& claim, std::int64_t number) {
  TrialFinish finish = sample_finish(claim, static_cast<double>(number));
  finish.metrics.push_back(sample_metric("params", 1000));
  finish.metrics.push_back(sample_metric("latency_ms", 1));
  finish.curve = {{0, "train_loss", 1}};
  return finish;
}

// Claims and finishes every number that nobody else has; returns how many it finished.
int work_through(Store& store, std::int64_t study_id, std::int64_t trials) {
  int finished = 0;
  for (std::int64_t number = 0; number < trials; ++number) {
    const std::optional<ClaimedTrial> claim = store.claim(sample_claim(study_id, number));
    if (!claim) continue;
    if (!store.finish(full_result(*claim, number))) return -1;
    ++finished;
  }
  return finished;
}

void check_complete(const fs::path& path, std::int64_t trials) {
  const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
  const std::vector<TrialRow> rows = store->trials(store->find_study("s").value().id);
  REQUIRE(rows.size() == static_cast<std::size_t>(trials));
  bool all_whole = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all_whole = all_whole && rows[i].number == static_cast<std::int64_t>(i) &&
                rows[i].state == TrialState::kComplete && rows[i].metrics.size() == 3;
  }
  CHECK(all_whole);
  CHECK(store->check().empty());
}

}  // namespace

TEST_CASE("eight processes on one file: no trial twice, none lost, no lock error") {
  constexpr std::int64_t kTrials = 400;
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::int64_t study =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study("s")).id;
  Shared<std::atomic<int>> finished;
  std::vector<std::unique_ptr<ChildProcess>> workers;
  for (int i = 0; i < 8; ++i) {
    workers.push_back(std::make_unique<ChildProcess>([&] {
      const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
      const int mine = work_through(*store, study, kTrials);
      *finished += mine;
      return mine < 0 ? 1 : 0;
    }));
  }
  for (const auto& worker : workers) CHECK(worker->wait() == 0);
  CHECK(finished->load() == kTrials);
  check_complete(path, kTrials);
}

TEST_CASE("eight threads with a connection each share a file") {
  constexpr std::int64_t kTrials = 200;
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  const std::int64_t study = store->create_study(sample_study("s")).id;
  std::atomic<int> finished = 0;
  std::vector<std::jthread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&] { finished += work_through(*store->connect(), study, kTrials); });
  }
  workers.clear();
  CHECK(finished == kTrials);
  check_complete(path, kTrials);
}

TEST_CASE("processes that create the same database at once end with one sound database") {
  for (int round = 0; round < 3; ++round) {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "r.db";
    Shared<std::atomic<int>> ready;
    std::vector<std::unique_ptr<ChildProcess>> workers;
    for (int i = 0; i < 8; ++i) {
      workers.push_back(std::make_unique<ChildProcess>([&, i] {
        ++*ready;
        while (ready->load() < 8) std::this_thread::yield();
        open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study(std::to_string(i)));
        return 0;
      }));
    }
    for (const auto& worker : workers) CHECK(worker->wait() == 0);
    const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
    CHECK(store->studies().size() == 8);
    CHECK(store->check().empty());
    for (const auto& entry : fs::directory_iterator(directory.path())) {
      CHECK(entry.path().filename().string().find(".new-") == std::string::npos);
    }
  }
}

TEST_CASE("a writer killed at any instant loses no acknowledged trial") {
  constexpr std::size_t kMost = 20'000;
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::int64_t study =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study("s")).id;
  Shared<std::array<std::atomic<bool>, kMost>> acknowledged;
  Rng rng(RngKey{.seed = 11, .purpose = Purpose::kTest});
  for (int round = 0; round < 30; ++round) {
    Shared<std::atomic<int>> done;
    ChildProcess writer([&] {
      const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
      store->reclaim(study, "host:1");  // the one before was killed
      for (std::int64_t number = 0; number < static_cast<std::int64_t>(kMost); ++number) {
        const auto claim = store->claim(sample_claim(study, number));
        if (!claim) continue;
        if (!store->finish(full_result(*claim, number))) return 1;
        (*acknowledged)[static_cast<std::size_t>(number)] = true;
        ++*done;
      }
      return 0;
    });
    // Killed at a random transaction and, within it, wherever the writer happens to be.
    const int target = static_cast<int>(rng.below(25));
    while (done->load() < target) std::this_thread::yield();
    for (std::uint64_t spin = rng.below(20'000); spin > 0; --spin) done->load();
    writer.kill();

    const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
    std::size_t complete = 0;
    std::size_t lost = 0;
    const std::vector<TrialRow> trials = store->trials(study);
    for (const TrialRow& trial : trials) {
      complete += trial.state == TrialState::kComplete ? 1 : 0;
      CHECK(trial.metrics.size() == (trial.state == TrialState::kComplete ? 3 : 0));
    }
    for (std::size_t number = 0; number < kMost; ++number) {
      const bool stored = number < trials.size() && trials[number].state == TrialState::kComplete;
      lost += (*acknowledged)[number] && !stored ? 1 : 0;
    }
    CHECK(lost == 0);
    CHECK(complete + 1 >= trials.size());  // at most the one that was being worked on
    if (round % 10 == 9) CHECK(store->check().empty());
  }
  // What was running is taken up again.
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
  store->reclaim(study, "host:1");
  const auto trials = static_cast<std::int64_t>(store->trials(study).size());
  work_through(*store, study, trials);
  check_complete(path, trials);
}

TEST_CASE("a reader that holds a snapshot for long neither blocks writers nor sees half a trial") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  const std::int64_t study = store->create_study(sample_study("s")).id;
  Shared<std::atomic<bool>> stop;
  ChildProcess reader([&] {
    const auto view = open_sqlite_store(path, OpenMode::kReadOnly);
    while (!stop->load()) {
      for (const TrialRow& trial : view->trials(study)) {
        if (trial.metrics.size() != (trial.state == TrialState::kComplete ? 3 : 0)) return 1;
      }
    }
    return 0;
  });
  CHECK(work_through(*store, study, 300) == 300);
  stop->store(true);
  CHECK(reader.wait() == 0);
}

TEST_CASE("a lock that is held for longer than the patience is named") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  SqliteOptions options;
  options.busy_timeout_ms = 20;
  const auto store = open_sqlite_store(path, OpenMode::kCreate, options);
  SqliteConnection holder({path, Access::kWrite, {}});
  holder.run_script("BEGIN IMMEDIATE");
  CHECK_THROWS_WITH_AS(store->create_study(sample_study("s")),
                       doctest::Contains("kept it locked for too long"), Error);
  holder.run_script("ROLLBACK");
  CHECK(store->create_study(sample_study("s")).id == 1);
}

}  // namespace nas::test
