#include "cli/typed_again.h"

#include <algorithm>
#include <cctype>

#include "cli/completion.h"
#include "db/store_address.h"

namespace nas::cli {
namespace {

/// As a shell reads it back.
std::string word_of(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_=.,:/+@%").find(c) != std::string_view::npos;
  });
  return plain ? text : shell_quoted(text);
}

}  // namespace

std::string typed_again(const Command& command, const Arguments& arguments) {
  std::string text = "nasctl " + command_name(command);
  for (const PositionalSpec& positional : command.positionals) {
    for (const std::string& word : arguments.all(positional.name)) text += " " + word_of(word);
  }
  for (const OptionSpec* option : all_options(command)) {
    for (const std::string& value : arguments.all(option->name)) {
      text += " --" + std::string(option->name);
      if (!option->value.empty()) text += " " + word_of(hide_passwords(value));
    }
  }
  return text;
}

}  // namespace nas::cli
