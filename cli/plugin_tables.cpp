#include "cli/plugin_tables.h"

#include "core/util/text.h"

namespace nas::cli {

Cell number_cell(const std::string& text) {
  if (const auto whole = parse_int(text)) return Cell(*whole);
  const auto real = parse_double(text);
  return real ? Cell(*real) : Cell(text);
}

Table options_table(std::span<const FieldDoc> fields) {
  Table table{.kind = "options",
              .columns = {{"option", "", false, true},
                          {"default"},
                          {"range"},
                          {"unit"},
                          {.name = "meaning", .shrink = true, .wrap = true},
                          {"source", "", true, false, true}}};
  for (const FieldDoc& field : fields) {
    table.rows.push_back(
        {field.name, field.default_value, field.range, field.unit, field.meaning, field.source});
  }
  return table;
}

void print_plugin(const std::string& name, const std::string& summary, const std::string& paper,
                  std::span<const FieldDoc> fields, const std::string& how, Context& context) {
  if (context.human()) {
    context.print(name + ": " + summary + "\n");
    if (!paper.empty()) context.print(paper + "\n");
    context.print(fields.empty() ? "\nno options\n" : "\noptions (" + how + "):\n");
    if (fields.empty()) return;
  }
  context.print(options_table(fields));
}

}  // namespace nas::cli
