#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

using Json = nlohmann::json;

constexpr char kTable[] =
    "arch,acc,lat\n111,90,1\n333,92,5\n113,91,2\n331,91.5,3\n133,91.2,2.5\n311,90.4,1.5\n";
constexpr char kMapping[] =
    "name = \"six\"\nspace = \"cifar_resnet\"\n[architecture]\nfields = \"arch\"\n"
    "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\n"
    "[[column]]\nfield = \"lat\"\nmetric = \"latency_ms\"\nmaximize = false\n";

/// What to give a command that needs something, and whether it asks for one thing.
struct Call {
  std::vector<std::string> words;
  bool single = false;
};
const std::map<std::string, Call>& calls() {
  static const std::map<std::string, Call> kCalls = {
      {"arch diff", {{"--space", "cifar_resnet", "111", "333"}}},
      {"arch show", {{"--space", "cifar_resnet", "111"}, true}},
      {"bench correlate", {{"six", "--truth", "accuracy", "--score", "latency_ms"}}},
      {"bench embed", {{"--fields"}}},
      {"bench export", {{"six"}}},
      {"bench query", {{"six", "111"}, true}},
      {"bench simulate",
       {{"six", "--searcher", "random", "--objective", "accuracy", "--queries", "3", "--runs",
         "2"}}},
      {"cluster status", {{"first"}}},
      {"db copy", {{"searchlight.db", "copied.db"}}},
      {"db merge", {{"searchlight.db", "--into", "merged.db"}}},
      {"db query", {{"SELECT study, trial, value FROM leaderboard"}}},
      {"db stats", {{}, true}},
      {"device show", {{"host"}}},
      {"device suggest", {{"--space", "nasbench201", "--count", "2"}}},
      {"search best", {{"first", "--limit", "1"}, true}},
      {"search remove", {{"first", "--dry-run"}, true}},
      {"search status", {{"first"}, true}},
      {"space choose", {{"--space", "mcunet", "--device", "stm32f746", "--samples", "2"}}},
      {"space count", {{"--space", "cifar_resnet"}, true}},
      {"space sample", {{"--space", "cifar_resnet", "--count", "2"}}},
      {"space show", {{"cifar_resnet"}, true}},
  };
  return kCalls;
}

/// No answer of its own, or seconds of work: what these print is tested where they are.
bool left_out(const std::string& name) {
  static const std::set<std::string> kLeftOut = {
      "completion", "doctor", "device measure", "gui", "search run", "bench import", "worker run"};
  return kLeftOut.contains(name);
}

bool needs_nothing(const cli::Command& command) {
  for (const cli::PositionalSpec& positional : command.positionals) {
    if (positional.required) return false;
  }
  for (const cli::OptionSpec& option : command.options) {
    if (option.required) return false;
  }
  return true;
}

/// Words that look like numbers because they are names: "111" is an architecture.
bool is_name(const std::string& key) {
  static const std::set<std::string> kNames = {
      "architecture", "decision", "choice",  "a",       "b",
      "expected",     "got",      "default", "example", "digest"};
  return kNames.contains(key);
}

/// `words`: numbers may be texts, as in what a free query gives.
void check_flat(const Json& object, bool words) {
  for (const auto& [key, value] : object.items()) {
    CAPTURE(key);
    CHECK(value.is_primitive());
    if (value.is_string() && !words && !is_name(key) && !key.ends_with("version") &&
        !key.starts_with("best_arch") && !key.starts_with("row_in_")) {
      CHECK_FALSE(parse_double(value.get<std::string>()).has_value());
    }
  }
}

TEST_CASE("every verb answers --json with one flat object, or with rows of flat objects") {
  const TemporaryDirectory directory;
  write_file_atomically(directory.path() / "six.csv", kTable);
  write_file_atomically(directory.path() / "six.toml", kMapping);
  REQUIRE(nasctl(directory.path(), {"bench", "import", "six.csv", "--mapping", "six.toml"}).code ==
          0);
  REQUIRE(
      nasctl(directory.path(), {"search", "run", "--space", "cifar_resnet", "--minimize", "macs",
                                "--budget", "2", "--name", "first", "--no-winner", "-q"})
          .code == 0);
  std::size_t asked = 0;
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = cli::command_name(*command);
    const auto call = calls().find(name);
    if (left_out(name) || (call == calls().end() && !needs_nothing(*command))) continue;
    CAPTURE(name);
    std::vector<std::string> words = split_words(name);
    if (call != calls().end()) {
      words.insert(words.end(), call->second.words.begin(), call->second.words.end());
    }
    words.emplace_back("--json");
    const Outcome outcome = nasctl(directory.path(), words);
    CAPTURE(outcome.err);
    REQUIRE(outcome.code < 2);
    const Json json = Json::parse(outcome.out, nullptr, false);
    REQUIRE(json.is_object());
    ++asked;
    CHECK(json["schema"].get<std::string>().starts_with("searchlight."));
    CHECK(json["version"] == 1);
    if (call != calls().end()) CHECK(json.contains("rows") != call->second.single);
    if (!json.contains("rows")) {
      check_flat(json, false);
      continue;
    }
    for (const Json& row : json["rows"]) check_flat(row, name == "db query");
  }
  CHECK(asked >= calls().size());
  // How many rows there are does not change the form: what was asked for does.
  const auto form = [&](std::vector<std::string> words) {
    words.emplace_back("--json");
    return Json::parse(nasctl(directory.path(), words).out).contains("rows");
  };
  CHECK(form({"bench", "query", "six", "--where", "accuracy > 91.9"}));
  CHECK_FALSE(form({"bench", "query", "six", "--top", "1", "--by", "accuracy"}));
  CHECK_FALSE(form({"bench", "query", "six", "355"}));
}

}  // namespace
}  // namespace nas::test
