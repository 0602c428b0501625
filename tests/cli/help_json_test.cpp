#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.h"
#include "cli/completion.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

using Json = nlohmann::json;

/// Nothing but the documented fields: a form must not have to guess what another one means.
void check_fields(const Json& object, const std::set<std::string>& wanted) {
  std::set<std::string> found;
  for (const auto& item : object.items()) found.insert(item.key());
  CHECK(found == wanted);
}

void check_option(const Json& json, const cli::OptionSpec& option, bool shared) {
  CAPTURE(std::string(option.name));
  check_fields(json, {"name", "value", "help", "choices", "completes", "repeated", "required",
                      "default", "needs", "excludes", "shared"});
  CHECK(json["default"] == option.standard);
  CHECK(join(json["needs"].get<std::vector<std::string>>(), "|") == option.needs);
  CHECK(join(json["excludes"].get<std::vector<std::string>>(), "|") == option.excludes);
  CHECK(json["name"] == option.name);
  CHECK(json["value"] == option.value);
  CHECK(json["help"] == option.help);
  CHECK(json["completes"] == cli::completed_kind(option));
  CHECK(json["repeated"] == option.repeated);
  CHECK(json["required"] == option.required);
  CHECK(json["shared"] == shared);
  const auto choices = json["choices"].get<std::vector<std::string>>();
  CHECK(join(choices, "|") == option.choices);
}

TEST_CASE("the help of every command as JSON holds its record and nothing else") {
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = cli::command_name(*command);
    CAPTURE(name);
    const Json json = Json::parse(cli::command_json(*command));
    check_fields(json, {"schema", "version", "command", "summary", "description", "examples",
                        "arguments", "options"});
    CHECK(json["schema"] == "searchlight.command");
    CHECK(json["version"] == 1);
    CHECK(json["command"] == name);
    CHECK(json["summary"] == command->summary);
    CHECK(json["description"] == command->description);
    const auto examples = json["examples"].get<std::vector<std::string>>();
    CHECK(join(examples, "\n") == command->examples);
    REQUIRE(json["arguments"].size() == command->positionals.size());
    for (std::size_t i = 0; i < command->positionals.size(); ++i) {
      const cli::PositionalSpec& spec = command->positionals[i];
      const Json& argument = json["arguments"][i];
      check_fields(argument, {"name", "help", "required", "repeated", "completes"});
      CHECK(argument["name"] == spec.name);
      CHECK(argument["help"] == spec.help);
      CHECK(argument["required"] == spec.required);
      CHECK(argument["repeated"] == spec.repeated);
      CHECK(argument["completes"] == cli::completed_kind(spec));
    }
    const std::size_t own = command->options.size();
    REQUIRE(json["options"].size() == own + cli::global_options().size());
    for (std::size_t i = 0; i < json["options"].size(); ++i) {
      const bool shared = i >= own;
      check_option(json["options"][i],
                   shared ? cli::global_options()[i - own] : command->options[i], shared);
    }
  }
}

TEST_CASE("help as JSON is asked for in both spellings, and lists the commands of a noun") {
  const TemporaryDirectory directory;
  const Outcome a = nasctl(directory.path(), {"help", "arch", "score", "--json"});
  const Outcome b = nasctl(directory.path(), {"arch", "score", "--help", "--json"});
  CHECK(a.code == 0);
  CHECK(a.out == b.out);
  CHECK(a.err.empty());
  CHECK(Json::parse(a.out)["command"] == "arch score");
  const Json arch = Json::parse(nasctl(directory.path(), {"help", "arch", "--json"}).out);
  check_fields(arch, {"schema", "version", "rows"});
  CHECK(arch["schema"] == "searchlight.commands");
  std::size_t known = 0;
  for (const cli::Command* command : cli::all_commands()) known += command->noun == "arch" ? 1 : 0;
  CHECK(arch["rows"].size() == known);
  const Json all = Json::parse(nasctl(directory.path(), {"help", "--json"}).out);
  CHECK(all["rows"].size() == cli::all_commands().size());
  CHECK(is_one_line_error(nasctl(directory.path(), {"help", "arch", "scre", "--json"})));
}

TEST_CASE("a word that begins with a dash is an argument after two dashes") {
  const cli::Command* import = nullptr;
  for (const cli::Command* command : cli::all_commands()) {
    if (cli::command_name(*command) == "bench import") import = command;
  }
  REQUIRE(import != nullptr);
  const cli::Arguments arguments =
      cli::parse_arguments(*import, {"--name=-odd", "--force", "--", "-file.csv"});
  CHECK(arguments.text("PATH") == "-file.csv");
  CHECK(arguments.text("name") == "-odd");
}

TEST_CASE("the latency of every layer of an architecture") {
  const TemporaryDirectory directory;
  const std::vector<std::string> words = {"arch",        "latency",     "--space",
                                          "nasbench201", "index:13714", "--layers"};
  std::vector<std::string> json_words = words;
  json_words.push_back("--json");
  const Outcome outcome = nasctl(directory.path(), json_words);
  REQUIRE(outcome.code == 0);
  const Json json = Json::parse(outcome.out);
  CHECK(json["schema"] == "searchlight.layer_latency");
  double sum = 0, share = 0;
  std::set<std::string> paths;
  bool conv = false;
  for (const Json& row : json["rows"]) {
    check_fields(row, {"path", "operation", "latency_ms", "quartile_low_ms", "quartile_high_ms",
                       "share_percent", "network"});
    CHECK(row["quartile_low_ms"] <= row["latency_ms"]);
    CHECK(row["latency_ms"] <= row["quartile_high_ms"]);
    sum += row["latency_ms"].get<double>();
    share += row["share_percent"].get<double>();
    paths.insert(row["path"].get<std::string>());
    conv = conv || row["operation"] == "conv2d";
  }
  CHECK(conv);
  CHECK(paths.size() == json["rows"].size());
  CHECK(std::abs(share - 100) < 1e-6);
  CHECK(sum > 0);
  CHECK(nasctl(directory.path(), words).out.find("a whole pass") != std::string::npos);
}

}  // namespace
}  // namespace nas::test
