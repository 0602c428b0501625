// What happens to the files of a database from outside while it is in use, or after a process died.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A closed database with one study of two trials.
void make_database(const fs::path& path, const std::string& study) {
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  const std::int64_t id = store->create_study(sample_study(study)).id;
  for (std::int64_t number = 0; number < 2; ++number) complete_trial(*store, id, number, 1);
}

/// The only study, and nothing damaged.
std::string sound_study(const fs::path& path) {
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
  const auto studies = store->studies();
  if (studies.size() != 1 || !store->check().empty()) return "damaged";
  return studies[0].spec.name + ":" + std::to_string(studies[0].trials_complete);
}

/// As `make_database` in a process that dies without closing: its log stays.
void make_database_and_die(const fs::path& path, const std::string& study) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open_sqlite_store(path, OpenMode::kCreate);
    const std::int64_t id = store->create_study(sample_study(study)).id;
    for (std::int64_t number = 0; number < 2; ++number) complete_trial(*store, id, number, 1);
    ::_exit(0);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
}

bool keeps_marks(const fs::path& file) {
  return ::setxattr(file.c_str(), "user.searchlight.test", "1", 1, 0) == 0;
}

/// A process number that nobody has.
pid_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

}  // namespace

TEST_CASE("a database that is moved, deleted or replaced under a writer is an error in words") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db", other = directory.path() / "other.db";
  const auto second_write = [&](const auto& interfere) {
    const auto store = open_sqlite_store(path, OpenMode::kCreate);
    const std::int64_t id = store->create_study(sample_study("mine")).id;
    complete_trial(*store, id, 0, 1);
    complete_trial(*store, id, 1, 1);
    interfere();
    const std::string text = error_of([&] { complete_trial(*store, id, 2, 1); });
    CHECK(error_of([&] { store->find_study("mine"); }) == text);
    return text;
  };
  SUBCASE("moved: its rows are whole where it is now") {
    const fs::path moved = directory.path() / "moved.db";
    const std::string text = second_write([&] { fs::rename(path, moved); });
    CHECK(contains(text, "was moved while it was in use and is at '" + moved.string() + "'"));
    CHECK(sound_study(moved) == "mine:2");
    CHECK_FALSE(fs::exists(path));
  }
  SUBCASE("its directory renamed") {
    fs::create_directory(directory.path() / "a");
    const fs::path inside = directory.path() / "a" / "r.db";
    {
      const auto store = open_sqlite_store(inside, OpenMode::kCreate);
      const std::int64_t id = store->create_study(sample_study("mine")).id;
      complete_trial(*store, id, 0, 1);
      fs::rename(directory.path() / "a", directory.path() / "b");
      CHECK(contains(error_of([&] { complete_trial(*store, id, 1, 1); }), "/b/r.db' now"));
    }
    CHECK(sound_study(directory.path() / "b" / "r.db") == "mine:1");
  }
  SUBCASE("deleted") {
    CHECK(contains(second_write([&] { fs::remove(path); }), "was deleted or replaced"));
    CHECK(contains(error_of([&] { open_sqlite_store(path, OpenMode::kReadWrite); }), "No such"));
    // Begun anew while the old log may still lie there.
    make_database(path, "new");
    CHECK(sound_study(path) == "new:2");
  }
  SUBCASE("replaced: the old log is not read into the new file") {
    make_database(other, "other");
    CHECK(contains(second_write([&] { fs::rename(other, path); }), "was deleted or replaced"));
    CHECK(sound_study(path) == "other:2");
  }
  SUBCASE("replaced, and closed without another write") {
    make_database(other, "other");
    {
      const auto store = open_sqlite_store(path, OpenMode::kCreate);
      complete_trial(*store, store->create_study(sample_study("mine")).id, 0, 1);
      fs::rename(other, path);
    }
    CHECK(sound_study(path) == "other:2");
  }
  SUBCASE("its log deleted: what was stored is kept") {
    CHECK(contains(second_write([&] { fs::remove(path.string() + "-wal"); }), "its log"));
    CHECK(sound_study(path) == "mine:2");
  }
}

TEST_CASE("the log of a killed process is not read into another file of the same name") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db", other = directory.path() / "other.db";
  make_database(other, "other");
  if (!keeps_marks(other)) {
    MESSAGE("skipped: this file system keeps no extended attributes, which tell the files apart");
    return;
  }
  make_database_and_die(path, "mine");
  REQUIRE(fs::file_size(path.string() + "-wal") > 0);
  SUBCASE("its own log is read") {
    CHECK(sound_study(path) == "mine:2");
  }
  SUBCASE("replaced: reading refuses, writing sets the log aside") {
    fs::rename(other, path);
    CHECK(contains(error_of([&] { open_sqlite_store(path, OpenMode::kReadOnly); }),
                   "belongs to another file"));
    CHECK(sound_study(path) == "other:2");
    CHECK(fs::exists(path.string() + "-wal.old-1"));
  }
  SUBCASE("replaced by a copy without a mark") {
    const std::string content = read_file(other);
    write_file_atomically(path, content);
    CHECK(sound_study(path) == "other:2");
  }
  SUBCASE("deleted and begun anew") {
    fs::remove(path);
    make_database(path, "new");
    CHECK(sound_study(path) == "new:2");
    CHECK(fs::exists(path.string() + "-wal.old-1"));
  }
}

TEST_CASE("a database of two names is refused, since each would get a log of its own") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db", second = directory.path() / "second.db";
  make_database(path, "s");
  fs::create_hard_link(path, second);
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
    CHECK(contains(error_of([&] { open_sqlite_store(second, mode); }), "hard links"));
  }
  fs::remove(second);
  CHECK(sound_study(path) == "s:2");
}

TEST_CASE("what a killed creation left is removed, what another process makes is not") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  const std::string dead = "r.db.new-" + std::to_string(dead_process()) + "-0";
  const std::string alive = "r.db.new-" + std::to_string(::getppid()) + "-0";
  // Copies that people make have such names, too: the number may be that of no process.
  std::vector<std::string> kept{alive,         "r.db.new",       "r.db.new-x-1",
                                dead + "1-03", dead + "-2.copy", dead.substr(0, dead.size() - 2)};
  for (const std::string& name : kept) write_file_atomically(directory.path() / name, "x");
  for (const std::string& name : {dead, dead + "-wal", dead + "-shm"}) {
    write_file_atomically(directory.path() / name, "x");
  }
  make_database(path, "s");
  kept.emplace_back("r.db");
  std::sort(kept.begin(), kept.end());
  CHECK(names_in(directory.path()) == kept);
}

TEST_CASE("a journal that is not this database's is named at once, not waited for") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db", journal = directory.path() / "r.db-journal";
  make_database(path, "s");
  for (const std::string& content : {std::string("garbage that SQLite would take for a journal"),
                                     "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + std::string(600, 'x')}) {
    write_file_atomically(journal, content);
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
      CHECK(contains(error_of([&] { open_sqlite_store(path, mode); }), journal.string()));
    }
    CHECK(read_file(journal) == content);
  }
  write_file_atomically(journal, std::string(100, '\0'));  // how SQLite ends one
  CHECK(sound_study(path) == "s:2");
}

TEST_CASE("check finds an index that differs from its table") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path, "s");
  std::string content = read_file(path);
  // The digest of an architecture is in the table and in the index that finds it.
  const std::string digest = to_hex(sample_claim(1, 1).digest);
  const std::size_t first = content.find(digest), last = content.rfind(digest);
  REQUIRE(first != std::string::npos);
  REQUIRE(first != last);
  content[last] = 'f';
  write_file_atomically(path, content);
  const auto problems = open_sqlite_store(path, OpenMode::kReadOnly)->check();
  REQUIRE_FALSE(problems.empty());
  CHECK(contains(problems[0], "index 'sqlite_autoindex_architecture_1'"));
}

TEST_CASE("check names the rows that refer to missing ones, and ranked values of other trials") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path, "s");
  const auto problems_after = [&](const std::string& damage) {
    {
      SqliteConnection connection({path, Access::kWrite, {}});
      connection.run_script("PRAGMA foreign_keys = OFF; " + damage);
    }
    return join(open_sqlite_store(path, OpenMode::kReadOnly)->check(), "\n");
  };
  CHECK(problems_after("SELECT 1").empty());
  CHECK(contains(problems_after("UPDATE metric SET trial_number = trial_number + 7 WHERE id = 2"),
                 "metric 2: belongs to another architecture or number than its trial"));
  const std::string gone = problems_after("DELETE FROM fidelity; DELETE FROM trial WHERE id = 1");
  CHECK(contains(gone, "table 'metric', row 1: refers to a missing row of 'fidelity'"));
  CHECK(contains(gone, "table 'metric', row 2: refers to a missing row of 'fidelity'"));
  CHECK(contains(gone, "refers to a missing row of 'trial'"));
  CHECK_FALSE(contains(gone, "missing row of 'space'"));
}

TEST_CASE("names with a meaning for SQLite are names of files, made and opened alike") {
  const TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  for (const char* name : {":memory:", "file:uu.db", "file:x?mode=memory", "-journal"}) {
    CAPTURE(name);
    make_database(name, "s");
    CHECK(sound_study(name) == "s:2");
    CHECK(fs::exists(directory.path() / name));
  }
  fs::current_path(before);
}

}  // namespace nas::test
