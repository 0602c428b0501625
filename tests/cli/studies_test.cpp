// Studies live: they grow, are renamed, removed and compared, and their files stay.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> cheap_search(const std::string& name, const std::string& budget) {
  return {"search",     "run",    "--space",  "cifar_resnet", "--searcher", "evolution",
          "--minimize", "params", "--budget", budget,         "--name",     name};
}

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("a finished study grows by the same command and by resume, and never shrinks") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  const auto trials = [&] {
    return run({"db", "query", "SELECT count(*) AS n FROM trial", "--format", "csv"}).out;
  };
  REQUIRE(run(cheap_search("r", "10")).code == 0);
  const Outcome grown = run(cheap_search("r", "20"));
  CHECK(grown.code == 0);
  CHECK(contains(grown.err, "budget.trials: 10 -> 20"));
  CHECK(trials() == "n\n20\n");
  CHECK(run({"search", "resume", "r", "--budget", "25"}).code == 0);
  CHECK(trials() == "n\n25\n");
  CHECK(contains(run({"search", "status", "r", "--config"}).out, "trials = 25"));
  for (const Outcome& smaller :
       {run(cheap_search("r", "5")), run({"search", "resume", "r", "--budget", "5"})}) {
    CHECK(is_one_line_error(smaller));
    CHECK(contains(smaller.err, "cannot shrink"));
  }
}

TEST_CASE("an infeasible study shows the nearest trials and exits 1") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  const Outcome search = run(with(cheap_search("i", "8"), {"--constraint", "params<1k"}));
  CHECK(search.code == 1);
  CHECK(contains(search.out, "missed_by"));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"search", "best", "i"},
                                                {"search", "best", "i", "--pareto"},
                                                {"search", "best", "i", "--train"}}) {
    const Outcome best = run(words);
    CHECK(best.code == 1);
    CHECK(contains(best.out, "params < 1000 by "));
    CHECK(contains(best.err, "no architecture meets params < 1000; the nearest is trial "));
  }
  const Outcome json = run({"search", "best", "i", "--json", "--limit", "2"});
  CHECK(json.code == 1);
  CHECK(contains(json.out, "\"missed_by\":"));
  CHECK(contains(json.out, "\"violation\":"));
}

TEST_CASE("a search whose trials all fail ends with 1: nobody interrupted it") {
  const TemporaryDirectory directory;
  const Outcome outcome =
      nasctl(directory.path(), {"search", "run", "--space", "cifar_resnet", "--maximize", "synflow",
                                "--trial-seconds", "0.000001", "--budget", "20", "--name", "f"});
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "the first 8 trials all failed"));
}

TEST_CASE("a signature is read before the search, and only what it has an effect on is taken") {
  const TemporaryDirectory directory;
  const auto refused = [&](const std::vector<std::string>& more, const std::string& part) {
    const Outcome outcome =
        nasctl(directory.path(), with({"search", "run", "--preset", "smoke"}, more));
    CAPTURE(outcome.err);
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, part));
  };
  std::ofstream(directory.path() / "other") << "hello\n";
  refused({"--signature", "absent"}, "absent");
  refused({"--signature", "other"}, "other: smoke signature, line 1");
  refused({"--signature", "other", "--store", "x.db"}, "--store has no effect");
  refused({"--dry-run", "--json"}, "have no effect: the answer is a study file");
}

TEST_CASE("studies are renamed and removed; nobody is asked without a terminal") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  REQUIRE(run(cheap_search("a", "6")).code == 0);
  CHECK(run({"search", "rename", "a", "b"}).code == 0);
  CHECK(is_one_line_error(run({"search", "status", "a"})));
  CHECK(is_one_line_error(run({"search", "remove", "b"})));
  const Outcome plan = run({"search", "remove", "b", "--dry-run", "--json"});
  CHECK(plan.code == 0);
  CHECK(contains(plan.out, "\"removed\":false"));
  CHECK(run({"search", "status", "b"}).code == 0);
  CHECK(run({"search", "remove", "b", "--yes"}).code == 0);
  CHECK(is_one_line_error(run({"search", "status", "b"})));
  CHECK(run({"db", "check"}).code == 0);
}

TEST_CASE("an exported study file runs under another seed and name") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  const auto config = [&](const std::vector<std::string>& more) {
    return run(with({"search", "run", "--file", "x.toml", "--dry-run"}, more)).out;
  };
  REQUIRE(run(with(cheap_search("first", "5"),
                   {"--data", "glyphs", "--recipe", "batch=32", "--no-winner"}))
              .code == 0);
  std::ofstream(directory.path() / "x.toml") << run({"search", "status", "first", "--config"}).out;
  const Outcome other =
      run({"search", "run", "--file", "x.toml", "--seed", "7", "--name", "other"});
  CHECK(other.code == 0);
  CHECK(contains(config({"--seed", "7"}), "name = \"first-seed7\""));
  // The recipe reaches the winner, unless the final recipe says otherwise.
  const auto winner = [](const std::string& toml) { return toml.substr(toml.find("[final]")); };
  CHECK(contains(winner(config({})), "batch = 32"));
  CHECK(contains(winner(config({"--recipe", "batch=16"})), "batch = 16"));
  CHECK(
      contains(winner(config({"--recipe", "batch=16", "--final-recipe", "batch=8"})), "batch = 8"));
  CHECK(contains(winner(config({"--recipe", "validation_fraction=0.5"})),
                 "validation_fraction = 0\n"));
  // A preset of the command line replaces the file's recipe.
  CHECK(contains(winner(config({"--final-preset", "full"})), "epochs = 200"));
  // Also where the preset is the default one.
  CHECK(contains(winner(config({"--final-preset", "short", "--recipe", "epochs=7"})),
                 "epochs = 3\n"));
  CHECK(contains(winner(config({"--final-preset", "short", "--final-recipe", "epochs=9"})),
                 "epochs = 9\n"));
  CHECK(contains(winner(config({"--recipe", "epochs=7"})), "epochs = 7\n"));
  CHECK(contains(config({"--winner"}), "enabled = true"));
  CHECK(is_one_line_error(run({"search", "run", "x.toml", "--file", "x.toml"})));
}

TEST_CASE("no name of a study leads a report out of its folder") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "here");
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path() / "here", words);
  };
  CHECK(is_one_line_error(run(cheap_search("../../evil", "4"))));
  const std::string absolute = (directory.path() / "evil").string();
  REQUIRE(run(cheap_search(absolute, "4")).code == 0);
  CHECK(run({"search", "report", absolute}).code == 0);
  CHECK_FALSE(std::filesystem::exists(directory.path() / "evil-report"));
  CHECK_FALSE(std::filesystem::exists(directory.path().parent_path() / "evil-report"));
  int reports = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path() / "here")) {
    reports += contains(entry.path().filename().string(), "evil") ? 1 : 0;
  }
  CHECK(reports == 1);
}

TEST_CASE("studies are compared; options of a simulation say where they belong") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  REQUIRE(run(cheap_search("e-0", "6")).code == 0);
  REQUIRE(run(with(cheap_search("e-1", "6"), {"--seed", "1"})).code == 0);
  std::vector<std::string> other = cheap_search("n", "6");
  std::replace(other.begin(), other.end(), std::string("evolution"), std::string("nsga2"));
  REQUIRE(run(other).code == 0);
  const Outcome outcome = run({"search", "compare", "e-*", "n", "--output", "out"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "too few runs to tell"));
  CHECK(std::filesystem::exists(directory.path() / "out" / "anytime.svg"));
  CHECK(is_one_line_error(run({"search", "compare", "e-0", "--runs", "5"})));
  CHECK(is_one_line_error(run({"search", "compare", "e-0", "n", "--output", "out.svg"})));
  CHECK(is_one_line_error(run({"search", "compare", "e-0", "no_such_study"})));
}

}  // namespace nas::test
