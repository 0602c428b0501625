// The only file that includes CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/candidates.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "core/api/option_once.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

struct Slot {
  std::vector<std::string> values;
  bool set = false;
};

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const OptionSpec& option : command.options) names.push_back("--" + std::string(option.name));
  for (const OptionSpec& option : global_options())
    names.push_back("--" + std::string(option.name));
  return names;
}

void check_choice(const OptionSpec& option, const std::string& value) {
  if (option.choices.empty()) return;
  const std::vector<std::string> choices = split(option.choices, '|');
  for (const std::string& choice : choices) {
    if (choice == value) return;
  }
  throw Error(ErrorKind::kUsage,
              unknown_name("value of --" + std::string(option.name), printable(value), choices));
}

[[noreturn]] void fail(const Command& command, const std::string& text) {
  throw Error(ErrorKind::kUsage, text + " (see nasctl help " + command_name(command) + ")");
}

/// Whether `word` may be a value of the option: one of its choices, a space, a data set, the name
/// of a study of the database that `words` name.
bool may_be_value(const OptionSpec& option, const std::string& word,
                  std::span<const std::string> words) {
  const CompletedWords known = completed_words(option);
  for (const std::string& fixed : split_words(known.fixed)) {
    const bool begins = fixed.ends_with("=") || fixed.ends_with(":");  // KEY=VALUE, KIND:DIR
    if (begins ? word.starts_with(fixed) : word.substr(0, word.find(':')) == fixed) return true;
  }
  if (known.asked.empty()) return false;
  const std::vector<std::string> found = candidates(known.asked, word, words);
  return std::find(found.begin(), found.end(), word) != found.end();
}

/// What somebody meant who typed a word without its option; "" where that is not clear.
std::string hint_of(const Command& command, const std::string& word,
                    std::span<const std::string> words) {
  const auto given = [words](const OptionSpec& option) {
    const std::string flag = "--" + std::string(option.name);
    return std::any_of(words.begin(), words.end(), [&](const std::string& other) {
      return other == flag || other.starts_with(flag + "=");
    });
  };
  const OptionSpec* first = nullptr;  // that takes a value
  for (const OptionSpec& option : command.options) {
    if (option.value.empty() || (given(option) && !option.repeated)) continue;
    if (may_be_value(option, word, words)) {
      return "; did you mean --" + std::string(option.name) + " " + printable(word) + "?";
    }
    if (first == nullptr) first = &option;
  }
  if (!command.positionals.empty() || first == nullptr) return "";
  return "; " + command_name(command) + " takes options alone, such as --" +
         std::string(first->name) + " " + std::string(first->value);
}

[[noreturn]] void fail_extra(const Command& command, const std::string& word,
                             std::span<const std::string> words) {
  if (word.starts_with("-")) {
    fail(command, unknown_option(word, option_names(command)));
  }
  fail(command, "unexpected argument '" + printable(word) + "'" + hint_of(command, word, words));
}

/// "--data", or the name of an argument as it is.
std::string spelling(const Command& command, std::string_view name) {
  for (const PositionalSpec& positional : command.positionals) {
    if (positional.name == name.substr(0, name.find('='))) return std::string(name);
  }
  std::string text = "--" + std::string(name);
  std::replace(text.begin(), text.end(), '=', ' ');
  return text;
}

/// "data", or "preset=smoke": typed, and with this value.
bool holds(const Arguments& arguments, std::string_view condition) {
  const std::size_t equals = condition.find('=');
  if (equals == std::string_view::npos) return arguments.has(condition);
  return arguments.text(condition.substr(0, equals)) == condition.substr(equals + 1);
}

std::string alternatives(const Command& command, std::string_view names) {
  std::vector<std::string> words;
  for (const std::string& name : split(names, '|')) words.push_back(spelling(command, name));
  return join(words, " or ");
}

/// An option that would be ignored is an error: whoever typed it expects something of it.
void check_effect(const Command& command, const OptionSpec& option, const Arguments& arguments) {
  if (!arguments.has(option.name)) return;
  const std::string name = spelling(command, option.name);
  for (const std::string& other : split(option.excludes, '|')) {
    if (other.empty() || !holds(arguments, other)) continue;
    fail(command, name + " has no effect with " + spelling(command, other) + ": give one of them");
  }
  if (option.needs.empty()) return;
  const std::vector<std::string> needed = split(option.needs, '|');
  if (std::any_of(needed.begin(), needed.end(),
                  [&](const std::string& other) { return holds(arguments, other); })) {
    return;
  }
  fail(command, name + " has no effect without " + alternatives(command, option.needs));
}

// CLI11 takes a word in brackets apart where several are allowed, but '[8,16,24]' is one
// architecture: a mark that no one types hides the bracket until the words are ours again.
constexpr char kBracketMark = '\x01';
std::string hide_bracket(const std::string& word) {
  return word.starts_with('[') ? kBracketMark + word : word;
}
std::string show_bracket(const std::string& word) {
  return word.starts_with(kBracketMark) ? word.substr(1) : word;
}

class Binding {
 public:
  explicit Binding(const Command& command) : command_(command) {
    app_.set_help_flag();
    app_.allow_extras();
    for (const PositionalSpec& positional : command.positionals) {
      Slot& slot = slots_[std::string(positional.name)];
      CLI::Option* bound = app_.add_option(std::string(positional.name), slot.values);
      bound->expected(positional.required ? 1 : 0, positional.repeated ? 1 << 20 : 1);
      // CLI11 fills positionals up to their minimum, then those that allow more.
      bound->allow_extra_args(positional.repeated || !positional.required);
    }
    for (const OptionSpec& option : command.options) add(option);
    for (const OptionSpec& option : global_options()) add(option);
  }

  Arguments parse(std::vector<std::string> words) {
    const std::vector<std::string> typed = words;
    std::transform(words.begin(), words.end(), words.begin(), hide_bracket);
    std::reverse(words.begin(), words.end());  // CLI11 pops from the back
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& error) {
      std::string text = error.what();
      for (char& c : text) c = c == '\n' ? ' ' : c;
      std::erase(text, kBracketMark);
      fail(command_, printable(text));
    }
    std::vector<std::string> extras = app_.remaining();
    // The mark after which a dash begins no option is among what CLI11 leaves.
    const auto mark = std::find(extras.begin(), extras.end(), "--");
    if (mark != extras.end()) extras.erase(mark);
    if (!extras.empty()) fail_extra(command_, show_bracket(extras.front()), typed);
    for (auto& [name, slot] : slots_) {
      std::transform(slot.values.begin(), slot.values.end(), slot.values.begin(), show_bracket);
    }
    return collect();
  }

 private:
  void add(const OptionSpec& option) {
    const std::string name = std::string(option.name);
    std::string flags = name == "quiet" ? "-q,--quiet" : "--" + name;
    // As half of the world spells it.
    if (name.ends_with("imize")) flags += ",--" + name.substr(0, name.size() - 2) + "se";
    Slot& slot = slots_[name];
    if (option.value.empty()) {
      app_.add_flag(flags, slot.set);
      return;
    }
    CLI::Option* bound = app_.add_option(flags, slot.values);
    bound->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    bound->allow_extra_args(false);
  }

  Arguments collect() {
    Arguments arguments;
    for (const PositionalSpec& positional : command_.positionals) {
      const std::string name = std::string(positional.name);
      if (positional.required && slots_[name].values.empty()) fail(command_, "missing " + name);
      for (const std::string& value : slots_[name].values) arguments.add(name, value);
    }
    for (const OptionSpec& option : command_.options) collect(option, arguments);
    for (const OptionSpec& option : global_options()) collect(option, arguments);
    for (const OptionSpec& option : command_.options) check_effect(command_, option, arguments);
    for (const OptionSpec& option : global_options()) check_effect(command_, option, arguments);
    return arguments;
  }

  void collect(const OptionSpec& option, Arguments& arguments) {
    const std::string name = std::string(option.name);
    const Slot& slot = slots_[name];
    if (slot.set) arguments.add(name, "");
    if (!option.standard.empty()) arguments.set_standard(name, option.standard);
    if (!option.repeated && std::any_of(slot.values.begin(), slot.values.end(),
                                        [&](const auto& v) { return v != slot.values.front(); })) {
      fail(command_, "--" + name + " is given twice: " + printable(slot.values.front()) + " and " +
                         printable(slot.values.back()));
    }
    for (const std::string& value : slot.values) {
      // An unset variable of a shell, most often.
      if (value.empty()) fail(command_, "--" + name + " is empty");
      check_choice(option, value);
      arguments.add(name, value);
    }
    if (option.value == "KEY=VALUE" || option.value == "NAME=VALUE") check_keys(name, slot.values);
    if (option.required && !arguments.has(name)) {
      fail(command_, "missing --" + name + " " + std::string(option.value));
    }
  }

  /// A key with two values: neither may win in silence.
  void check_keys(const std::string& name, const std::vector<std::string>& assignments) const {
    OptionMap values;
    try {
      for (const std::string& assignment : assignments) add_option_once(values, assignment);
    } catch (const Error& error) {
      fail(command_, "--" + name + " " + error.what());
    }
  }

  const Command& command_;
  CLI::App app_;
  std::map<std::string, Slot> slots_;
};

}  // namespace

std::string unknown_option(std::string_view word, std::span<const std::string> known) {
  const std::string_view name = word.substr(0, word.find('='));
  std::string text = "unknown option '" + printable(name) + "'";
  if (const auto close = near_miss(name, known)) text += "; did you mean '" + *close + "'?";
  return text;
}

Arguments parse_arguments(const Command& command, const std::vector<std::string>& words) {
  return Binding(command).parse(words);
}

}  // namespace nas::cli
