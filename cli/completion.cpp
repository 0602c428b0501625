#include "cli/completion.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <set>

#include "app/scoring/proxy_evaluator.h"
#include "app/study/constraint.h"
#include "app/study/recipe_choice.h"
#include "cli/candidates.h"
#include "core/api/recipe_presets.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/registry.h"
#include "predictors/registry.h"
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

std::string recipe_keys() {
  std::string keys;
  for (const FieldDoc& field : all_recipe_fields()) {
    keys += (keys.empty() ? "" : " ") + field.name + "=";
  }
  return keys;
}

std::string preset_names() {
  std::string names(recipe_preset_names());
  std::replace(names.begin(), names.end(), '|', ' ');
  return names;
}

std::string metric_names() {
  std::string names;
  for (const MetricInfo& metric : metric_catalogue()) {
    names += std::string(metric.name) + (metric.per_device ? "@host " : " ");
  }
  for (const MetricInfo& metric : proxy_metrics()) names += std::string(metric.name) + " ";
  names.pop_back();
  return names;
}

std::string dataset_words() {
  std::string words;
  for (const DataKind& kind : data_kinds()) {
    const DatasetInfo& info = kind.info;
    words += (words.empty() ? "" : " ") + info.name + (info.reads_directory ? ":" : "");
  }
  return words;
}

/// What a placeholder of help stands for, where the record says nothing else.
struct Placeholder {
  std::string_view value, kind;
};
constexpr std::array<Placeholder, 16> kPlaceholders = {{{"COLUMN", "column"},
                                                        {"CONDITION", "column"},
                                                        {"BENCH", "benchmark"},
                                                        {"BENCHMARK", "benchmark"},
                                                        {"STUDY", "study"},
                                                        {"PREDICTOR", "predictor"},
                                                        {"SUPERNET", "supernet"},
                                                        {"PLUGIN", "predictor-plugin"},
                                                        {"METRIC", "metric"},
                                                        {"DEVICE", "device"},
                                                        {"KIND:DIR", "dataset"},
                                                        {"DATA", "dataset"},
                                                        {"SPEC", "dataset"},
                                                        {"ARCHITECTURE", "architecture"},
                                                        {"A", "architecture"},
                                                        {"B", "architecture"}}};
/// Options whose value has a grammar of its own.
constexpr std::array<Placeholder, 10> kNames = {{{"recipe", "recipe"},
                                                 {"origin", "origin"},
                                                 {"constraint", "metric"},
                                                 {"final-recipe", "recipe"},
                                                 {"space-option", "space-option"},
                                                 {"searcher-option", "searcher-option"},
                                                 {"searchers", "searcher"},
                                                 {"score-data", "dataset"},
                                                 {"data", "dataset"},
                                                 {"importer", "importer"}}};

std::string_view kind_in(std::span<const Placeholder> table, std::string_view word) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Placeholder& item) { return item.value == word; });
  return found == table.end() ? std::string_view() : found->kind;
}

bool is_dynamic(std::string_view kind) {
  const auto kinds = dynamic_kinds();
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

std::string_view completed_kind(const OptionSpec& option) {
  if (!option.choices.empty()) return "";
  if (!option.completes.empty()) return option.completes;
  const std::string_view by_value = kind_in(kPlaceholders, option.value);
  return by_value.empty() ? kind_in(kNames, option.name) : by_value;
}

std::string_view completed_kind(const PositionalSpec& positional) {
  return positional.completes.empty() ? kind_in(kPlaceholders, positional.name)
                                      : positional.completes;
}

CompletedWords words_of_kind(std::string_view kind) {
  CompletedWords words;
  if (kind == "space") words.fixed = plugin_names(space_plugins());
  if (kind == "searcher") words.fixed = plugin_names(searcher_plugins());
  if (kind == "proxies") words.fixed = "all reference " + plugin_names(proxy_plugins());
  if (kind == "predictor-plugin") words.fixed = plugin_names(predictor_plugins());
  if (kind == "importer") words.fixed = plugin_names(importer_plugins());
  if (kind == "recipe") words.fixed = recipe_keys();
  if (kind == "metric") words.fixed = metric_names();
  if (kind == "dataset") words.fixed = dataset_words();
  if (kind == "shell") words.fixed = "bash zsh fish";
  if (kind == "preset") words.fixed = preset_names();
  constexpr std::array<std::string_view, 5> kFiles = {"file", "new-file", "path", "dataset",
                                                      "model-file"};
  words.files = std::ranges::find(kFiles, kind) != kFiles.end();
  words.folders = kind == "dir";
  if (is_dynamic(kind)) words.asked = kind;
  return words;
}

CompletedWords completed_words(const OptionSpec& option) {
  if (!option.choices.empty()) {
    const std::vector<std::string> choices = split(option.choices, '|');
    return {.fixed = join(choices, " ")};
  }
  return words_of_kind(completed_kind(option));
}

CompletedWords completed_words(const Command& command) {
  CompletedWords all;
  const auto append = [](std::string& to, const std::string& more, char mark) {
    if (!more.empty()) to += (to.empty() ? "" : std::string(1, mark)) + more;
  };
  std::set<std::string> seen;
  for (const PositionalSpec& positional : command.positionals) {
    const std::string kind(completed_kind(positional));
    if (!seen.insert(kind).second) continue;
    const CompletedWords words = words_of_kind(kind);
    append(all.fixed, words.fixed, ' ');
    append(all.asked, words.asked, ',');
    all.files = all.files || words.files;
    all.folders = all.folders || words.folders;
  }
  return all;
}

OptionRule rule_of(const Command& command, const OptionSpec& option) {
  const std::vector<const OptionSpec*> options = all_options(command);
  const auto is_option = [&](std::string_view name) {
    return std::any_of(options.begin(), options.end(),
                       [&](const OptionSpec* other) { return other->name == name; });
  };
  OptionRule rule;
  if (!option.repeated) rule.hidden_by.emplace_back(option.name);
  const auto hide = [&](std::string_view name) {
    const auto known = std::find(rule.hidden_by.begin(), rule.hidden_by.end(), name);
    if (is_option(name) && known == rule.hidden_by.end()) rule.hidden_by.emplace_back(name);
  };
  for (const std::string& other : split(option.excludes, '|')) hide(other);
  for (const OptionSpec* other : options) {
    const std::vector<std::string> excluded = split(other->excludes, '|');
    if (std::find(excluded.begin(), excluded.end(), option.name) != excluded.end()) {
      hide(other->name);
    }
  }
  if (option.needs.empty()) return rule;
  rule.needs = split(option.needs, '|');
  // Whether an argument was typed, or a value, is more than a script can tell: then it is offered.
  if (!std::all_of(rule.needs.begin(), rule.needs.end(), is_option)) rule.needs.clear();
  return rule;
}

std::vector<const OptionSpec*> all_options(const Command& command) {
  std::vector<const OptionSpec*> options;
  for (const OptionSpec& option : command.options) options.push_back(&option);
  for (const OptionSpec& option : global_options()) options.push_back(&option);
  return options;
}

std::string noun_words() {
  std::string out;
  std::set<std::string_view> seen;
  for (const Command* command : all_commands()) {
    if (seen.insert(command->noun).second) out += std::string(command->noun) + " ";
  }
  return out + "help";
}

std::string verb_words(std::string_view noun) {
  std::string out;
  for (const Command* command : all_commands()) {
    if (command->noun == noun && !command->verb.empty()) {
      out += (out.empty() ? "" : " ") + std::string(command->verb);
    }
  }
  return out;
}

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

std::string own_program() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return length <= 0 ? "nasctl" : std::string(path.data(), static_cast<std::size_t>(length));
}

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  throw Error(ErrorKind::kUsage, unknown_name("shell", printable(shell), shells));
}

}  // namespace nas::cli
