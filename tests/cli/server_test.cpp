// nasctl on a real server, as several people would share it.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"
#include "tests/db/postgres_server.h"

namespace nas::test {
namespace {

constexpr const char* kPassword = "hunter2-s3cret";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A database of the shared server with a user who needs a password, and a directory to work in.
class Place {
 public:
  Place() : server_(PostgresServer::shared()), database_(server_.new_database()) {
    static const bool made = make_user();
    CHECK(made);
    server_.run_sql("GRANT ALL ON DATABASE " + database_ + " TO ada");
  }

  const std::filesystem::path& path() const { return directory_.path(); }
  /// Without a password: as the administrator.
  std::string address() const { return server_.dsn(database_); }
  std::string with_password(const std::string& password = kPassword) const {
    const std::string plain = server_.dsn(database_, "ada");
    return plain.substr(0, plain.find('@')) + ":" + password + plain.substr(plain.find('@'));
  }

  Outcome run(const std::vector<std::string>& words) const {
    const Outcome outcome = nasctl(path(), words);
    CHECK_FALSE(contains(outcome.out + outcome.err, "hunter2"));
    return outcome;
  }
  /// With the password in SEARCHLIGHT_STORE.
  Outcome run_line(const std::string& line) const {
    const Outcome outcome =
        shell(path(), "export SEARCHLIGHT_STORE='" + with_password() + "'; " + line);
    CHECK_FALSE(contains(outcome.out + outcome.err, "hunter2"));
    return outcome;
  }
  Outcome search(const std::string& name, const std::string& store) const {
    return run({"search", "run", "--space", "cifar_resnet", "--minimize", "macs", "--budget", "6",
                "--name", name, "--no-winner", "-q", "--store", store});
  }

 private:
  bool make_user() const {
    server_.run_sql("CREATE ROLE ada LOGIN PASSWORD '" + std::string(kPassword) + "'");
    server_.require_password("ada");
    return true;
  }

  PostgresServer& server_;
  std::string database_;
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("server: a search, its answers and its upkeep are as on a file") {
  if (!PostgresServer::available()) return;
  const Place place;
  const std::string store = place.address();
  CHECK(contains(place.run({"search", "list", "--store", store}).err, "run a search first"));
  REQUIRE(place.search("first", store).code == 0);
  REQUIRE(place.search("first", "local.db").code == 0);
  const std::string query =
      "SELECT trial, value, architecture FROM leaderboard WHERE metric = 'macs' ORDER BY trial";
  const std::vector<std::string> asked = {"db", "query", query, "--format", "csv", "--store"};
  const auto answer = [&](std::vector<std::string> words, const std::string& from) {
    words.push_back(from);
    return place.run(words).out;
  };
  CHECK(answer(asked, store) == answer(asked, "local.db"));
  CHECK(answer({"search", "best", "first", "--json", "--store"}, store) ==
        answer({"search", "best", "first", "--json", "--store"}, "local.db"));
  CHECK(contains(place.run({"search", "status", "first", "--store", store}).out, "finished"));
  CHECK(place.run({"search", "resume", "first", "--budget", "8", "--store", store}).code == 0);
  CHECK(place.run({"search", "report", "first", "--output", "report", "--store", store}).code == 0);
  CHECK(contains(place.run({"arch", "show", "trial:first/2", "--store", store}).out, "macs"));
  CHECK(contains(place.run({"db", "stats", "--store", store}).out, "PostgreSQL"));
  CHECK(contains(place.run({"db", "check", "--store", store}).out, "sound: postgresql://"));
  CHECK(place.run({"search", "rename", "first", "second", "--store", store}).code == 0);
  CHECK(place.run({"search", "remove", "second", "--yes", "--store", store}).code == 0);
}

TEST_CASE("server: stores are copied both ways and merged") {
  if (!PostgresServer::available()) return;
  const Place place;
  const std::string store = place.address();
  REQUIRE(place.search("first", "local.db").code == 0);
  CHECK(contains(place.run({"db", "copy", "local.db", store}).out, "were read back and are equal"));
  CHECK(contains(place.run({"db", "copy", "local.db", store}).err, "is not empty"));
  CHECK(contains(place.run({"db", "copy", store, store}).err, "are the same store"));
  CHECK(contains(place.run({"db", "copy", store, "x.db", "--store", store}).err, "no effect"));
  REQUIRE(place.run({"db", "copy", store, "back.db"}).code == 0);
  REQUIRE(place.search("of node", "node.db").code == 0);
  REQUIRE(place.run({"db", "merge", "back.db", "node.db", "--into", store}).code == 0);
  CHECK(contains(place.run({"search", "list", "--store", store}).out, "of node"));
  REQUIRE(nasctl(place.path(),
                 {"search", "run", "--space", "cifar_resnet", "--minimize", "macs", "--budget", "6",
                  "--seed", "1", "--name", "first", "--no-winner", "-q", "--store", "other.db"})
              .code == 0);
  const Outcome refused = place.run({"db", "merge", "other.db", "--into", store, "-q"});
  CHECK(is_one_line_error(refused));
  CHECK(contains(refused.err, "study 'first' is not the one of this name"));
  CHECK(contains(place.run({"db", "merge", "other.db", "--into", store, "--rename"}).err,
                 "became 'first-2'"));
  CHECK(place.run({"search", "resume", "first-2", "--budget", "8", "--store", store}).code == 0);
}

TEST_CASE("server: a password is used, and nowhere to be seen") {
  if (!PostgresServer::available()) return;
  const Place place;
  // On the command line, as libpq takes it; and in the environment.
  REQUIRE(place.search("first", place.with_password()).code == 0);
  for (const char* line : {"$NASCTL search list", "$NASCTL db stats", "$NASCTL db check",
                           "$NASCTL search status first", "$NASCTL search status first --config",
                           "$NASCTL db stats --json", "$NASCTL search list -v"})
    place.run_line(line);
  CHECK(contains(place.run_line("$NASCTL db stats").out, "postgresql://ada@/"));
  CHECK(place.run_line("$NASCTL complete study ''").out == "first\n");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"db", "stats", "--store", place.with_password("wrong-hunter2")},
           {"db", "stats", place.with_password()},
           {"search", "list", "--stor", place.with_password()},
           {"db", "stats", "--store", place.with_password() + "&sslmod=require"},
           {"db", "stats", "--store", "postgress://ada:hunter2@h/x"},
           {"db", "stats", "--store", "postgresql://ada:hunter2/x@h/x"}}) {
    CHECK(is_one_line_error(place.run(words)));
  }
  // What is stored has no password either.
  REQUIRE(place.run({"db", "copy", place.with_password(), "copy.db"}).code == 0);
  CHECK_FALSE(contains(read_file(place.path() / "copy.db"), "hunter2"));
  write_file_atomically(place.path() / "study.toml",
                        "name = \"a\"\n# " + place.with_password() + "\n");
  const Outcome refused = place.run({"search", "run", "--file", "study.toml"});
  CHECK(is_one_line_error(refused));
  CHECK(contains(refused.err, "study.toml:2: holds an address with a password"));
}

TEST_CASE("server: a child gets the password in its environment, not on its command line") {
  if (!PostgresServer::available()) return;
  const Place place;
  REQUIRE(place.search("first", place.with_password()).code == 0);
  // An explorer beside a nasctl of its own says how it was started.
  write_file_atomically(place.path() / "nas-explorer",
                        "#!/bin/bash\ntr '\\0' ' ' < /proc/$$/cmdline; echo; echo \"with "
                        "${PGPASSWORD/hunter2/***}\"\n");
  std::filesystem::permissions(place.path() / "nas-explorer", std::filesystem::perms::owner_all);
  for (const std::string& line :
       {std::string("./nasctl gui"), "./nasctl gui '" + place.with_password() + "'"}) {
    const Outcome started =
        place.run_line("ln -f $NASCTL nasctl 2>/dev/null || cp $NASCTL nasctl; " + line);
    CHECK(contains(started.out, "postgresql://ada@/"));
    CHECK(contains(started.out, "with ***-s3cret"));
  }
}

}  // namespace nas::test
