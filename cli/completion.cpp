#include <set>

#include "cli/command.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/zerocost/proxy.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas::cli {
namespace {

template <class Interface>
std::string plugin_names(std::span<const Plugin<Interface>* const> plugins) {
  std::string names;
  for (const Plugin<Interface>* plugin : plugins) {
    names += (names.empty() ? "" : " ") + std::string(plugin->name);
  }
  return names;
}

/// The words an option's value can be, or "" when the shell should offer files.
std::string value_words(const OptionSpec& option) {
  if (!option.choices.empty()) {
    const std::vector<std::string> choices = split(option.choices, '|');
    return join(choices, " ");
  }
  if (option.completes == "space") return plugin_names(space_plugins());
  if (option.completes == "searcher") return plugin_names(searcher_plugins());
  if (option.completes == "proxies") return "all reference " + plugin_names(proxy_plugins());
  return "";
}

std::vector<const OptionSpec*> all_options(const Command& command) {
  std::vector<const OptionSpec*> options;
  for (const OptionSpec& option : command.options) options.push_back(&option);
  for (const OptionSpec& option : global_options()) options.push_back(&option);
  return options;
}

std::string nouns() {
  std::string out;
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (seen.insert(command->noun).second) out += std::string(command->noun) + " ";
  }
  return out + "help";
}

std::string verbs(std::string_view noun) {
  std::string out;
  for (const Command* command : all_commands()) {
    if (command->noun == noun && !command->verb.empty()) {
      out += (out.empty() ? "" : " ") + std::string(command->verb);
    }
  }
  return out;
}

std::string bash_script() {
  std::string out =
      "# bash completion of nasctl; load with: source <(nasctl completion bash)\n"
      "_nasctl() {\n"
      "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local noun=\"${COMP_WORDS[1]}\" verb=\"${COMP_WORDS[2]}\"\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '" +
      nouns() + "' -- \"$cur\"))\n    return\n  fi\n  case \"$noun\" in\n";
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (command->verb.empty() || !seen.insert(command->noun).second) continue;
    out += "    " + std::string(command->noun) +
           ") if [ \"$COMP_CWORD\" -eq 2 ]; then COMPREPLY=($(compgen -W '" + verbs(command->noun) +
           "' -- \"$cur\")); return; fi ;;\n";
  }
  out += "  esac\n  local words='' \n  case \"$noun $verb\" in\n";
  for (const Command* command : all_commands()) {
    const std::string pattern = command->verb.empty() ? std::string(command->noun) + "\\ *"
                                                      : "\"" + command_name(*command) + "\"";
    out += "    " + pattern + ")\n      case \"$prev\" in\n";
    std::string flags;
    for (const OptionSpec* option : all_options(*command)) {
      flags += "--" + std::string(option->name) + " ";
      if (option->value.empty()) continue;
      const std::string words = value_words(*option);
      out += "        --" + std::string(option->name) + ") ";
      out += words.empty() ? "COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
                           : "COMPREPLY=($(compgen -W '" + words + "' -- \"$cur\")); return ;;\n";
    }
    out += "      esac\n      words='" + flags + "' ;;\n";
  }
  return out +
         "  esac\n  case \"$cur\" in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n  esac\n}\ncomplete -F _nasctl nasctl\n";
}

/// Text inside single quotes of a shell.
std::string shell_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return "'" + out + "'";
}

/// zsh's _arguments reads brackets and colons.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_options(const Command& command) {
  std::string out;
  for (const OptionSpec* option : all_options(command)) {
    std::string spec = "--" + std::string(option->name);
    spec = (option->repeated ? "*" : "") + spec;
    spec += "[" + zsh_text(option->help) + "]";
    if (!option->value.empty()) {
      const std::string words = value_words(*option);
      spec += ":" + zsh_text(option->value) + ":" + (words.empty() ? "_files" : "(" + words + ")");
    }
    out += " " + shell_quoted(spec);
  }
  return out + " '*:argument:_files'";
}

std::string zsh_script() {
  std::string out =
      "#compdef nasctl\n# zsh completion of nasctl; load with: source <(nasctl completion zsh)\n"
      "_nasctl() {\n"
      "  if (( CURRENT == 2 )); then compadd -- " +
      nouns() + "; return; fi\n  case \"$words[2]\" in\n";
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (command->verb.empty() || !seen.insert(command->noun).second) continue;
    out += "    " + std::string(command->noun) + ") if (( CURRENT == 3 )); then compadd -- " +
           verbs(command->noun) + "; return; fi ;;\n";
  }
  out += "  esac\n  case \"$words[2] $words[3]\" in\n";
  for (const Command* command : all_commands()) {
    const std::string pattern = command->verb.empty() ? std::string(command->noun) + "\\ *"
                                                      : "\"" + command_name(*command) + "\"";
    out += "    " + pattern + ") _arguments -s" + zsh_options(*command) + " ;;\n";
  }
  return out + "  esac\n}\ncompdef _nasctl nasctl\n";
}

std::string fish_script() {
  std::string out =
      "# fish completion of nasctl; load with: nasctl completion fish | source\ncomplete -c nasctl "
      "-f\n";
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    const std::string noun(command->noun);
    if (seen.insert(command->noun).second) {
      out += "complete -c nasctl -n __fish_use_subcommand -a " + noun + "\n";
    }
    std::string condition = "__fish_seen_subcommand_from " + noun;
    if (!command->verb.empty()) {
      out += "complete -c nasctl -n " +
             shell_quoted(condition + "; and not __fish_seen_subcommand_from " + verbs(noun)) +
             " -a " + std::string(command->verb) + " -d " + shell_quoted(command->summary) + "\n";
      condition += "; and __fish_seen_subcommand_from " + std::string(command->verb);
    }
    for (const OptionSpec* option : all_options(*command)) {
      out +=
          "complete -c nasctl -n " + shell_quoted(condition) + " -l " + std::string(option->name);
      if (!option->value.empty()) {
        const std::string words = value_words(*option);
        out += words.empty() ? " -r -F" : " -x -a " + shell_quoted(words);
      }
      out += " -d " + shell_quoted(option->help) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  throw Error(ErrorKind::kUsage, unknown_name("shell", printable(shell), shells));
}

}  // namespace nas::cli
