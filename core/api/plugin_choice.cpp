#include "core/api/plugin_choice.h"

#include "core/api/option_once.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

void add_option(OptionMap& options, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string name(trim(assignment.substr(0, equals)));
  if (equals == std::string_view::npos || name.empty()) {
    throw Error(ErrorKind::kUsage, "option '" + printable(assignment) + "': write NAME=VALUE");
  }
  options[name] = std::string(trim(assignment.substr(equals + 1)));
}

void add_option_once(OptionMap& options, std::string_view assignment) {
  OptionMap one;
  add_option(one, assignment);
  const auto& [key, value] = *one.begin();
  const auto [known, added] = options.emplace(key, value);
  if (added || known->second == value) return;
  throw Error(ErrorKind::kUsage, printable(key) + " is given twice: " + printable(known->second) +
                                     " and " + printable(value));
}

PluginChoice parse_plugin_choice(std::string_view text) {
  PluginChoice choice;
  const std::size_t colon = text.find(':');
  choice.name = std::string(trim(text.substr(0, colon)));
  if (colon == std::string_view::npos) return choice;
  for (const std::string& assignment : split(text.substr(colon + 1), ',')) {
    if (trim(assignment).empty()) continue;
    try {
      add_option_once(choice.options, assignment);
    } catch (const Error& error) {
      throw error.with_context("'" + printable(text) + "'");
    }
  }
  return choice;
}

std::vector<PluginChoice> parse_plugin_choices(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    // "y=2" belongs to the options of the choice before it.
    if (equals != std::string::npos && part.find(':') > equals && !words.empty()) {
      words.back() += "," + part;
    } else {
      words.push_back(std::move(part));
    }
  }
  std::vector<PluginChoice> choices;
  for (const std::string& word : words) choices.push_back(parse_plugin_choice(word));
  return choices;
}

std::string to_string(const PluginChoice& choice) {
  std::string text = choice.name;
  char mark = ':';
  for (const auto& [name, value] : choice.options) {
    text += mark + name + "=" + value;
    mark = ',';
  }
  return text;
}

}  // namespace nas
