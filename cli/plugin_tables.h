#pragma once

#include <span>
#include <string>

#include "cli/context.h"
#include "core/api/plugin.h"
#include "core/util/options.h"

namespace nas::cli {

/// A number for programs where the text is one.
Cell number_cell(const std::string& text);

/// Options as their record has them: name, default, range, unit, meaning, source.
Table options_table(std::span<const FieldDoc> fields);

/// One plug-in for people: name and summary, paper, options; for programs the table of options.
/// `how` says how an option is given: "--searcher-option KEY=VALUE".
void print_plugin(const std::string& name, const std::string& summary, const std::string& paper,
                  std::span<const FieldDoc> fields, const std::string& how, Context& context);

template <class Interface>
void print_plugin(const Plugin<Interface>& plugin, const std::string& how, Context& context) {
  print_plugin(std::string(plugin.name), std::string(plugin.summary), std::string(plugin.paper),
               plugin.fields(), how, context);
}

/// A row for each plug-in: name, options with their defaults, summary, paper.
template <class Interface>
Table plugins_table(const char* kind, std::span<const Plugin<Interface>* const> plugins) {
  Table table{.kind = kind,
              .columns = {{"name", "", false, true},
                          {"summary", "", true},
                          {"options", "", true},
                          {"paper", "", true, false, true}}};
  for (const Plugin<Interface>* plugin : plugins) {
    std::string options;
    for (const FieldDoc& field : plugin->fields()) {
      options += (options.empty() ? "" : ",") + field.name + "=" + field.default_value;
    }
    table.rows.push_back({std::string(plugin->name), std::string(plugin->summary), options,
                          std::string(plugin->paper)});
  }
  return table;
}

}  // namespace nas::cli
