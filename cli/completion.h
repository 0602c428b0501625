#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace nas::cli {

/// What a shell offers for a word of a command.
struct CompletedWords {
  std::string fixed;  ///< words that this program knows, at blanks
  std::string asked;  ///< kinds that `nasctl complete` answers from the database, at commas
  bool files = false, folders = false;
};

/// The kind of word that a value or an argument is: by the record's `completes`, else by what its
/// placeholder stands for; "" for choices and free text.
std::string_view completed_kind(const OptionSpec& option);
std::string_view completed_kind(const PositionalSpec& positional);
CompletedWords words_of_kind(std::string_view kind);
/// Its choices, else the words of its kind.
CompletedWords completed_words(const OptionSpec& option);
/// All arguments of a command that are not options.
CompletedWords completed_words(const Command& command);

/// When an option is offered, by the names of others that were typed.
struct OptionRule {
  std::vector<std::string>
      hidden_by;                   ///< any of them: it would have no effect, or is given already
  std::vector<std::string> needs;  ///< unless empty: one of them
};
OptionRule rule_of(const Command& command, const OptionSpec& option);

std::vector<const OptionSpec*> all_options(const Command& command);  ///< with the global ones
std::string noun_words();
std::string verb_words(std::string_view noun);

/// Text as one word of a shell.
std::string shell_quoted(std::string_view text);
/// The path of this program.
std::string own_program();

std::string bash_script();
std::string zsh_script();
std::string fish_script();

}  // namespace nas::cli
