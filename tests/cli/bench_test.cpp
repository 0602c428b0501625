#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

// Indices 0 and 284 of NAS-Bench-201 and two of the smallest cells; the last accuracy is missing,
// the proxy of the third failed.
constexpr char kTable[] =
    "arch,params,acc,proxy,flat\n"
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~"
    "2|,"
    "129306,85.86,2,1\n"
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|,"
    "101306,88.79,3,1\n"
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,73306,10,-1e8,1\n"
    "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|,73306,,1,1\n";

constexpr char kMapping[] = R"toml(name = "four"
space = "nasbench201"
licence = "CC0"
source = "a test"
[architecture]
fields = "arch"
[[column]]
field = "params"
metric = "params"
dataset = "cifar10"
maximize = false
source = "computed"
[[column]]
field = "acc"
metric = "accuracy"
dataset = "cifar10"
split = "test"
epochs = 200
statistic = "mean"
unit = "%"
[[column]]
field = "proxy"
metric = "synflow"
failed = -1e8
source = "proxy"
[[column]]
field = "flat"
metric = "flat"
source = "proxy"
)toml";

Outcome import_four(const TemporaryDirectory& directory) {
  write_file_atomically(directory.path() / "four.csv", kTable);
  write_file_atomically(directory.path() / "four.toml", kMapping);
  return nasctl(directory.path(), {"bench", "import", (directory.path() / "four.csv").string(),
                                   "--mapping", (directory.path() / "four.toml").string()});
}

}  // namespace

TEST_CASE("golden transcripts of benchmarks") {
  const TemporaryDirectory directory;
  REQUIRE(import_four(directory).code == 0);
  const std::vector<std::pair<std::string, std::vector<std::string>>> transcripts = {
      {"bench_query_help.txt", {"help", "bench", "query"}},
      {"bench_simulate_help.txt", {"help", "bench", "simulate"}},
      {"search_compare_help.txt", {"help", "search", "compare"}},
      {"bench_columns.txt", {"bench", "query", "four", "--columns"}},
      {"bench_correlate.txt", {"bench", "correlate", "four", "--truth", "accuracy"}},
      {"bench_export.txt", {"bench", "export", "four", "--format", "csv"}},
      {"bench_verify.txt", {"bench", "verify", "four"}},
  };
  const std::filesystem::path golden = NAS_CLI_GOLDEN;
  for (const auto& [file, words] : transcripts) {
    CAPTURE(file);
    CHECK(nasctl(directory.path(), words).out == read_file(golden / file));
  }
}

TEST_CASE("bench score that is interrupted says so to the shell and resumes") {
  const TemporaryDirectory directory;
  const std::vector<std::string> words{
      "bench",   "score",   "part", "--space",   "nasbench201", "--count",    "600", "--proxies",
      "synflow", "--batch", "2",    "--workers", "1",           "--progress", "bar"};
  Program program(directory.path(), words);
  REQUIRE(program.wait_for_error_text("[#", 150));
  program.signal(SIGINT);
  const Outcome outcome = program.wait();
  CHECK(outcome.code == 130);
  CHECK(outcome.err.find("the same command resumes from here") != std::string::npos);
}

TEST_CASE("bench commands answer with exit codes and one line of what to do") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  REQUIRE(import_four(directory).code == 0);
  CHECK(run({"bench", "query", "four", "#1"}).code == 0);
  CHECK(run({"--store", "searchlight.db", "-q", "bench", "query", "four", "#1"}).code == 0);
  CHECK(run({"bench", "query", "four", "--where", "accuracy > 99"}).code == 1);
  CHECK(run({"bench", "query", "four", "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"})
            .code == 1);
  CHECK(run({"bench", "query", "fuor", "#1"}).err.find("did you mean 'four'") != std::string::npos);
  CHECK(run({"bench", "query", "four", "--top", "3"}).code == 2);
  CHECK(run({"bench", "remove", "four"}).err.find("--yes") != std::string::npos);
  CHECK(run({"bench", "export", "four"}).err.find("--format") != std::string::npos);
  CHECK(run({"bench", "remove", "four", "--dry-run"}).code == 0);
  CHECK(run({"bench", "list", "--json"}).out.find("four") != std::string::npos);
  CHECK(run({"bench", "remove", "four", "--yes"}).code == 0);
  CHECK(run({"bench", "list", "--json"}).out.find("four") == std::string::npos);
  CHECK(run({"bench", "import", "/nowhere/x.csv"}).code == 2);
}

TEST_CASE("a benchmark's removal names the predictors that learned from it") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  std::string rows = "arch,acc\n";
  for (int i = 0; i < 60; ++i) {
    const auto blocks = [](int choice) { return std::to_string(1 + 2 * choice); };
    rows += blocks(i % 4) + "-" + blocks(i / 4 % 4) + "-" + blocks(i / 16) + "," +
            std::to_string(80 + i % 7) + "\n";
  }
  write_file_atomically(directory.path() / "t.csv", rows);
  for (const std::string name : {"t", "t 2"}) {
    write_file_atomically(directory.path() / "t.toml",
                          "name = \"" + name +
                              "\"\nspace = \"cifar_resnet\"\n[architecture]\nfields = \"arch\"\n"
                              "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\n");
    REQUIRE(run({"bench", "import", "t.csv", "--mapping", "t.toml"}).code == 0);
  }
  for (const auto& [predictor, benchmark] : {std::pair{"one", "t"}, std::pair{"two", "t 2"}}) {
    REQUIRE(run({"predictor", "fit", predictor, "--plugin", "xgboost", "--bench", benchmark,
                 "--target", "accuracy", "--train", "40"})
                .code == 0);
  }
  const Outcome asked = run({"bench", "remove", "t"});
  CHECK(asked.code == 2);
  const Outcome plan = run({"bench", "remove", "t", "--dry-run", "--json"});
  CHECK(plan.out.find("\"predictors_kept\":\"one\"") != std::string::npos);
  const Outcome removed = run({"bench", "remove", "t", "--yes"});
  CHECK(removed.code == 0);
  CHECK(removed.err.find("fitted on it, and kept: one;") != std::string::npos);
  CHECK(run({"predictor", "list", "--json"}).out.find("\"one\"") != std::string::npos);
}

TEST_CASE("one command answers: the most accurate under 3 ms, from two tables of one space") {
  const TemporaryDirectory directory;
  const auto import = [&](const std::string& name, const std::string& rows,
                          const std::string& column) {
    write_file_atomically(directory.path() / (name + ".csv"), rows);
    write_file_atomically(directory.path() / (name + ".toml"),
                          "name = \"" + name + "\"\nspace = \"cifar_resnet\"\n" +
                              "[architecture]\nfields = \"arch\"\n[[column]]\n" + column);
    return nasctl(directory.path(),
                  {"bench", "import", name + ".csv", "--mapping", name + ".toml"});
  };
  REQUIRE(import("acc", "arch,acc\n111,90\n333,92\n131,91\n",
                 "field = \"acc\"\nmetric = \"accuracy\"\n")
              .code == 0);
  REQUIRE(import("lat", "arch,lat\n111,1\n333,5\n1-3-1,2\n",
                 "field = \"lat\"\nmetric = \"latency_ms\"\nmaximize = false\n"
                 "device = \"pixel3\"\n")
              .code == 0);
  const Outcome answer =
      nasctl(directory.path(), {"bench", "query", "acc", "--where", "latency_ms<3@pixel3", "--by",
                                "Accuracy", "--top", "1"});
  CHECK(answer.code == 0);
  CHECK(answer.out.find("131") != std::string::npos);
  CHECK(answer.out.find("latency_ms is of benchmark 'lat'; 3 of the 3 rows of 'acc' are in both") !=
        std::string::npos);
  CHECK(nasctl(directory.path(), {"bench", "query", "acc", "--where", "latency_ms < 0.5k", "--by",
                                  "accuracy", "--pareto", "--by", "latency_ms"})
            .out.find("front: 3 of 3 rows") != std::string::npos);
  const Outcome simulated =
      nasctl(directory.path(),
             {"search", "compare", "acc", "--searchers", "random,nsga2", "--objective", "accuracy",
              "--objective", "latency_ms", "--constraint", "latency_ms<3@pixel3", "--queries",
              "0.1k", "--runs", "3", "--output", "out"});
  CHECK(simulated.code == 0);
  CHECK(simulated.out.find("hypervolume") != std::string::npos);
  const Outcome each = nasctl(
      directory.path(), {"bench", "simulate", "acc", "--searcher", "random", "--objective",
                         "accuracy", "--objective", "latency_ms", "--queries", "5", "--each"});
  CHECK(each.out.find("accuracy") != std::string::npos);
  CHECK(each.out.find("lat/latency_ms:device") == std::string::npos);
  CHECK(simulated.err.find("are in both") != std::string::npos);
  CHECK(read_file(directory.path() / "out" / "fronts.csv").find("(the table),,2,91,2,131\n") !=
        std::string::npos);
  // Where no row meets the conditions, the nearest ones are the answer, and its code is 1.
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"bench", "query", "acc", "--where", "latency_ms<0.5@pixel3"},
        {"bench", "simulate", "acc", "--searcher", "random", "--objective", "accuracy",
         "--constraint", "latency_ms<0.5@pixel3", "--queries", "5"}}) {
    const Outcome none = nasctl(directory.path(), words);
    CAPTURE(none.err);
    CHECK(none.code == 1);
    CHECK(none.out.find("< 0.5 by 0.5") != std::string::npos);
    CHECK(none.err.find("the nearest is row 0") != std::string::npos);
  }
  const Outcome twice = nasctl(directory.path(), {"bench", "query", "acc", "111", "--column",
                                                  "accuracy", "--column", "Accuracy", "--json"});
  CHECK(twice.out.find("accuracy") == twice.out.rfind("accuracy"));
  const Outcome unclear = nasctl(directory.path(), {"bench", "query", "acc", "--by", "latncy"});
  CHECK(unclear.code == 2);
  CHECK(unclear.err.find("\n  lat/latency_ms\n") != std::string::npos);
}

}  // namespace nas::test
