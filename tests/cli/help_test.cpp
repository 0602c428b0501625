#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("every command has a summary, an example and help in both spellings") {
  const TemporaryDirectory directory;
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = cli::command_name(*command);
    CAPTURE(name);
    CHECK_FALSE(command->summary.empty());
    CHECK(contains(std::string(command->examples), "nasctl " + name.substr(0, name.find(' '))));
    const std::string help = cli::command_help(*command);
    for (const cli::OptionSpec& option : command->options) {
      CHECK(contains(help, "--" + std::string(option.name)));
      CHECK_FALSE(option.help.empty());
    }
    for (const std::string& line : split(help, '\n')) CHECK(line.size() <= 125);
  }
  const Outcome a = nasctl(directory.path(), {"help", "search", "run"});
  const Outcome b = nasctl(directory.path(), {"search", "run", "--help"});
  CHECK(a.code == 0);
  CHECK(a.out == b.out);
  CHECK(a.err.empty());
}

TEST_CASE("examples of the help parse") {
  for (const cli::Command* command : cli::all_commands()) {
    const std::string name = "nasctl " + cli::command_name(*command) + " ";
    const std::string examples = std::string(command->examples);
    for (const std::string& line : split(examples, '\n')) {
      // Lines with shell syntax or a continuation are for people.
      if (!line.starts_with(name) || line.find_first_of("\\\"'<>|$(") != std::string::npos)
        continue;
      CAPTURE(line);
      CHECK_NOTHROW(cli::parse_arguments(*command, split_words(line.substr(name.size()))));
    }
  }
}

TEST_CASE("completion scripts name every command and are valid bash") {
  for (const char* shell_name : {"bash", "zsh", "fish"}) {
    const std::string script = cli::completion_script(shell_name);
    for (const cli::Command* command : cli::all_commands()) {
      CHECK(contains(script, std::string(command->noun)));
      if (!command->verb.empty()) CHECK(contains(script, std::string(command->verb)));
    }
  }
  const TemporaryDirectory directory;
  const Outcome outcome = shell(
      directory.path(),
      "$NASCTL completion bash > c && bash -n c && source ./c && COMP_WORDS=(nasctl search ru) "
      "COMP_CWORD=2 && _nasctl && echo \"${COMPREPLY[@]}\"");
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "run\n");
}

TEST_CASE("bash completes option values from the same records") {
  const TemporaryDirectory directory;
  const Outcome outcome = shell(
      directory.path(),
      "source <($NASCTL completion bash); COMP_WORDS=(nasctl search run --space nasb) "
      "COMP_CWORD=4; "
      "_nasctl; echo \"${COMPREPLY[@]}\"; COMP_WORDS=(nasctl arch export x --as s) COMP_CWORD=5; "
      "_nasctl; echo \"${COMPREPLY[@]}\"");
  CHECK(outcome.out == "nasbench201 nasbench101 nasbench_macro\nsvg\n");
}

TEST_CASE("every format of a list holds the same rows") {
  const TemporaryDirectory directory;
  const Outcome json = nasctl(directory.path(), {"space", "list", "--json"});
  const Outcome lines = nasctl(directory.path(), {"space", "list", "--format", "jsonl"});
  const Outcome csv = nasctl(directory.path(), {"space", "list", "--format", "csv"});
  const auto parsed = nlohmann::json::parse(json.out);
  CHECK(parsed["schema"] == "searchlight.spaces");
  const std::size_t rows = parsed["rows"].size();
  CHECK(rows == space_plugins().size());
  CHECK(split(lines.out, '\n').size() == rows + 1);
  CHECK(split(csv.out, '\n').size() == rows + 2);
  CHECK(nlohmann::json::parse(split(lines.out, '\n')[0])["name"] == parsed["rows"][0]["name"]);
  CHECK(json.err.empty());
}

TEST_CASE("golden transcripts") {
  const TemporaryDirectory directory;
  const std::filesystem::path golden = NAS_CLI_GOLDEN;
  const std::vector<std::pair<std::string, std::vector<std::string>>> transcripts = {
      {"arch_show.txt", {"arch", "show", "--space", "nasbench201", "index:0"}},
      {"arch_diff.txt", {"arch", "diff", "--space", "nats_size", "8:8:8:8:8", "8:8:8:16:32"}},
      {"space_show.txt", {"space", "show", "nasbench201"}},
      {"space_count.txt", {"space", "count", "--space", "nasbench201", "--isomorphic"}},
  };
  for (const auto& [file, words] : transcripts) {
    CAPTURE(file);
    const Outcome outcome = nasctl(directory.path(), words);
    CHECK(outcome.out == read_file(golden / file));
  }
}

}  // namespace
}  // namespace nas::test
