#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "db/database_file.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kTrials = 40;

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string sample_database() {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  {
    const auto store = open_sqlite_store(path, OpenMode::kCreate);
    const StudyRow study = store->create_study(sample_study("s"));
    for (std::int64_t number = 0; number < kTrials; ++number) {
      complete_trial(*store, study.id, number, static_cast<double>(number));
    }
  }
  return read_file(path);
}

// How much of the sample database a store gives back; throws what the store throws.
std::size_t count_sound_trials(const fs::path& path, OpenMode mode) {
  const auto store = open_sqlite_store(path, mode);
  std::size_t sound = 0;
  for (const StudyRow& study : store->studies()) {
    for (const TrialRow& trial : store->trials(study.id)) {
      sound +=
          trial.metrics.size() == 1 && trial.metrics[0].value == static_cast<double>(trial.number)
              ? 1
              : 0;
    }
    store->leaderboard(study.id, {"accuracy", true}, 100);
  }
  if (sound != kTrials && store->check().empty()) return 0;
  return kTrials;
}

/// A file system of its own with little room, or an empty path when this process may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = ::mount("none", directory_.path().c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  fs::path path() const { return mounted_ ? directory_.path() : fs::path(); }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

// Works until `failure` is not empty; returns how many trials were acknowledged.
std::int64_t work_until_failure(Store& store, std::int64_t study, std::int64_t first,
                                std::string& failure) {
  std::int64_t number = first;
  failure = error_of([&] {
    for (; number < first + 100'000; ++number) {
      complete_trial(store, study, number, static_cast<double>(number));
    }
  });
  return number - first;
}

}  // namespace

TEST_CASE("a database truncated anywhere is refused, or read in full") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::string content = sample_database();
  for (std::size_t size = 1; size < content.size(); size += 1237) {
    CAPTURE(size);
    write_file(path, content.substr(0, size));
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
      const std::string text = error_of([&] { count_sound_trials(path, mode); });
      CHECK_MESSAGE((text.find("is truncated") != std::string::npos ||
                     text.find("has only") != std::string::npos),
                    text);
      CHECK(text.find('\n') == std::string::npos);
    }
  }
  CHECK(read_file(path).size() < content.size());
}

TEST_CASE("flipped bits never crash the store and never make trials vanish silently") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::string content = sample_database();
  Rng rng(RngKey{.seed = 3, .purpose = Purpose::kTest});
  int refused = 0;
  for (int round = 0; round < 200; ++round) {
    // The header twice as often as its size would give.
    const std::uint64_t offset = round % 4 == 0 ? rng.below(120) : rng.below(4 * 4096);
    const auto bit = static_cast<int>(rng.below(8));
    CAPTURE(offset);
    CAPTURE(bit);
    std::string damaged = content;
    damaged[offset] = static_cast<char>(damaged[offset] ^ (1 << bit));
    write_file(path, damaged);
    std::size_t sound = 0;
    const std::string text =
        error_of([&] { sound = count_sound_trials(path, OpenMode::kReadOnly); });
    refused += text.empty() ? 0 : 1;
    CHECK(text.find('\n') == std::string::npos);
    if (text.empty()) CHECK(sound == kTrials);
    fs::remove(path.string() + "-wal");
    fs::remove(path.string() + "-shm");
  }
  CHECK(refused > 20);
}

TEST_CASE("a log that belongs to no database is not a database") {
  const TemporaryDirectory directory;
  write_file(directory.path() / "r.db-wal", std::string(5000, 'x'));
  const auto store = open_sqlite_store(directory.path() / "r.db", OpenMode::kCreate);
  CHECK(store->studies().empty());
  CHECK(store->check().empty());
}

TEST_CASE("random bytes as a log do not hide the database") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  write_file(path, sample_database());
  write_file(path.string() + "-wal", std::string(5000, 'x'));
  CHECK(count_sound_trials(path, OpenMode::kReadOnly) == kTrials);
  CHECK(count_sound_trials(path, OpenMode::kReadWrite) == kTrials);
}

TEST_CASE(
    "a full disk is named, loses nothing acknowledged, and work continues when there is room "
    "again") {
  const SmallDisk disk("size=4m");
  if (disk.path().empty()) {
    std::cout << "SKIPPED: this process may not mount a small file system\n";
    return;
  }
  const fs::path path = disk.path() / "r.db";
  const fs::path ballast = disk.path() / "ballast";
  write_file(ballast, std::string(2 << 20, 'b'));
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  const std::int64_t study = store->create_study(sample_study("s")).id;
  std::string failure;
  const std::int64_t before = work_until_failure(*store, study, 0, failure);
  CHECK_MESSAGE(failure.find("no space left on the device") != std::string::npos, failure);
  CHECK(failure.find(path.string()) != std::string::npos);
  CHECK(before > 10);
  CHECK(store->find_study("s").value().trials_complete == before);

  fs::remove(ballast);
  CHECK(store->check().empty());
  store->reclaim(study, "host:1");
  const std::int64_t after = work_until_failure(*store, study, before, failure);
  CHECK(after > 10);
  CHECK(store->find_study("s").value().trials_complete == before + after);
}

TEST_CASE("a disk too full for a new database leaves nothing behind") {
  const SmallDisk disk("size=40k");
  if (disk.path().empty()) {
    std::cout << "SKIPPED: this process may not mount a small file system\n";
    return;
  }
  const std::string text =
      error_of([&] { open_sqlite_store(disk.path() / "r.db", OpenMode::kCreate); });
  CHECK_MESSAGE(text.find("no space left on the device") != std::string::npos, text);
  CHECK(fs::is_empty(disk.path()));
}

TEST_CASE("a file system that is mounted read-only can be read") {
  SmallDisk disk("size=2m");
  if (disk.path().empty()) {
    std::cout << "SKIPPED: this process may not mount a small file system\n";
    return;
  }
  const fs::path path = disk.path() / "r.db";
  write_file(path, sample_database());
  REQUIRE(::mount("none", disk.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0);
  CHECK(count_sound_trials(path, OpenMode::kReadOnly) == kTrials);
  CHECK(error_of([&] { open_sqlite_store(path, OpenMode::kReadWrite); }).find("read-only") !=
        std::string::npos);
}

TEST_CASE("a limit on the size of files is reported as the system words it") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::int64_t study =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(sample_study("s")).id;
  ChildProcess child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    std::string failure;
    const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
    const std::int64_t done = work_until_failure(*store, study, 0, failure);
    if (failure.find("File too large") == std::string::npos) throw Error(ErrorKind::kData, failure);
    return store->find_study("s").value().trials_complete == done && done > 10 ? 0 : 1;
  });
  CHECK(child.wait() == 0);
  CHECK(open_sqlite_store(path, OpenMode::kReadWrite)->find_study("s").value().trials_complete >
        10);
}

}  // namespace nas::test
