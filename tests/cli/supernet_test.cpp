// Supernets as a user meets them: five verbs, the same command again, kill -9, bad input.

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/util/file.h"
#include "core/util/hash.h"
#include "core/util/rng.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> training(const std::string& name, const std::string& epochs = "2") {
  std::vector<std::string> words{"supernet",    "train",    name,     "--space",
                                 "nasbench201", "--data",   "glyphs", "--preset",
                                 "smoke",       "--probes", "1"};
  for (const std::string& value :
       {"epochs=" + epochs, std::string("train_samples=96"), std::string("validation_fraction=0.2"),
        std::string("validation_samples=64"), std::string("batch=32"), std::string("width=4"),
        std::string("depth=1")}) {
    words.insert(words.end(), {"--recipe", value});
  }
  return words;
}

struct Folder {
  TemporaryDirectory directory;
  Outcome run(std::vector<std::string> words, const std::vector<std::string>& more = {}) const {
    words.insert(words.end(), more.begin(), more.end());
    return nasctl(directory.path(), words);
  }
  nlohmann::json json(std::vector<std::string> words) const {
    const Outcome outcome = run(std::move(words), {"--json"});
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return nlohmann::json::parse(outcome.out);
  }
};

/// Until a supernet's file with this ending lies below `directory`; 20 s at most.
void wait_for_file(const std::filesystem::path& directory, const std::string& ending) {
  const auto exists = [&] {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "supernets", error)) {
      if (entry.path().string().ends_with(ending)) return true;
    }
    return false;
  };
  for (int i = 0; i < 4000 && !exists(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

TEST_CASE_FIXTURE(Folder, "supernet: train, list, show, evaluate, extract, score") {
  const Outcome trained = run(training("first"));
  REQUIRE_MESSAGE(trained.code == 0, trained.err);
  CHECK(contains(trained.out, "supernets/first.safetensors"));
  const Outcome again = run(training("first"));
  CHECK(again.code == 0);
  CHECK(contains(again.err, "nothing was trained"));
  CHECK(json({"supernet", "list"})["rows"][0]["name"] == "first");
  const auto shown = json({"supernet", "show", "first"});
  CHECK(shown["schema"] == "searchlight.supernet");
  CHECK(shown["epochs"] == 2);
  CHECK(shown["sha256"] == sha256_file(directory.path() / "supernets" / "first.safetensors"));
  const Outcome drawn = run({"supernet", "show", "first"});
  CHECK(contains(drawn.out, "train_loss"));
  CHECK(contains(drawn.out, "█"));
  CHECK(json({"supernet", "show", "first", "--curve"})["rows"].size() >= 6);

  const auto subnets = json({"supernet", "evaluate", "first", "index:13714", "index:0"});
  REQUIRE(subnets["rows"].size() == 2);
  CHECK(subnets["rows"][0]["loss"].get<double>() > 0);
  CHECK(contains(subnets["rows"][0]["fidelity"], "supernet=first; sha256="));
  CHECK(json({"supernet", "evaluate", "first", "index:0", "--statistics", "shared"})["loss"] !=
        subnets["rows"][1]["loss"]);

  const auto extracted =
      json({"supernet", "extract", "first", "index:13714", "--output", "subnet.safetensors"});
  CHECK(contains(extracted["parent"], "supernet=first"));
  const auto judged = json({"arch", "evaluate", "subnet.safetensors", "--data", "glyphs"});
  CHECK(judged["accuracy"].get<double>() >= 0);
  const Outcome taken =
      run({"supernet", "extract", "first", "index:0", "--output", "subnet.safetensors"});
  CHECK(is_one_line_error(taken));

  REQUIRE(run({"bench", "score", "few", "--space", "nasbench201", "--count", "4", "--supernet",
               "first", "--samples", "32", "--workers", "1"})
              .code == 0);
  REQUIRE(run({"bench", "score", "few", "--proxies", "params", "--count", "4"}).code == 0);
  const Outcome correlated = run({"bench", "correlate", "few", "--truth", "params"});
  CHECK_MESSAGE(correlated.code == 0, correlated.err);
  CHECK(contains(correlated.out, "supernet.first"));
  CHECK(run({"db", "check"}).code == 0);
}

TEST_CASE_FIXTURE(Folder,
                  "supernet: killed at random instants, the same command ends with equal bytes") {
  REQUIRE(run({"space", "list"}).code == 0);  // the starter has loaded before the clock starts
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(run(training("whole", "6")).code == 0);
  const auto whole = std::chrono::steady_clock::now() - start;
  const std::string expected = read_file(directory.path() / "supernets" / "whole.safetensors");
  const TemporaryDirectory other;
  Rng rng({.seed = 11, .purpose = Purpose::kTest});
  int kills = 0;
  for (int kill = 0; kill < 4; ++kill) {
    Program program(other.path(), training("whole", "6"));
    std::this_thread::sleep_for(whole * rng.uniform(0.1, 0.8));
    program.signal(SIGKILL);
    if (program.wait().code == -SIGKILL) ++kills;
  }
  REQUIRE(kills >= 1);
  REQUIRE(nasctl(other.path(), training("whole", "6")).code == 0);
  CHECK(read_file(other.path() / "supernets" / "whole.safetensors") == expected);
  CHECK(nasctl(other.path(), {"db", "check"}).code == 0);
}

TEST_CASE_FIXTURE(Folder, "supernet: nasctl itself, killed in its training, resumes and exits") {
  REQUIRE(run(training("whole", "4")).code == 0);
  const TemporaryDirectory other;
  Program program(other.path(), training("whole", "4"), Program::By::kExec);
  wait_for_file(other.path(), ".checkpoint");
  program.signal(SIGKILL);
  REQUIRE(program.wait().code == -SIGKILL);
  REQUIRE(Program(other.path(), training("whole", "4"), Program::By::kExec).wait().code == 0);
  const auto file = std::filesystem::path("supernets") / "whole.safetensors";
  CHECK(read_file(other.path() / file) == read_file(directory.path() / file));
}

TEST_CASE_FIXTURE(Folder,
                  "supernet: a killed training is listed with the command that continues it") {
  Program program(directory.path(), training("long", "9999"));
  wait_for_file(directory.path(), ".training.json");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it takes its lock
  CHECK(json({"supernet", "list"})["rows"][0]["state"] == "running");
  program.signal(SIGKILL);
  program.wait();
  const Outcome listed = run({"supernet", "list"});
  CHECK(listed.code == 0);
  CHECK(contains(listed.out, "interrupted"));
  CHECK(contains(listed.err, "long is interrupted: nasctl supernet train long --data glyphs"));
  CHECK(contains(listed.err, "--recipe epochs=9999"));
  const auto shown = json({"supernet", "show", "long"});
  CHECK(shown["state"] == "interrupted");
  CHECK(contains(shown["recipe"], "epochs=9999"));
}

TEST_CASE_FIXTURE(Folder, "supernet: bad input is one line and exit code 2, and leaves nothing") {
  const auto refused = [&](const Outcome& outcome, const std::string& part) {
    CAPTURE(outcome.err);
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, part));
  };
  refused(run({"supernet", "train", "a", "--space", "nasbench101", "--data", "glyphs"}),
          "has no supernet");
  refused(run(training("a"), {"--sampling", "fair", "--paths", "2"}), "no effect");
  refused(run(training("a"), {"--teacher-weight", "1"}), "--from");
  refused(run(training("a"), {"--choices", "*=nor_conv_3x4"}), "did you mean 'nor_conv_3x3'");
  refused(run(training("a"), {"--choices", "edge_0_1=none", "--choices", "edge_0_1=skip_connect"}),
          "choices of 'edge_0_1' are given twice");
  refused(run(training("../a")), "cannot be the name");
  refused(run(training("a", "30"),
              {"--recipe", "learning_rate=100", "--recipe", "weight_decay=10", "--quiet"}),
          "supernet 'a': loss is");
  CHECK_FALSE(std::filesystem::exists(directory.path() / "supernets" / "a.safetensors"));
  refused(run({"supernet", "show", "none"}), "unknown supernet 'none'");

  REQUIRE(run(training("first")).code == 0);
  refused(run(training("first", "3")), "exists with other settings");
  refused(run({"supernet", "evaluate", "first", "index:99999"}), "past the end");
  refused(run({"supernet", "evaluate", "frist", "index:0"}), "did you mean 'first'");
  refused(run({"bench", "score", "b", "--space", "darts", "--count", "3", "--supernet", "first"}),
          "is of space 'darts'");
  refused(run({"bench", "score", "b", "--space", "nasbench201", "--supernet", "first", "--proxies",
               "synflow"}),
          "--proxies");
  refused(run({"search", "run", "--space", "darts", "--origin", "accuracy=supernet:first",
               "--budget", "1"}),
          "is of space 'nasbench201'");
  refused(run({"supernet", "extract", "first", "index:0", "--output", "supernets/first.safetensors",
               "--force"}),
          "is in a folder of the results database");
  refused(run({"arch", "train", "--space", "nasbench201", "index:0", "--data", "glyphs", "--preset",
               "smoke", "--output", "supernets/first.safetensors", "--force"}),
          "is in a folder of the results database");
  std::ofstream(directory.path() / "supernets" / "first.safetensors", std::ios::app) << "x";
  refused(run({"supernet", "evaluate", "first", "index:0"}), "other SHA-256");
  const Outcome check = run({"db", "check"});
  CHECK(check.code == 1);
  CHECK(contains(check.out + check.err, "supernet 'first'"));
  std::filesystem::remove(directory.path() / "supernets" / "first.safetensors");
  refused(run({"supernet", "extract", "first", "index:0", "--output", "x.safetensors"}),
          "is missing");
}

}  // namespace nas::test
