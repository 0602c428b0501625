// Signals, limits of the system, closed descriptors and special files.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kSearch = {"search",     "run",    "--space",  "nasbench201",
                                          "--minimize", "params", "--budget", "2",
                                          "--name",     "n",      "--store",  "s.db"};

TEST_CASE("db query: numbers are numbers, one Ctrl-C ends it, a huge value is refused") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, kSearch).code == 0);
  const auto query = [](const std::string& sql, const char* format) {
    return std::vector<std::string>{"db", "query", sql, "--store", "s.db", "--format", format};
  };
  CHECK(contains(nasctl(path, query("SELECT 1 AS a, 0.5 AS b, '1' AS c", "json")).out,
                 "{\"a\":1,\"b\":0.5,\"c\":\"1\"}"));
  CHECK(nasctl(path, query("SELECT -1 AS a, 1e300 AS b", "csv")).out == "a,b\n-1,1e+300\n");
  CHECK(contains(nasctl(path, query("SELECT hex(zeroblob(499999999))", "csv")).err, "64 MB"));
  // Once the handler is there: bit 1 of the signals that it catches.
  const Outcome stopped = shell(
      path,
      "\"$NASCTL\" db query --store s.db 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
      "FROM n) SELECT count(*) FROM n' & "
      "until grep -q 'SigCgt:.*[2367abef]$' /proc/$!/status; do sleep 0.05; done; "
      "kill -INT $!; wait $!");
  CHECK(stopped.code == 130);
}

TEST_CASE("Ctrl-C ends a computation that keeps nothing in plain words and with 130") {
  const TemporaryDirectory directory;
  Program program(directory.path(), {"circuit", "grow", "--data", "ground_state:heisenberg:6",
                                     "--error", "1e-9", "--progress", "bar"});
  REQUIRE(program.wait_for_error_text("CNOTs, error", 60));
  program.signal(SIGINT);
  const Outcome stopped = program.wait();
  CHECK(stopped.code == 130);
  CHECK(stopped.out.empty());
  CHECK(contains(stopped.err, "nasctl: interrupted\n"));
  CHECK_FALSE(contains(stopped.err, "internal error"));
}

TEST_CASE("an answer that nobody can get, or a file over a limit, is not a success") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  CHECK(shell(path, "\"$NASCTL\" space list <&- >&- 2>&-").code == 2);
  CHECK(shell(path, "\"$NASCTL\" space list >&-").code == 2);
  CHECK(shell(path, "\"$NASCTL\" space list > /dev/full").code == 2);
  const Outcome limited =
      shell(path,
            "ulimit -f 8; \"$NASCTL\" search run --space nasbench201 --minimize params --budget 2 "
            "--name n --store s.db");
  CAPTURE(limited.err);
  CHECK(is_one_line_error(limited));
  CHECK_FALSE(std::filesystem::exists(path / "s.db"));
}

TEST_CASE("endless and special files are refused, whatever they stand for") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(::mkfifo((path / "pipe").c_str(), 0600) == 0);
  for (const std::string& file : {std::string("/dev/zero"), (path / "pipe").string()}) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"search", "run", file},
          {"bench", "import", file, "--store", "s.db"},
          {"bench", "import", "absent.csv", "--mapping", file, "--store", "s.db"},
          {"data", "show", "mnist:" + file},
          {"search", "list", "--store", file}}) {
      const Outcome outcome = nasctl(path, words);
      CAPTURE(file);
      CAPTURE(outcome.err);
      CHECK(is_one_line_error(outcome));
    }
  }
}

TEST_CASE("a network that is shown is as deep as one that is trained may be") {
  const TemporaryDirectory directory;
  for (const char* option : {"--depth", "--width"}) {
    const Outcome outcome = nasctl(
        directory.path(), {"arch", "show", "--space", "nasbench201", "index:0", option, "1000000"});
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, option));
  }
}

}  // namespace
}  // namespace nas::test
