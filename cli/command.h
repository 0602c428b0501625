#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas::cli {

class Context;

/// One option of a command. Help, parsing, defaults, near-miss hints, shell completion and the
/// errors for options that would have no effect are all derived from it.
struct OptionSpec {
  std::string_view name;   ///< without dashes: "space"
  std::string_view value;  ///< what stands for the value in help: "NAME"; "" = a flag
  std::string_view help;
  std::string_view choices = "";    ///< "a|b|c": nothing else is accepted
  std::string_view completes = "";  ///< what the shell completes: "file", "new-file", "path" (file
                                    ///< or dir), "dir", "space", "searcher", "study", "benchmark",
                                    ///< "column", "predictor", "proxies", ... (cli/completion.cpp);
                                    ///< "" = what `value` stands for there
  bool repeated = false;
  bool required = false;
  std::string standard = "";  ///< the value that holds without the option, as it would be typed
  /// "a|b=x": has no effect without --a or `--b x`; names of arguments count as well. Giving it
  /// alone is an error.
  std::string_view needs = "";
  std::string_view excludes = "";  ///< "a|b": an error together with one of these
};

struct PositionalSpec {
  std::string_view name;  ///< "ARCHITECTURE"
  std::string_view help;
  bool required = true;
  bool repeated = false;
  std::string_view completes = "";
};

/// What the user typed, by option name, and the defaults of the options that were not.
class Arguments {
 public:
  void add(const std::string& name, const std::string& value) { values_[name].push_back(value); }
  void set_standard(const std::string& name, const std::string& value) { standard_[name] = value; }
  /// Was it typed?
  bool has(std::string_view name) const { return values_.contains(std::string(name)); }
  /// What was typed; absent even where the option has a default.
  std::optional<std::string> text(std::string_view name) const;
  /// What was typed, else the default of the record. Requires that it has one.
  std::string value(std::string_view name) const;
  std::int64_t whole(std::string_view name, std::int64_t min, std::int64_t max) const;
  double number(std::string_view name, double min, double max) const;
  std::string text_or(std::string_view name, std::string_view fallback) const;
  std::vector<std::string> all(std::string_view name) const;
  /// Throw Error(kUsage) "--budget = many, expected a whole number in [1, 1000000000]".
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min,
                                      std::int64_t max) const;
  std::int64_t integer_or(std::string_view name, std::int64_t fallback, std::int64_t min,
                          std::int64_t max) const;
  std::optional<double> real(std::string_view name, double min, double max) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> standard_;
};

/// A leaf of the command tree: `nasctl NOUN VERB`. One file of cli/commands/ for each noun defines
/// them.
struct Command {
  std::string_view noun;
  std::string_view verb;         ///< "" for commands of one word (doctor, completion)
  std::string_view summary;      ///< one line, no full stop
  std::string_view description;  ///< what it does, what it prints, exit codes beyond the usual
  std::string_view examples;     ///< lines, each a command
  std::vector<PositionalSpec> positionals;
  std::vector<OptionSpec> options;
  int (*run)(const Arguments& arguments, Context& context);
};

/// All commands, in the order of help.
std::span<const Command* const> all_commands();

/// Options that every command has: --store, --files, --format, --json, --wide, --quiet, --progress,
/// --help.
std::span<const OptionSpec> global_options();

/// The help of an option with what follows from its record: default, choices, what it needs.
std::string option_help(const OptionSpec& option);

std::string command_name(const Command& command);  ///< "search run"

/// "unknown option '--versoin'; did you mean '--version'?" of a word with dashes, which may end in
/// "=VALUE". `known`: with their dashes.
std::string unknown_option(std::string_view word, std::span<const std::string> known);

/// Throws Error(kUsage) with a near miss for an unknown option, a missing value or argument, an
/// option given twice, or one that has no effect beside (or without) others.
Arguments parse_arguments(const Command& command, const std::vector<std::string>& words);

std::string overview_help();                       ///< `nasctl help`
std::string noun_help(std::string_view noun);      ///< `nasctl help search`
std::string command_help(const Command& command);  ///< `nasctl help search run`

/// The same as JSON, {"schema": "searchlight.command", "version": 1, "command", "summary",
/// "description", "examples": [..], "arguments": [..], "options": [..]}, from the same record.
/// Forms of other programs are made of it.
std::string command_json(const Command& command);
/// {"schema": "searchlight.commands", "version": 1, "rows": [{"command", "summary"}, ..]}; all
/// commands for an empty noun.
std::string commands_json(std::string_view noun);

/// Completion script generated from the same records. Throws Error(kUsage) for another shell.
std::string completion_script(std::string_view shell);

}  // namespace nas::cli
