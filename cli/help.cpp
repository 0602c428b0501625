#include <algorithm>

#include "cli/command.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::size_t kWidth = 90;

/// The words of a text from `column` on, in lines of at most kWidth; the first line starts there.
std::string wrapped(std::string_view text, std::size_t column) {
  std::string out;
  std::size_t at = column;
  for (const std::string& word : split_words(text)) {
    if (at > column && at + word.size() + 1 > kWidth) {
      out += "\n" + std::string(column, ' ');
      at = column;
    }
    if (at > column) {
      out += " ";
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out + "\n";
}

/// `left` in a column of its own, `right` wrapped beside it.
std::string two_columns(const std::string& left, const std::string& right, std::size_t column) {
  std::string out = "  " + left;
  if (left.size() + 4 > column) {
    out += "\n" + std::string(column, ' ');
  } else {
    out += std::string(column - out.size(), ' ');
  }
  return out + wrapped(right, column);
}

/// Lines keep their breaks; only what is too long for a terminal is wrapped.
std::string paragraphs(std::string_view text) {
  constexpr std::size_t kLongest = 110;
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    out += line.size() > kLongest ? wrapped(line, 0) : line + "\n";
  }
  return out;
}

std::string option_left(const OptionSpec& option) {
  std::string left = option.name == "quiet" ? "-q, --quiet" : "--" + std::string(option.name);
  if (!option.value.empty()) left += " " + std::string(option.value);
  return left;
}

/// "--data or STUDY.toml": arguments are written in capitals, options in small letters.
std::string named(std::string_view names, std::string_view conjunction) {
  std::vector<std::string> words;
  for (std::string word : split(names, '|')) {
    const bool argument = word.front() >= 'A' && word.front() <= 'Z';
    std::replace(word.begin(), word.end(), '=', ' ');
    words.push_back(argument ? word : "--" + word);
  }
  return join(words, " " + std::string(conjunction) + " ");
}

std::string indent(std::string_view text) {
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) out += "  " + line + "\n";
  }
  return out;
}

std::string usage(const Command& command) {
  std::string out = "nasctl " + command_name(command);
  for (const PositionalSpec& positional : command.positionals) {
    std::string word(positional.name);
    if (positional.repeated) word += "...";
    out += positional.required ? " " + word : " [" + word + "]";
  }
  return out + " [options]";
}

}  // namespace

std::string command_name(const Command& command) {
  std::string name(command.noun);
  if (!command.verb.empty()) name += " " + std::string(command.verb);
  return name;
}

std::string option_help(const OptionSpec& option) {
  std::string text(option.help);
  if (!option.choices.empty()) {
    const std::vector<std::string> choices = split(option.choices, '|');
    text += " [" + join(choices, ", ") + "]";
  }
  std::vector<std::string> facts;
  if (!option.standard.empty()) facts.push_back("default " + option.standard);
  if (option.required) facts.emplace_back("required");
  if (option.repeated) facts.emplace_back("may be repeated");
  if (!option.needs.empty()) facts.push_back("with " + named(option.needs, "or"));
  if (!option.excludes.empty()) facts.push_back("not with " + named(option.excludes, "or"));
  return facts.empty() ? text : text + " (" + join(facts, "; ") + ")";
}

std::string command_help(const Command& command) {
  std::string out = "nasctl " + command_name(command) + ": " + std::string(command.summary) +
                    "\n\nusage: " + usage(command) + "\n";
  if (!command.description.empty()) out += "\n" + paragraphs(command.description);
  if (!command.positionals.empty()) {
    out += "\narguments:\n";
    for (const PositionalSpec& positional : command.positionals) {
      out += two_columns(std::string(positional.name), std::string(positional.help), 30);
    }
  }
  if (!command.options.empty()) {
    out += "\noptions:\n";
    for (const OptionSpec& option : command.options) {
      out += two_columns(option_left(option), option_help(option), 30);
    }
  }
  out += "\nfor every command:\n";
  for (const OptionSpec& option : global_options()) {
    out += two_columns(option_left(option), option_help(option), 30);
  }
  if (!command.examples.empty()) out += "\nexamples:\n" + indent(command.examples);
  return out;
}

std::string noun_help(std::string_view noun) {
  std::string out = "usage: nasctl " + std::string(noun) + " VERB [options]\n\n";
  for (const Command* command : all_commands()) {
    if (command->noun == noun) {
      out += two_columns(command_name(*command), std::string(command->summary), 22);
    }
  }
  return out + "\nnasctl help " + std::string(noun) + " VERB shows options and examples.\n";
}

std::string overview_help() {
  std::string out =
      "nasctl: neural architecture search, from a search space to a trained winner\n\n"
      "usage: nasctl NOUN VERB [options]\n\n";
  for (const Command* command : all_commands()) {
    out += two_columns(command_name(*command), std::string(command->summary), 22);
  }
  out +=
      "\nA first search, on a data set that needs no download:\n"
      "  nasctl search run --space nasbench201 --searcher evolution --data glyphs --preset short "
      "\\\n"
      "      --maximize accuracy --minimize macs --budget 24 --name first\n"
      "\nData goes to stdout (--format table|csv|json|jsonl), progress to stderr.\n"
      "Exit codes: 0 yes, 1 a negative answer, 2 bad input or environment, 130 interrupted.\n"
      "nasctl help NOUN VERB shows options and examples.\n";
  return out;
}

}  // namespace nas::cli
