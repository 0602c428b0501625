#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/completion.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

using Json = nlohmann::ordered_json;  // fields in the order in which they are documented

Json word_list(std::string_view text, char separator) {
  Json words = Json::array();
  for (const std::string& word : split(text, separator)) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

Json argument_json(const PositionalSpec& positional) {
  return {{"name", positional.name},
          {"help", positional.help},
          {"required", positional.required},
          {"repeated", positional.repeated},
          {"completes", completed_kind(positional)}};
}

Json option_json(const OptionSpec& option, bool shared) {
  return {{"name", option.name},
          {"value", option.value},
          {"help", option.help},
          {"choices", word_list(option.choices, '|')},
          {"completes", completed_kind(option)},
          {"repeated", option.repeated},
          {"required", option.required},
          {"default", option.standard},
          {"needs", word_list(option.needs, '|')},
          {"excludes", word_list(option.excludes, '|')},
          {"shared", shared}};
}

}  // namespace

std::string command_json(const Command& command) {
  Json arguments = Json::array();
  for (const PositionalSpec& positional : command.positionals) {
    arguments.push_back(argument_json(positional));
  }
  Json options = Json::array();
  for (const OptionSpec& option : command.options) options.push_back(option_json(option, false));
  for (const OptionSpec& option : global_options()) options.push_back(option_json(option, true));
  const Json json = {
      {"schema", "searchlight.command"},    {"version", 1},
      {"command", command_name(command)},   {"summary", command.summary},
      {"description", command.description}, {"examples", word_list(command.examples, '\n')},
      {"arguments", std::move(arguments)},  {"options", std::move(options)}};
  return json.dump(2) + "\n";
}

std::string commands_json(std::string_view noun) {
  Json rows = Json::array();
  for (const Command* command : all_commands()) {
    if (!noun.empty() && command->noun != noun) continue;
    rows.push_back({{"command", command_name(*command)}, {"summary", command->summary}});
  }
  const Json json = {{"schema", "searchlight.commands"}, {"version", 1}, {"rows", std::move(rows)}};
  return json.dump(2) + "\n";
}

}  // namespace nas::cli
