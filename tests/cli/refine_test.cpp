// nasctl arch refine, from the command line.

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

/// A predictor of any network, `any`, that learned from networks of which the smaller is the
/// better.
struct Folder {
  TemporaryDirectory directory;

  Folder() {
    std::string rows = "arch,acc\n";
    for (int i = 0; i < 60; ++i) {
      int sum = 0;
      std::string text;
      for (const int layer : {i % 8, i / 8, (3 * i) % 8, (5 * i) % 7, (7 * i) % 5}) {
        text += (text.empty() ? "" : ":") + std::to_string(8 * (layer + 1));
        sum += layer;
      }
      rows += text + "," + std::to_string(99 - 0.5 * sum) + "\n";
    }
    write_file_atomically(directory.path() / "known.csv", rows);
    write_file_atomically(directory.path() / "known.toml",
                          "name = \"known\"\nspace = \"nats_size\"\n[architecture]\nfields = "
                          "\"arch\"\n[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\n");
    REQUIRE(run({"bench", "import", "known.csv", "--mapping", "known.toml"}).code == 0);
    const Outcome fitted =
        run({"predictor", "fit", "any", "--kind", "accuracy", "--across", "--plugin", "gennape",
             "--option", "members=cl_t", "--option", "encoder_epochs=1", "--option",
             "encoder_graphs=30", "--space", "nasbench201", "--target", "accuracy"});
    REQUIRE_MESSAGE(fitted.code == 0, fitted.err);
  }

  Outcome run(const std::vector<std::string>& words) const {
    return nasctl(directory.path(), words);
  }
  static std::vector<std::string> refine(const std::vector<std::string>& more) {
    std::vector<std::string> words{"arch",    "refine", "index:13714", "--space", "nasbench201",
                                   "--depth", "1",      "--predictor", "any"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Folder,
                  "arch refine answers with its exit code and writes a network that opens") {
  const Outcome found = run(refine({"--tries", "150", "--seed", "1", "--output", "better.onnx"}));
  REQUIRE_MESSAGE(found.code == 0, found.err);
  CHECK(has(found.out, "predicted accuracy"));
  CHECK(has(found.err, "150 tries, of which"));
  CHECK(has(found.err, "wrote better.onnx, network 1; the weights are untrained"));
  const Outcome shown = run({"arch", "show", "better.onnx"});
  CHECK(shown.code == 0);
  CHECK(has(shown.out, "says_refined_from"));
  CHECK(run(refine({"--tries", "150", "--seed", "1"})).out == found.out);

  CHECK(is_one_line_error(run(refine({"--output", "better.onnx"}))));
  CHECK(is_one_line_error(run(refine({"--output", "better.svg"}))));
  CHECK(is_one_line_error(run(refine({"--tries", "0"}))));
  const Outcome unknown =
      run({"arch", "refine", "index:1", "--space", "nasbench201", "--predictor", "ayn"});
  CHECK(is_one_line_error(unknown));
  CHECK(has(unknown.err, "did you mean 'any'"));

  // One try, which changes nothing for the better.
  int nothing = 0;
  for (int seed = 0; seed < 8 && nothing == 0; ++seed) {
    const Outcome one = run(refine(
        {"--tries", "1", "--seed", std::to_string(seed), "--output", "one.onnx", "--force"}));
    nothing = one.code;
    if (nothing == 0) continue;
    CHECK(has(one.err, "no network is predicted to be better"));
  }
  CHECK(nothing == 1);
}

TEST_CASE_FIXTURE(Folder,
                  "arch refine that is interrupted shows what it found and says so to the shell") {
  Program program(directory.path(),
                  refine({"--tries", "1000000", "--output", "better.onnx", "--progress", "bar"}));
  REQUIRE(program.wait_for_error_text("best ", 150));
  program.signal(SIGINT);
  const Outcome stopped = program.wait();
  CHECK(stopped.code == 130);
  CHECK(has(stopped.err, "interrupted before 1,000,000 tries"));
  CHECK(has(stopped.out, "given"));
}

}  // namespace nas::test
