#include "cli/run.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "cli/candidates.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/terminal.h"
#include "core/util/text.h"
#include "db/store_address.h"

namespace nas::cli {
namespace {

std::vector<std::string> nouns() {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (seen.insert(command->noun).second) names.emplace_back(command->noun);
  }
  return names;
}

std::vector<std::string> verbs(std::string_view noun) {
  std::vector<std::string> names;
  for (const Command* command : all_commands()) {
    if (command->noun == noun && !command->verb.empty()) names.emplace_back(command->verb);
  }
  return names;
}

/// Takes noun and verb off the front of `words`. Throws Error(kUsage) with near misses.
const Command* find_command(std::vector<std::string>& words) {
  const std::string noun = words.front();
  words.erase(words.begin());
  for (const Command* command : all_commands()) {
    if (command->noun == noun && command->verb.empty()) return command;
  }
  const std::vector<std::string> known = verbs(noun);
  if (known.empty()) {
    throw Error(ErrorKind::kUsage, unknown_name("command", printable(noun), nouns()));
  }
  if (words.empty() || words.front().starts_with("-")) return usual_command(noun);
  const std::string verb = words.front();
  words.erase(words.begin());
  for (const Command* command : all_commands()) {
    if (command->noun == noun && command->verb == verb) return command;
  }
  throw Error(ErrorKind::kUsage, unknown_name("verb of '" + noun + "'", printable(verb), known));
}

int show(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

bool holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

int show_help(const Command& command, bool json) {
  return show(json ? command_json(command) : command_help(command));
}

int help(std::vector<std::string> words) {
  const bool json = std::erase(words, "--json") > 0;
  if (words.empty()) return show(json ? commands_json("") : overview_help());
  const std::string noun = words.front();
  const bool alone = words.size() == 1;
  const Command* command = find_command(words);
  if (command != nullptr && !(alone && command == usual_command(noun)))
    return show_help(*command, json);
  return show(json ? commands_json(noun) : noun_help(noun));
}

bool asks_help(const std::vector<std::string>& words) {
  return holds(words, "--help") || holds(words, "-h");
}

/// Takes the options that every command has off the front: they may stand before the command.
std::vector<std::string> take_global_options(std::vector<std::string>& words) {
  std::vector<std::string> taken;
  const auto take = [&] {
    taken.push_back(words.front());
    words.erase(words.begin());
  };
  while (!words.empty()) {
    const std::string word = words.front() == "-q" ? "--quiet" : words.front();
    const std::size_t value = word.find('=');
    const auto options = global_options();
    const auto option = std::find_if(options.begin(), options.end(), [&](const OptionSpec& one) {
      return word.substr(0, value) == "--" + std::string(one.name);
    });
    if (option == options.end()) break;
    take();
    if (!option->value.empty() && value == std::string::npos && !words.empty()) take();
  }
  return taken;
}

/// Throws Error(kUsage) where a word in the place of a command begins with a dash.
void refuse_option(const std::string& word, std::string_view help) {
  if (!word.starts_with('-')) return;
  std::vector<std::string> known{"--help", "--version"};
  for (const OptionSpec& option : global_options()) {
    known.push_back("--" + std::string(option.name));
  }
  throw Error(ErrorKind::kUsage, unknown_option(word, known) + " (see " + std::string(help) + ")");
}

int dispatch(std::vector<std::string> words) {
  const std::vector<std::string> global = take_global_options(words);
  if (words.empty() || words.front() == "--help" || words.front() == "-h") return help({});
  if (words.front() == "--version") return show("nasctl " + version_text() + "\n");
  if (words.front() == "complete") return print_candidates(std::span(words).subspan(1));
  if (words.front() == "help") return help({words.begin() + 1, words.end()});
  refuse_option(words.front(), "nasctl help");
  const std::string noun = words.front();
  const bool alone = words.size() == 1 || words[1].starts_with("-");
  const Command* command = find_command(words);
  const bool asks_of_noun = alone && command == usual_command(noun) && asks_help(words);
  if (command == nullptr || asks_of_noun) {
    if (asks_help(words))
      return show(holds(words, "--json") ? commands_json(noun) : noun_help(noun));
    if (!words.empty() && words.front() != "--json") {
      refuse_option(words.front(), "nasctl help " + noun);
    }
    throw Error(ErrorKind::kUsage, "'nasctl " + noun + "' needs a verb: " +
                                       join(verbs(noun), ", ") + " (see nasctl help " + noun + ")");
  }
  if (asks_help(words)) return show_help(*command, holds(words, "--json"));
  words.insert(words.begin(), global.begin(), global.end());
  const Arguments arguments = parse_arguments(*command, words);
  Context context(arguments);
  return command->run(arguments, context);
}

}  // namespace

int run(const std::vector<std::string>& words) {
  install_signal_handlers();
  int code = 2;
  try {
    code = dispatch(words);
  } catch (const Error& error) {
    std::fprintf(stderr, "nasctl: %s\n", printable_lines(hide_passwords(error.what())).c_str());
  } catch (const Interrupted&) {
    std::fprintf(stderr, "nasctl: interrupted\n");
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "nasctl: out of memory\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nasctl: internal error: %s\n",
                 printable_lines(hide_passwords(error.what())).c_str());
  }
  // Whatever a command makes of being stopped: the shell is told that it was.
  if (code != 0 && interrupted()) code = 130;
  return finish_output(code);
}

}  // namespace nas::cli
