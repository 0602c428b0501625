#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "cli/completion.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

/// A database with a study, two benchmarks of one space and a name with a blank.
void fill(const TemporaryDirectory& directory) {
  const auto import = [&](const std::string& name, const std::string& table,
                          const std::string& columns) {
    write_file_atomically(directory.path() / (name + ".csv"), table);
    write_file_atomically(directory.path() / (name + ".toml"),
                          "name = \"" + name + "\"\nspace = \"cifar_resnet\"\n[architecture]\n" +
                              "fields = \"arch\"\n" + columns);
    REQUIRE(nasctl(directory.path(), {"bench", "import", name + ".csv", "--mapping", name + ".toml",
                                      "-q", "--store", "r.db"})
                .code == 0);
  };
  import("acc", "arch,a,b\n111,90,80\n333,92,82\n",
         "[[column]]\nfield = \"a\"\nmetric = \"accuracy\"\ndataset = \"cifar10\"\nsplit = "
         "\"test\"\n"
         "[[column]]\nfield = \"b\"\nmetric = \"accuracy\"\ndataset = \"cifar100\"\nsplit = "
         "\"test\"\n");
  import("lat", "arch,l\n111,1\n333,5\n", "[[column]]\nfield = \"l\"\nmetric = \"latency_ms\"\n");
  REQUIRE(nasctl(directory.path(),
                 {"search", "run", "--space", "cifar_resnet", "--minimize", "macs", "--budget", "2",
                  "--name", "first", "--store", "r.db", "--no-winner", "-q"})
              .code == 0);
}

/// A kind that completion does not know would offer nothing, and nobody would notice.
bool offers_anything(const cli::CompletedWords& words) {
  return !words.fixed.empty() || !words.asked.empty() || words.files || words.folders;
}

/// Lines of bash: what each command line, cut at the end, is completed to.
std::string completed(const TemporaryDirectory& directory, const std::vector<std::string>& lines) {
  std::string script =
      "source <($NASCTL completion bash); export SEARCHLIGHT_STORE=r.db; shopt -s extglob;"
      "say() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _nasctl; local IFS='|'; "
      "echo \"${COMPREPLY[*]}\"; }\n";
  for (const std::string& line : lines) script += "say nasctl " + line + "\n";
  return shell(directory.path(), script).out;
}

TEST_CASE("completion offers what the database holds, and no files where a name is wanted") {
  const TemporaryDirectory directory;
  fill(directory);
  write_file_atomically(directory.path() / "firewood.txt", "");
  CHECK(
      completed(
          directory,
          {"search status fi", "bench query a", "bench query acc --by ''",
           "bench query acc --by accuracy\\\\\\ cifar100", "bench query acc --by \"'ACC\"",
           "bench query acc --where = lat", "bench query acc --top ''", "arch show trial : fi",
           "arch show trial : first/", "search run --recipe lab", "search run --searcher-option ''",
           "search run --searcher random --searcher-option rep", "search run --constraint lat",
           "completion z", "bench import firew", "recipe show sh", "data show gl"}) ==
      "first\n"
      "acc\n"
      "accuracy\\ cifar10|accuracy\\ cifar100|lat/latency_ms\n"
      "accuracy\\ cifar100\n"
      "accuracy cifar10|accuracy cifar100\n"
      "lat/latency_ms\n"
      "\n"
      "first/\n"
      "first/0|first/1\n"
      "label_smoothing=\n"
      "\n"
      "repeats=\n"
      "latency_ms@host\n"
      "zsh\n"
      "firewood.txt\n"
      "short\n"
      "glyphs\n");
}

TEST_CASE("completion offers no option that would have no effect") {
  const TemporaryDirectory directory;
  CHECK(completed(directory,
                  {"bench query b --t", "bench query b --by x --t", "bench query b --by=x --t",
                   "search list --fo", "search list --json --fo", "search list --format csv --js",
                   "search run --seed 1 --se", "search run --space darts --rec",
                   "search run --maximize a --max"}) ==
        "\n"
        "--top\n"
        "--top\n"
        "--format\n"
        "\n"
        "\n"
        "--searcher|--searcher-option\n"
        "--recipe\n"  // a study file may be among the words
        "--maximize\n");
}

TEST_CASE("completion costs no time that a person notices, and needs no sound database") {
  const TemporaryDirectory directory;
  fill(directory);
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = shell(directory.path(), "\"$NASCTL\" complete column acc --store r.db");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  MESSAGE("one completion took " << seconds.count() << " s");
  CHECK(outcome.out == "accuracy cifar10\naccuracy cifar100\n");
  const std::string one = "\"$NASCTL\" complete ";
  write_file_atomically(directory.path() / "bad.db", "not a database");
  const Outcome none =
      shell(directory.path(), one + "study '' --store absent.db; " + one +
                                  "study '' --store bad.db; " + one + "nothing ''; echo $?");
  CHECK(none.out == "0\n");
  CHECK(none.err.empty());
  CHECK_FALSE(std::filesystem::exists(directory.path() / "absent.db"));
  CHECK(nasctl(directory.path(), {"complete", "benchmark", "l", "--store=r.db"}).out == "lat\n");
}

TEST_CASE("every option with a value and every argument is completed by what it stands for") {
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = cli::command_name(*command);
    for (const cli::OptionSpec& option : command->options) {
      const cli::CompletedWords words = cli::completed_words(option);
      CAPTURE(name);
      CAPTURE(std::string(option.name));
      // What is completed by a name is never completed by files too.
      if (words.asked == "column" || words.asked == "benchmark") CHECK_FALSE(words.files);
      if (option.value == "COLUMN") CHECK(words.asked == "column");
      if (!cli::completed_kind(option).empty()) CHECK(offers_anything(words));
    }
    for (const cli::PositionalSpec& positional : command->positionals) {
      CAPTURE(name);
      CAPTURE(std::string(positional.name));
      const std::string_view kind = cli::completed_kind(positional);
      if (!kind.empty()) CHECK(offers_anything(cli::words_of_kind(kind)));
    }
  }
}

}  // namespace
}  // namespace nas::test
