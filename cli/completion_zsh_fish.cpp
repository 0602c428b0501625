#include <set>

#include "cli/completion.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::string_view kZshHead = R"sh(#compdef nasctl
# zsh completion of nasctl; load with: source <(nasctl completion zsh)
_nasctl_offer() {
  local -a found
  local program="$words[1]"
  if [[ -n $1 ]]; then
    (( $+commands[$program] )) || [[ -x $program ]] || program=$_nasctl_program
    found=("${(@f)$($program complete "$1" "${(Q)PREFIX}" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    (( $#found )) && compadd -M 'm:{a-zA-Z}={A-Za-z}' -- "${found[@]}"
  fi
  [[ -n $2 ]] && compadd -S '' -- ${(M)=2:#*[=:]} && true
  [[ -n $2 ]] && compadd -- ${=2:#*[=:]} && true
  [[ $3 == files ]] && _files
  [[ $3 == folders ]] && _files -/
  return 0
}
)sh";

/// zsh's _arguments reads brackets and colons.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// What follows the last ':' of a specification; a word list as one word of its own.
std::string zsh_action(const CompletedWords& words) {
  if (words.fixed.empty() && words.asked.empty() && !words.files && !words.folders) return " ";
  const char* files = words.files ? "files" : words.folders ? "folders" : "none";
  // A blank before it keeps zsh from adding arguments of its own.
  return " _nasctl_offer " + shell_quoted(words.asked) + " " + shell_quoted(zsh_text(words.fixed)) +
         " " + files;
}

/// The specifications of a command as an array; those that need another option once it is typed.
std::string zsh_options(const Command& command) {
  std::string out, conditional;
  for (const OptionSpec* option : all_options(command)) {
    const OptionRule rule = rule_of(command, *option);
    std::string spec = (option->repeated ? "*" : "") + ("--" + std::string(option->name));
    if (!rule.hidden_by.empty()) spec = "(--" + join(rule.hidden_by, " --") + ")" + spec;
    spec += "[" + zsh_text(option->help) + "]";
    if (!option->value.empty()) {
      spec += ":" + zsh_text(option->value) + ":" + zsh_action(completed_words(*option));
    }
    if (rule.needs.empty()) {
      out += " " + shell_quoted(spec);
    } else {
      conditional += "      (( ${words[(I)--(" + join(rule.needs, "|") + ")(|=*)]} )) && specs+=(" +
                     shell_quoted(spec) + ")\n";
    }
  }
  const std::string verb = command.verb.empty() ? "" : " '2:verb: '";
  return "      specs=(" + out + " '1:command: '" + verb + " " +
         shell_quoted("*:argument:" + zsh_action(completed_words(command))) + ")\n" + conditional +
         "      _arguments -s \"${specs[@]}\" ;;\n";
}

constexpr std::string_view kFishHead =
    R"sh(# fish completion of nasctl; load with: nasctl completion fish | source
function __nasctl_ask
  set -l before (commandline -opc)
  set -l program $before[1]
  command -q $program; or set program $__nasctl_program
  $program complete $argv[1] (commandline -ct | string unescape) $before[2..-1] 2>/dev/null
end
complete -c nasctl -f
)sh";

std::string fish_arguments(const CompletedWords& words) {
  std::string list = words.fixed;
  if (!words.asked.empty())
    list += (list.empty() ? "" : " ") + ("(__nasctl_ask " + words.asked + ")");
  if (words.folders)
    list += (list.empty() ? "" : " ") + std::string("(__fish_complete_directories)");
  std::string out = words.files ? " -F" : "";
  if (!list.empty()) out += " -a " + shell_quoted(list);
  return out;
}

}  // namespace

std::string zsh_script() {
  std::string out = std::string(kZshHead) + "_nasctl_program=" + shell_quoted(own_program()) +
                    "\n_nasctl() {\n  local -a specs\n  if (( CURRENT == 2 )); then compadd -- " +
                    noun_words() + "; return; fi\n  case \"$words[2]\" in\n";
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (command->verb.empty() || !seen.insert(command->noun).second) continue;
    out += "    " + std::string(command->noun) + ") if (( CURRENT == 3 )); then compadd -- " +
           verb_words(command->noun) + "; return; fi ;;\n";
  }
  out += "  esac\n  case \"$words[2] $words[3]\" in\n";
  for (const Command* command : all_commands()) {
    const std::string pattern = command->verb.empty() ? std::string(command->noun) + "\\ *"
                                                      : "\"" + command_name(*command) + "\"";
    out += "    " + pattern + ")\n" + zsh_options(*command);
  }
  return out + "  esac\n}\ncompdef _nasctl nasctl\n";
}

std::string fish_script() {
  std::string out =
      "set -g __nasctl_program " + shell_quoted(own_program()) + "\n" + std::string(kFishHead);
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    const std::string noun(command->noun);
    if (seen.insert(command->noun).second) {
      out += "complete -c nasctl -n __fish_use_subcommand -a " + noun + "\n";
    }
    std::string condition = "__fish_seen_subcommand_from " + noun;
    if (!command->verb.empty()) {
      out += "complete -c nasctl -n " +
             shell_quoted(condition + "; and not __fish_seen_subcommand_from " + verb_words(noun)) +
             " -a " + std::string(command->verb) + " -d " + shell_quoted(command->summary) + "\n";
      condition += "; and __fish_seen_subcommand_from " + std::string(command->verb);
    }
    const std::string words = fish_arguments(completed_words(*command));
    if (!words.empty()) out += "complete -c nasctl -n " + shell_quoted(condition) + words + "\n";
    for (const OptionSpec* option : all_options(*command)) {
      const OptionRule rule = rule_of(*command, *option);
      std::string when = condition;
      if (!rule.hidden_by.empty()) {
        when += "; and not __fish_contains_opt " + join(rule.hidden_by, " ");
      }
      if (!rule.needs.empty()) when += "; and __fish_contains_opt " + join(rule.needs, " ");
      out += "complete -c nasctl -n " + shell_quoted(when) + " -l " + std::string(option->name);
      if (!option->value.empty()) {
        const CompletedWords offered = completed_words(*option);
        out += (offered.files ? " -r" : " -x") + fish_arguments(offered);
      }
      out += " -d " + shell_quoted(option->help) + "\n";
    }
  }
  return out;
}

}  // namespace nas::cli
