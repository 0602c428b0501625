#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const cli::Command& command_of(const std::string& name) {
  for (const cli::Command* command : cli::all_commands()) {
    if (cli::command_name(*command) == name) return *command;
  }
  throw Error(ErrorKind::kInternal, "no command " + name);
}

/// The refusal of a command line, or "" where it is accepted.
std::string refusal(const std::string& name, const std::string& words) {
  try {
    cli::parse_arguments(command_of(name), split_words(words));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> parts(std::string_view text) {
  std::vector<std::string> result;
  for (const std::string& word : split(text, '|')) {
    if (!word.empty()) result.push_back(word.substr(0, word.find('=')));
  }
  return result;
}

TEST_CASE("an option that would have no effect is an error that says why") {
  CHECK(
      contains(refusal("search run", "--space darts --preset short"),
               "--preset has no effect without --data or STUDY.toml or --file or --preset smoke"));
  CHECK(
      contains(refusal("search run", "--space darts --recipe epochs=3"), "--recipe has no effect"));
  CHECK(refusal("search run", "--space darts --no-winner").empty());  // true of every study
  CHECK(refusal("search run", "--space darts --preset short --data glyphs").empty());
  CHECK(refusal("search run", "--preset smoke --recipe epochs=1").empty());
  CHECK(refusal("search run", "study.toml --recipe epochs=1").empty());
  CHECK(contains(refusal("search run", "--preset smoke --dry-run --signature f"),
                 "--dry-run has no effect with --signature"));
  CHECK(
      contains(refusal("search best", "first --pareto --limit 3"), "--pareto has no effect with"));
  CHECK(
      contains(refusal("search best", "first --trial 3"), "--trial has no effect without --train"));
  CHECK(contains(refusal("search best", "first --train --by macs"), "--train has no effect with"));
  CHECK(contains(refusal("search status", "first --trials --config"), "--trials has no effect"));
  CHECK(contains(refusal("bench query", "b --top 5"), "--top has no effect without --by"));
  CHECK(
      contains(refusal("bench query", "b --columns --where x<1"), "--columns has no effect with"));
  CHECK(contains(refusal("bench import", "a.csv --formats"), "--formats has no effect with PATH"));
  CHECK(contains(refusal("bench build", "--name n --space s --data d --all --count 3"),
                 "--count has no effect with --all"));
  CHECK(contains(refusal("bench build", "--name n --space s --data d --all --seed 3"),
                 "--seed has no effect without --count"));
  CHECK(contains(refusal("bench simulate", "b --searcher local --objective a --seconds 5"),
                 "--seconds has no effect without --cost or --evaluation-seconds"));
  CHECK(contains(refusal("predictor fit",
                         "n --plugin gp --bench b --target t --train 5 "
                         "--train-fraction .5"),
                 "--train-fraction has no effect with --train"));
  CHECK(contains(refusal("predictor list", "--plugins --plugin gp"), "--plugins has no effect"));
  CHECK(contains(refusal("arch train", "x --data glyphs --distill kd"),
                 "--distill has no effect without --teacher"));
  CHECK(contains(refusal("arch show", "trial:a/1 --space-option x=1"),
                 "--space-option has no effect without --space"));
  CHECK(contains(refusal("arch export", "x --cell --whole"), "--cell has no effect with --whole"));
  CHECK(contains(refusal("arch train", "x --data glyphs --force"),
                 "--force has no effect without --output"));
  CHECK(contains(refusal("space show", "darts --notations --decisions"), "has no effect with"));
  CHECK(contains(refusal("bench simulate", "b --searcher local --objective a --front --each"),
                 "has no effect with"));
  CHECK(contains(refusal("space list", "--json --format csv"), "--json has no effect with"));
  CHECK(contains(refusal("space list", "--quiet --progress bar"), "--progress has no effect with"));
  CHECK(contains(refusal("search run", "--space darts --seed 1 --seed 2"),
                 "--seed is given twice: 1 and 2"));
  CHECK(contains(refusal("search run", "--space darts --recipe epochs=1 --recipe epochs=2"),
                 "--recipe epochs is given twice: 1 and 2"));
}

TEST_CASE("what an option needs, excludes and defaults to is in its record, and so in its help") {
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = cli::command_name(*command);
    CAPTURE(name);
    std::vector<std::string> known;
    for (const auto& positional : command->positionals) known.emplace_back(positional.name);
    for (const auto& option : command->options) known.emplace_back(option.name);
    const std::string help = cli::command_help(*command);
    for (const cli::OptionSpec& option : command->options) {
      CAPTURE(std::string(option.name));
      for (const std::string_view list : {option.needs, option.excludes}) {
        for (const std::string& other : parts(list)) {
          CHECK(std::find(known.begin(), known.end(), other) != known.end());
        }
      }
      const std::string text = cli::option_help(option);
      if (!option.standard.empty()) CHECK(contains(text, "default " + option.standard));
      if (!option.needs.empty()) CHECK(contains(text, "with "));
      // A default is written once, in the record.
      const std::string own(option.help);
      const std::size_t at = own.find("(default ");
      CHECK_MESSAGE(at == std::string::npos, own);
    }
  }
}

TEST_CASE("defaults hold where an option is not given, and are not taken for given") {
  const cli::Arguments arguments = cli::parse_arguments(command_of("search best"), {"first"});
  CHECK(arguments.whole("limit", 1, 100) == 10);
  CHECK_FALSE(arguments.has("limit"));
  CHECK_FALSE(arguments.text("limit"));
  CHECK(cli::parse_arguments(command_of("search best"), {"first", "--limit", "3"})
            .whole("limit", 1, 100) == 3);
}

TEST_CASE("options of a study that nothing in it uses are refused") {
  const TemporaryDirectory directory;
  const auto refuses = [&](std::vector<std::string> words, const std::string& part) {
    words.insert(words.begin(), {"search", "run", "--space", "nasbench201", "--minimize", "macs"});
    const Outcome outcome = nasctl(directory.path(), words);
    CAPTURE(outcome.err);
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, part));
  };
  refuses({"--latency-batch", "4"}, "latency_ms@host is neither an objective nor a constraint");
  refuses({"--proxy", "synflow"}, "searcher 'random' ranks by none");
  write_file_atomically(directory.path() / "s.toml",
                        "objectives = [\"minimize macs\"]\n[space]\nname = \"nasbench201\"\n");
  const Outcome outcome = nasctl(directory.path(), {"search", "run", "s.toml", "--preset", "full"});
  CHECK(is_one_line_error(outcome));
  CHECK(contains(outcome.err, "--preset has no effect: nothing is trained"));
  CHECK(contains(nasctl(directory.path(), {"search", "list", "--store", ""}).err,
                 "--store is empty"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "searchlight.db"));
}

TEST_CASE("a word without its option gets a hint which option it may belong to") {
  CHECK(contains(refusal("space sample", "nasbench201"), "did you mean --space nasbench201?"));
  CHECK(contains(refusal("space sample", "--space darts nasbench201"),
                 "space sample takes options alone, such as --count N"));
  CHECK(contains(refusal("space count", "ofa_mobilenetv3:width_multiplier=1.2"),
                 "did you mean --space ofa_mobilenetv3:width_multiplier=1.2?"));
  CHECK(contains(refusal("supernet train", "first glyphs"), "did you mean --data glyphs?"));
  CHECK(contains(refusal("supernet train", "first mnist:DIR"), "did you mean --data mnist:DIR?"));
  CHECK(contains(refusal("supernet train", "first epochs=3"), "did you mean --recipe epochs=3?"));
  CHECK(contains(refusal("supernet train", "first sandwich"), "did you mean --sampling sandwich?"));
  const TemporaryDirectory directory;
  const Outcome outcome = nasctl(directory.path(), {"search", "run", "nasbench201"});
  CHECK(is_one_line_error(outcome));
  CHECK(contains(outcome.err, "did you mean --space nasbench201?"));
  // Nothing is made up for what fits nowhere.
  CHECK(contains(refusal("supernet show", "first other"), "unexpected argument 'other' (see"));
}

TEST_CASE("a list in brackets is one word, also where several are allowed") {
  const std::string sizes = "[8,16,24,32,64]";
  const cli::Arguments arguments = cli::parse_arguments(
      command_of("bench query"), {"sizes", sizes, "[1]", "--where", "[x]<3", "--by", "[y]"});
  CHECK(arguments.all("ARCHITECTURE") == std::vector<std::string>{sizes, "[1]"});
  CHECK(arguments.text("where") == "[x]<3");
  CHECK(arguments.text("by") == "[y]");
  CHECK(contains(refusal("space list", "[1,2]"), "unexpected argument '[1,2]'"));
}

TEST_CASE("searchers and recipes say their options, defaults and ranges") {
  using Json = nlohmann::json;
  const TemporaryDirectory directory;
  const auto rows = [&](const std::vector<std::string>& words) {
    const Outcome outcome = nasctl(directory.path(), words);
    CAPTURE(outcome.err);
    REQUIRE(outcome.code == 0);
    return Json::parse(outcome.out)["rows"];
  };
  const Json searchers = rows({"searcher", "list", "--json"});
  CHECK(searchers.size() > 8);
  for (const Json& row : searchers) CHECK_FALSE(row["summary"].get<std::string>().empty());
  const Outcome shown = nasctl(directory.path(), {"searcher", "show", "evolution"});
  CHECK(contains(shown.out, "population"));
  CHECK(contains(shown.out, "--budget N (60 without it) says how many"));
  const Outcome relaxed = nasctl(directory.path(), {"searcher", "show", "gdas"});
  CHECK(contains(relaxed.out, "before the first trial: a supernet is trained on --data"));
  CHECK(contains(relaxed.out, "--budget 1 trains no other"));
  CHECK(contains(shown.out, "arXiv"));
  CHECK(is_one_line_error(nasctl(directory.path(), {"searcher", "show", "evolutoin"})));
  bool glyphs = false;
  for (const Json& row : rows({"recipe", "list", "--json"})) {
    if (row["name"] == "glyphs") glyphs = contains(row["values"], "batch=32");
  }
  CHECK(glyphs);
  for (const Json& row : rows({"recipe", "show", "full", "--data", "glyphs", "--json"})) {
    if (row["key"] == "batch") CHECK((row["value"] == 32 && row["from"] == "data set"));
    if (row["key"] == "epochs") CHECK((row["value"] == 200 && row["from"] == "preset"));
    if (row["key"] == "precision") CHECK(row["from"] == "default");
  }
  CHECK(is_one_line_error(nasctl(directory.path(), {"recipe", "show", "fulll"})));
  CHECK(is_one_line_error(nasctl(directory.path(), {"recipe", "show", "full", "--data", "glyph"})));
}

TEST_CASE("the ending of an exported file decides its form, and an unknown one writes nothing") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const std::vector<std::string> words = {"arch",        "export",  "--space",
                                          "nasbench201", "index:3", "--output"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = words;
    all.insert(all.end(), more.begin(), more.end());
    return nasctl(path, all);
  };
  for (const char* file : {"cell.png", "cell.pdf", "cell.onnxx", "cell"}) {
    const Outcome outcome = with({file});
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, "one of .svg, .dot, .json, .graph, .text, .txt, .onnx"));
    CHECK_FALSE(std::filesystem::exists(path / file));
  }
  REQUIRE(with({"cell.SVG"}).code == 0);
  const std::string network = read_file(path / "cell.SVG");
  CHECK(network.starts_with("<svg"));
  CHECK(contains(network, "folded group"));
  // The same numbers as `arch show`, in the space's convention of MACs.
  const Outcome shown = nasctl(path, {"arch", "show", "--space", "nasbench201", "index:3"});
  const std::string macs = network.substr(0, network.find(" MACs"));
  CHECK(contains(shown.out, macs.substr(macs.rfind(' ') + 1)));
  REQUIRE(with({"whole.svg", "--whole"}).code == 0);
  CHECK_FALSE(contains(read_file(path / "whole.svg"), "folded group"));
  REQUIRE(with({"one.svg", "--cell"}).code == 0);
  CHECK(contains(read_file(path / "one.svg"), ", cell</text>"));
  CHECK(contains(read_file(path / "one.svg"), ">avg_pool_3x3</text>"));
  REQUIRE(with({"g.dot"}).code == 0);
  CHECK(read_file(path / "g.dot").starts_with("digraph"));
  CHECK(contains(with({"g.json", "--cell"}).err, "--cell has no effect on the form 'json'"));
  CHECK(contains(with({"g.dot", "--json"}).err, "--json have no effect"));
}

}  // namespace
}  // namespace nas::test
