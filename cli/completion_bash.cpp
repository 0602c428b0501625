#include <set>

#include "cli/completion.h"

namespace nas::cli {
namespace {

// The shell takes words apart at ':', '=' and '@'; here they are put together again. In a quoted
// word (-q) replies are not quoted again. What is replaced begins after the last mark, so replies
// lose what stands before it.
constexpr std::string_view kHead =
    R"sh(# bash completion of nasctl; load with: source <(nasctl completion bash)
_nasctl_reply() {
  local line
  while IFS= read -r line; do
    [[ $line == */ ]] && compopt -o nospace 2>/dev/null
    line="${line#"$pre"}"
    [ -n "$quote" ] || printf -v line '%q' "$line"
    COMPREPLY+=("$line")
  done
}
_nasctl_ask() {
  local program="${COMP_WORDS[0]}"
  command -v "$program" >/dev/null || program="$_nasctl_program"
  _nasctl_reply < <("$program" complete "$1" "$cur" "${words[@]}" 2>/dev/null)
}
_nasctl_words() {
  local word
  for word in $1; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$pre"}")
    [[ $word == "$cur"*[=:] ]] && compopt -o nospace 2>/dev/null
  done
  return 0
}
_nasctl_typed() { [[ " ${words[*]} " == *" $1 "* || " ${words[*]} " == *" $1="* ]]; }
# --flag%--hides+--needed ...
_nasctl_flags() {
  local entry flag rest mark other hidden needed
  for entry in $1; do
    flag="${entry%%[%+]*}" rest="${entry#"${entry%%[%+]*}"}" hidden='' needed=''
    while [ -n "$rest" ]; do
      mark="${rest:0:1}" rest="${rest:1}"
      other="${rest%%[%+]*}"
      rest="${rest#"$other"}"
      if [ "$mark" = % ]; then
        _nasctl_typed "$other" && hidden=1
      elif _nasctl_typed "$other"; then
        needed=yes
      else
        needed="${needed:-no}"
      fi
    done
    [ -n "$hidden" ] || [ "$needed" = no ] || _nasctl_words "$flag"
  done
  return 0
}
_nasctl_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen "$1" -- "$cur"))
}
_nasctl() {
  local cur='' quote='' pre='' prev='' raw="${COMP_WORDS[COMP_CWORD]}" word joins='' i
  local -a words=()
  COMPREPLY=()
  for ((i = 1; i <= COMP_CWORD; ++i)); do
    word="${COMP_WORDS[i]}"
    if [ ${#words[@]} -gt 0 ] && { [[ $word == [:=@]* ]] || [ -n "$joins" ]; }; then
      words[${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
    joins=''
    [[ $word == [:=@] ]] && joins=1
  done
  cur="${words[${#words[@]}-1]}"
  unset "words[${#words[@]}-1]"
  [ ${#words[@]} -gt 0 ] && prev="${words[${#words[@]}-1]}"
  if [[ $cur == --*=* ]]; then prev="${cur%%=*}"; cur="${cur#*=}"; fi
  case "$cur" in
    [\'\"]*) quote="${cur:0:1}"; cur="${cur:1}" ;;
    *) cur="${cur//\\/}"; [[ $raw == [:=@] ]] && raw=''; pre="${cur%"${raw//\\/}"}" ;;
  esac
  local noun="${words[0]}" verb="${words[1]}"
)sh";

std::string offers(const CompletedWords& words) {
  std::string out;
  if (!words.fixed.empty()) out += "_nasctl_words " + shell_quoted(words.fixed) + "; ";
  if (!words.asked.empty()) out += "_nasctl_ask " + words.asked + "; ";
  if (words.files) out += "_nasctl_files -f; ";
  if (words.folders) out += "_nasctl_files -d; ";
  return out;
}

std::string command_case(const Command& command) {
  const std::string pattern = command.verb.empty() ? std::string(command.noun) + "\\ *"
                                                   : "\"" + command_name(command) + "\"";
  std::string out = "    " + pattern + ")\n      case \"$prev\" in\n";
  std::string flags;
  for (const OptionSpec* option : all_options(command)) {
    flags += (flags.empty() ? "--" : " --") + std::string(option->name);
    const OptionRule rule = rule_of(command, *option);
    for (const std::string& other : rule.hidden_by) flags += "%--" + other;
    for (const std::string& other : rule.needs) flags += "+--" + other;
    if (option->value.empty()) continue;
    out += "        --" + std::string(option->name) + ") " + offers(completed_words(*option)) +
           "return ;;\n";
  }
  const std::string rest = offers(completed_words(command));
  return out + "      esac\n      case \"$cur\" in\n        -*) _nasctl_flags " +
         shell_quoted(flags) + " ;;\n        *) " + (rest.empty() ? ":" : rest) +
         " ;;\n      esac ;;\n";
}

}  // namespace

std::string bash_script() {
  std::string out = "_nasctl_program=" + shell_quoted(own_program()) + "\n";
  out = std::string(kHead.substr(0, kHead.find('\n') + 1)) + out +
        std::string(kHead.substr(kHead.find('\n') + 1));
  out += "  if [ ${#words[@]} -eq 0 ]; then _nasctl_words " + shell_quoted(noun_words()) +
         "; return; fi\n  if [ ${#words[@]} -eq 1 ]; then\n    case \"$noun\" in\n";
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (command->verb.empty() || !seen.insert(command->noun).second) continue;
    out += "      " + std::string(command->noun) + ") _nasctl_words " +
           shell_quoted(verb_words(command->noun)) + "; return ;;\n";
  }
  out += "      help) _nasctl_words " + shell_quoted(noun_words()) +
         "; return ;;\n    esac\n  fi\n  case \"$noun $verb\" in\n";
  for (const Command* command : all_commands()) out += command_case(*command);
  return out + "  esac\n}\ncomplete -F _nasctl nasctl\n";
}

}  // namespace nas::cli
