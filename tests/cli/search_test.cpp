#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Everything of a study's rows but times and workers.
std::string rows(const std::filesystem::path& path, const std::string& store) {
  return nasctl(path,
                {"db", "query",
                 "SELECT trial.number, architecture.text, trial.state, metric.name, metric.value "
                 "FROM trial JOIN architecture ON architecture.id = trial.architecture_id "
                 "JOIN metric ON metric.trial_id = trial.id ORDER BY 1, metric.id",
                 "--store", store, "--format", "csv"})
      .out;
}

/// A search that trains, half a second a trial, and redraws its progress after each.
std::vector<std::string> training_search(const std::string& store, const std::string& trials) {
  return {"search",   "run",         "--preset",          "smoke",    "--name",
          "s",        "--no-winner", "--progress",        "bar",      "--recipe",
          "epochs=1", "--recipe",    "train_samples=500", "--budget", trials,
          "--store",  store};
}

TEST_CASE("equal commands give equal rows, and a finished study says so at once") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const auto run = [&](const std::string& store) {
    return nasctl(path, {"search", "run", "--space", "nasbench201", "--searcher", "evolution",
                         "--minimize", "macs", "--minimize", "params", "--budget", "40", "--seed",
                         "7", "--name", "s", "--store", store});
  };
  REQUIRE(run("a.db").code == 0);
  REQUIRE(run("b.db").code == 0);
  CHECK(rows(path, "a.db") == rows(path, "b.db"));
  CHECK(split(rows(path, "a.db"), '\n').size() > 80);
  const std::string before = read_file(path / "a.db");
  CHECK(run("a.db").code == 0);
  CHECK(rows(path, "a.db") == rows(path, "b.db"));
  const Outcome other = nasctl(path, {"search", "run", "--space", "nasbench201", "--minimize",
                                      "macs", "--budget", "41", "--name", "s", "--store", "a.db"});
  CHECK(is_one_line_error(other));
}

TEST_CASE("an infeasible constraint ends with exit code 1 and the closest architecture") {
  const TemporaryDirectory directory;
  const Outcome outcome =
      nasctl(directory.path(), {"search", "run", "--space", "nasbench201", "--minimize", "macs",
                                "--constraint", "params<1k", "--budget", "30", "--name", "s"});
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "the nearest is trial"));
  CHECK(contains(outcome.err, "|"));
}

TEST_CASE("a study prints the file that runs it again") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, {"search", "run", "--space", "ofa_mobilenetv3:width_multiplier=1.2",
                        "--minimize", "macs", "--budget", "5", "--name", "s", "--store", "a.db"})
              .code == 0);
  const Outcome config = nasctl(path, {"search", "status", "s", "--config", "--store", "a.db"});
  std::ofstream(path / "study.toml") << config.out;
  REQUIRE(nasctl(path, {"search", "run", "study.toml", "--store", "b.db"}).code == 0);
  CHECK(rows(path, "a.db") == rows(path, "b.db"));
}

TEST_CASE("Ctrl-C once pauses; the same command continues to the rows of an uninterrupted run") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  Program program(path, training_search("a.db", "4"));
  REQUIRE(program.wait_for_error_text(" 1/4", 150));
  program.signal(SIGINT);
  const Outcome stopped = program.wait();
  CHECK(stopped.code == 130);
  CHECK(contains(stopped.err, "search resume s"));
  CHECK(contains(nasctl(path, {"search", "status", "s", "--store", "a.db"}).out, "paused"));
  CHECK(nasctl(path, {"search", "resume", "s", "--store", "a.db"}).code == 0);
  REQUIRE(nasctl(path, training_search("b.db", "4")).code == 0);
  CHECK(rows(path, "a.db") == rows(path, "b.db"));
}

TEST_CASE("Ctrl-C twice stops at once and the database stays sound") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  Program program(path, training_search("a.db", "50"));
  REQUIRE(program.wait_for_error_text(" 1/50", 150));
  program.signal(SIGINT);
  REQUIRE(program.wait_for_error_text("interrupt again", 60));
  program.signal(SIGINT);
  const Outcome stopped = program.wait();
  CHECK(stopped.code == 130);
  CHECK(nasctl(path, {"search", "list", "--store", "a.db"}).code == 0);
  CHECK_FALSE(contains(nasctl(path, {"db", "check", "--store", "a.db"}).out, "damaged"));
}

TEST_CASE("--preset smoke with a space is the recipe alone") {
  const TemporaryDirectory directory;
  const Outcome given =
      nasctl(directory.path(), {"search", "run", "--space", "nasbench201", "--data", "glyphs",
                                "--preset", "smoke", "--maximise", "accuracy", "--dry-run"});
  CHECK(given.code == 0);
  CHECK(contains(given.out, "preset = \"smoke\""));
  CHECK_FALSE(contains(given.out, "macs"));
  const Outcome alone =
      nasctl(directory.path(), {"search", "run", "--preset", "smoke", "--dry-run"});
  CHECK(contains(alone.out, "macs < 200000000"));
}

TEST_CASE("acceptance: a change of the smoke search shows as a readable difference") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  std::string changed = read_file(NAS_SMOKE_SIGNATURE);
  const std::size_t at = changed.find("macs=") + 5;
  changed[at] = changed[at] == '9' ? '8' : '9';
  std::ofstream(path / "changed") << changed;
  const Outcome outcome =
      nasctl(path, {"search", "run", "--preset", "smoke", "--signature", "changed"});
  CHECK(outcome.code == 1);
  CHECK(outcome.out.starts_with("trial 0: macs is "));
  CHECK(split(outcome.out, '\n').size() == 2);
  CHECK_FALSE(std::filesystem::exists(path / "searchlight.db"));
}

}  // namespace
}  // namespace nas::test
