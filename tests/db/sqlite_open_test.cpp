#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "db/database_file.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

namespace fs = std::filesystem;

std::string open_error(const fs::path& path, OpenMode mode) {
  return error_of([&] { open_sqlite_store(path, mode); });
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void make_database(const fs::path& path, std::int64_t trials = 3) {
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  const StudyRow study = store->create_study(sample_study("s"));
  for (std::int64_t number = 0; number < trials; ++number) {
    complete_trial(*store, study.id, number, static_cast<double>(number));
  }
}

// What a program that was killed leaves: the database with a log that nobody has folded in. Copied
// while the writer lives.
void make_database_with_log(const fs::path& directory) {
  const TemporaryDirectory live;
  const auto store = open_sqlite_store(live.path() / "r.db", OpenMode::kCreate);
  const StudyRow study = store->create_study(sample_study("s"));
  for (std::int64_t number = 0; number < 3; ++number) complete_trial(*store, study.id, number, 1);
  fs::copy_file(live.path() / "r.db", directory / "r.db");
  fs::copy_file(live.path() / "r.db-wal", directory / "r.db-wal");
}

std::size_t count_trials(const Store& store) {
  return store.trials(store.find_study("s").value().id).size();
}

}  // namespace

TEST_CASE("a database is made complete in one step and found by its application id") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  open_sqlite_store(path, OpenMode::kCreate);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"r.db"});
  CHECK(read_file(path).substr(68, 4) == "SLGT");
  const auto store = open_sqlite_store(path, OpenMode::kCreate);
  CHECK(store->stats().schema_version == sqlite_schema_version());
  CHECK(store->check().empty());
}

TEST_CASE("what is not a database of ours is refused in one clear line") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
    CHECK(open_error(path, mode).find("No such file") != std::string::npos);
    CHECK(open_error(directory.path(), mode).find("is a directory") != std::string::npos);
    CHECK(open_error("/dev/null", mode).find("not a regular file") != std::string::npos);
  }
  CHECK(files_in(directory.path()).empty());
  CHECK(open_error(directory.path() / "absent" / "r.db", OpenMode::kCreate)
            .find("there is no directory") != std::string::npos);
  const std::pair<std::string, std::string> contents[] = {
      {"", "is empty"},
      {"x", "has only 1 bytes"},
      {std::string(5000, '\0'), "not an SQLite file"},
      {std::string("SQLite format 3\0", 16), "has only 16 bytes"},
      {std::string("SQLite format 3\0", 16) + std::string(500, 'x'), "of another program"}};
  for (const auto& [content, message] : contents) {
    write_file(path, content);
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
      const std::string text = open_error(path, mode);
      CHECK_MESSAGE(text.find(message) != std::string::npos, text);
      CHECK(text.find(path.string()) != std::string::npos);
      CHECK(text.find('\n') == std::string::npos);
      CHECK(read_file(path) == content);
    }
  }
}

TEST_CASE("an SQLite file of another program is refused and left alone") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path);
  std::string content = read_file(path);
  content[68] = 'X';
  write_file(path, content);
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
    CHECK(open_error(path, mode).find("of another program") != std::string::npos);
  }
  CHECK(read_file(path) == content);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"r.db"});
}

TEST_CASE("a newer schema is refused in one line") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path);
  { SqliteConnection({path, Access::kWrite, {}}).run_script("PRAGMA user_version = 99"); }
  for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
    const std::string text = open_error(path, mode);
    CHECK_MESSAGE(text.find("schema version 99") != std::string::npos, text);
    CHECK(text.find("use a newer Searchlight") != std::string::npos);
  }
}

TEST_CASE("opening for reading changes no byte and leaves no file behind") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path);
  const std::string before = sha256_file(path);
  const auto time = fs::last_write_time(path);
  {
    const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
    CHECK(count_trials(*store) == 3);
    CHECK(store->check().empty());
    CHECK(store->query("SELECT count(*) FROM leaderboard", 10).rows.at(0).at(0) == "3");
    CHECK_THROWS_WITH_AS(store->create_study(sample_study("t")), doctest::Contains("reading only"),
                         Error);
    CHECK_THROWS_WITH_AS(store->connect()->reclaim(1, ""), doctest::Contains("reading only"),
                         Error);
  }
  CHECK(sha256_file(path) == before);
  CHECK(fs::last_write_time(path) == time);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"r.db"});
}

TEST_CASE(
    "opening for reading shows what a killed writer left in its log and leaves both files as they "
    "are") {
  const TemporaryDirectory directory;
  make_database_with_log(directory.path());
  const std::string database = sha256_file(directory.path() / "r.db");
  const std::string log = sha256_file(directory.path() / "r.db-wal");
  for (int i = 0; i < 2; ++i) {
    CHECK(count_trials(*open_sqlite_store(directory.path() / "r.db", OpenMode::kReadOnly)) == 3);
    CHECK(sha256_file(directory.path() / "r.db") == database);
    CHECK(sha256_file(directory.path() / "r.db-wal") == log);
  }
  CHECK(count_trials(*open_sqlite_store(directory.path() / "r.db", OpenMode::kReadWrite)) == 3);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"r.db"});
}

TEST_CASE(
    "a reader sees what writers add while it is open, and does not keep them from closing "
    "cleanly") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path, 1);
  const auto reader = open_sqlite_store(path, OpenMode::kReadOnly);
  CHECK(count_trials(*reader) == 1);
  {
    const auto writer = open_sqlite_store(path, OpenMode::kReadWrite);
    complete_trial(*writer, writer->find_study("s").value().id, 1, 5);
    CHECK(count_trials(*reader) == 2);
  }
  CHECK(count_trials(*reader) == 2);
  CHECK(count_trials(*open_sqlite_store(path, OpenMode::kReadWrite)) == 2);
}

TEST_CASE("a directory that cannot be written: reading works without a trace, writing is refused") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "r.db";
  make_database(path);
  ::chmod(directory.path().c_str(), 0555);
  ::chmod(path.c_str(), 0444);
  CHECK(error_without_privileges([&] {
          if (count_trials(*open_sqlite_store(path, OpenMode::kReadOnly)) != 3) {
            throw Error(ErrorKind::kData, "trials missing");
          }
        }) == "");
  CHECK(error_without_privileges([&] { open_sqlite_store(path, OpenMode::kReadWrite); }) ==
        "database '" + path.string() +
            "': cannot be written, the file or its directory is read-only for this user");
  const std::string text = error_without_privileges(
      [&] { open_sqlite_store(directory.path() / "new.db", OpenMode::kCreate); });
  CHECK_MESSAGE(text.find("cannot be created: Permission denied") != std::string::npos, text);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"r.db"});
  ::chmod(path.c_str(), 0000);
  CHECK(error_without_privileges([&] {
          open_sqlite_store(path, OpenMode::kReadOnly);
        }).find("cannot be read: Permission denied") != std::string::npos);
  ::chmod(directory.path().c_str(), 0755);
}

TEST_CASE("a log that cannot be read without writing beside it is named, never skipped silently") {
  const TemporaryDirectory directory;
  make_database_with_log(directory.path());
  ::chmod(directory.path().c_str(), 0555);
  const std::string text = error_without_privileges(
      [&] { count_trials(*open_sqlite_store(directory.path() / "r.db", OpenMode::kReadOnly)); });
  ::chmod(directory.path().c_str(), 0755);
  CHECK_MESSAGE(text.find("unfinished changes of a writer") != std::string::npos, text);
  CHECK(text.find("r.db-wal") != std::string::npos);
}

TEST_CASE("names with any character work, impossible ones are refused") {
  const TemporaryDirectory directory;
  for (const std::string name :
       {"with space", "quote'\"quote", "%41%zz", "a?mode=memory", "{}", "new\nline", "ünï",
        "file:x", ":memory:", "bad\xff\xfeutf8", "#hash&x=1", "-wal"}) {
    const fs::path path = directory.path() / name / "r.db";
    fs::create_directory(directory.path() / name);
    make_database(path, 1);
    CHECK(count_trials(*open_sqlite_store(path, OpenMode::kReadOnly)) == 1);
    CHECK(count_trials(*open_sqlite_store(path, OpenMode::kReadWrite)) == 1);
    // The way of a directory that cannot be written, which goes through a URI.
    SqliteConnection connection({path, Access::kImmutable, {}});
    CHECK(connection.select("SELECT count(*) FROM trial").next_text() == "1");
    CHECK(files_in(directory.path() / name) == std::vector<std::string>{"r.db"});
  }
  CHECK(open_error(directory.path() / "new\nline" / "absent", OpenMode::kReadOnly).find('\n') ==
        std::string::npos);
  CHECK(open_error("", OpenMode::kCreate).find("name is empty") != std::string::npos);
  CHECK(open_error(std::string("a\0b", 3), OpenMode::kCreate).find("NUL") != std::string::npos);
  CHECK(open_error(directory.path() / std::string(200, 'x') / std::string(200, 'x') /
                       std::string(200, 'x'),
                   OpenMode::kCreate)
            .find("at most 480") != std::string::npos);
}

TEST_CASE("a symbolic link opens the database it points to") {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() / "real");
  make_database(directory.path() / "real" / "r.db");
  fs::create_symlink(directory.path() / "real" / "r.db", directory.path() / "link.db");
  const auto store = open_sqlite_store(directory.path() / "link.db", OpenMode::kReadWrite);
  CHECK(count_trials(*store) == 3);
  CHECK(files_in(directory.path()) == std::vector<std::string>{"link.db", "real"});
}

TEST_CASE("network file systems are told by their magic number") {
  CHECK(network_filesystem(0x6969) == "NFS");
  CHECK(network_filesystem(0xFF534D42) == "SMB");
  CHECK_FALSE(network_filesystem(0xEF53).has_value());      // ext4
  CHECK_FALSE(network_filesystem(0x01021994).has_value());  // tmpfs
}

}  // namespace nas::test
