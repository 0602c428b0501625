#include "db/importers/mapping.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "core/util/toml_reader.h"
#include "core/util/unit.h"
#include "db/importers/cell_numbers.h"
#include "db/importers/notation.h"
#include "db/importers/registry.h"
#include "db/importers/text_table.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

class Reader {
 public:
  explicit Reader(std::string_view source) : toml_(source) {}

  Mapping read(std::string_view content) const {
    const toml::table root = toml_.parse(content);
    toml_.check_keys(root, {"name", "files", "space", "source", "licence", "rows", "decimal",
                            "architecture", "filter", "leave_out", "pivot", "defaults", "column",
                            "structure", "check", "best", "notes"});
    Mapping mapping;
    toml_.text(root, "name", mapping.name);
    toml_.texts(root, "files", mapping.files);
    toml_.text(root, "space", mapping.space);
    toml_.text(root, "source", mapping.source);
    toml_.text(root, "licence", mapping.licence);
    toml_.texts(root, "notes", mapping.notes);
    std::int64_t rows = 0;
    toml_.whole(root, "rows", rows);
    mapping.rows = static_cast<std::size_t>(std::max<std::int64_t>(rows, 0));
    toml_.text(root, "decimal", mapping.decimal);
    if (!mapping.decimal.empty()) one_of(root, "decimal", mapping.decimal, {",", "."});
    if (mapping.name.empty()) toml_.fail(root, "'name' of the benchmark is missing");
    read_architecture(root, mapping);
    read_rows(root, mapping);
    read_columns(root, mapping);
    read_checks(root, mapping);
    return mapping;
  }

 private:
  void one_of(const toml::table& table, std::string_view key, const std::string& value,
              const std::vector<std::string>& known) const {
    if (std::find(known.begin(), known.end(), value) != known.end()) return;
    const toml::node* node = table.get(key);
    toml_.fail(node == nullptr ? table : *node, unknown_name(key, value, known));
  }

  void read_architecture(const toml::table& root, Mapping& mapping) const {
    const toml::table* section = toml_.table(root, "architecture");
    if (section == nullptr) toml_.fail(root, "[architecture] is missing: which fields name a row?");
    toml_.check_keys(*section, {"fields", "notation", "index", "duplicates"});
    toml_.texts(*section, "fields", mapping.arch_fields);
    toml_.text(*section, "notation", mapping.notation);
    toml_.text(*section, "index", mapping.index);
    toml_.text(*section, "duplicates", mapping.duplicates);
    if (mapping.space.empty()) {
      one_of(*section, "notation", mapping.notation, notation_names(nullptr));
    } else if (const toml::node* node = section->get("notation")) {
      mapping.notation_place = toml_.source() + ":" + std::to_string(node->source().begin.line);
    }
    one_of(*section, "duplicates", mapping.duplicates, {"error", "first", "wide"});
    if (mapping.arch_fields.empty() && mapping.index.empty()) {
      toml_.fail(*section, "[architecture] needs 'fields' or 'index'");
    }
  }

  void read_values(const toml::table& root, std::string_view section,
                   std::map<std::string, std::vector<std::string>>& values) const {
    const toml::table* table = toml_.table(root, section);
    if (table == nullptr) return;
    for (const auto& [key, node] : *table) {
      values[std::string(key.str())] = toml_.texts_of(node, key.str());
    }
  }

  void read_rows(const toml::table& root, Mapping& mapping) const {
    read_values(root, "filter", mapping.filter);
    read_values(root, "leave_out", mapping.leave_out);
    if (const toml::table* pivot = toml_.table(root, "pivot")) {
      toml_.check_keys(*pivot, {"field", "names"});
      toml_.text(*pivot, "field", mapping.pivot);
      if (mapping.pivot.empty()) toml_.fail(*pivot, "[pivot] needs 'field'");
      if (const toml::table* names = toml_.table(*pivot, "names")) {
        for (const auto& [key, node] : *names) {
          toml_.text(*names, key.str(), mapping.pivot_names[std::string(key.str())]);
        }
      }
    }
  }

  void read_rule(const toml::table& section, ColumnRule& rule) const {
    static const std::vector<std::string> kSources{"computed", "measured", "tabular", "predicted",
                                                   "proxy"};
    BenchmarkColumn& column = rule.column;
    toml_.text(section, "field", rule.field);
    toml_.text(section, "metric", column.metric);
    toml_.text(section, "dataset", column.dataset);
    toml_.text(section, "split", column.split);
    toml_.whole(section, "epochs", column.epochs);
    toml_.text(section, "statistic", column.statistic);
    toml_.text(section, "device", column.device);
    toml_.text(section, "unit", column.unit);
    toml_.flag(section, "maximize", column.maximize);
    toml_.text(section, "origin", column.origin);
    toml_.real(section, "scale", rule.scale);
    toml_.real(section, "least", rule.least);
    toml_.text(section, "list", rule.list);
    toml_.texts(section, "parts", rule.parts);
    toml_.flag(section, "clock", rule.clock);
    toml_.texts(section, "only", rule.only);
    if (const toml::node* node = section.get("failed")) {
      rule.failed.clear();
      if (const auto one = node->value<double>()) {
        rule.failed.push_back(*one);
      } else {
        toml_.fail(*node, "failed must be a number");
      }
    }
    std::string source;
    toml_.text(section, "source", source);
    if (source.empty()) return;
    one_of(section, "source", source, kSources);
    const auto position = std::find(kSources.begin(), kSources.end(), source) - kSources.begin();
    column.source = static_cast<MetricSource>(position);
  }

  /// What is called latency_ms is stored in ms, also where the cells are in s.
  static void store_in_unit_of_name(ColumnRule& rule, std::vector<std::string>& notes) {
    BenchmarkColumn& column = rule.column;
    const std::string own = unit_of_metric(column.metric);
    const Unit* from = find_unit(column.unit);
    const Unit* to = find_unit(own);
    if (own.empty() || column.unit.empty() || from == nullptr) return;
    if (from->quantity != to->quantity || from->factor == to->factor || rule.scale != 1) return;
    rule.scale = from->factor / to->factor;
    rule.cell_unit = std::exchange(column.unit, own);
    notes.push_back("column '" + printable(rule.field) + "' is in " + rule.cell_unit +
                    ", stored in " + own + " as its name '" + printable(column.metric) + "' says");
  }

  void read_columns(const toml::table& root, Mapping& mapping) const {
    static const std::vector<std::string> kKeys{
        "field",  "metric", "dataset",  "split",  "epochs", "statistic",
        "device", "unit",   "maximize", "origin", "scale",  "list",
        "parts",  "clock",  "only",     "failed", "source", "least"};
    ColumnRule defaults;
    if (const toml::table* section = toml_.table(root, "defaults")) {
      toml_.check_keys(*section, kKeys);
      read_rule(*section, defaults);
    }
    for (const toml::table* section : toml_.tables(root, "column")) {
      toml_.check_keys(*section, kKeys);
      ColumnRule rule = defaults;
      read_rule(*section, rule);
      if (rule.field.empty()) toml_.fail(*section, "[[column]] needs 'field'");
      if (rule.column.metric.empty()) rule.column.metric = rule.field;
      if (rule.list.size() > 1) toml_.fail(*section, "list must be one separating character");
      store_in_unit_of_name(rule, mapping.notes);
      mapping.columns.push_back(std::move(rule));
    }
    if (mapping.columns.empty()) toml_.fail(root, "no [[column]]: nothing would be imported");
  }

  void read_checks(const toml::table& root, Mapping& mapping) const {
    for (const toml::table* section : toml_.tables(root, "structure")) {
      toml_.check_keys(*section, {"column", "count", "input", "classes", "scale", "tolerance"});
      StructureRule rule;
      std::string count = "params";
      toml_.text(*section, "column", rule.column);
      toml_.text(*section, "count", count);
      one_of(*section, "count", count, {"params", "macs"});
      rule.macs = count == "macs";
      toml_.whole(*section, "classes", rule.task.classes);
      std::int64_t side = 32;
      toml_.whole(*section, "input", side);
      rule.task.input = {3, side, side};
      toml_.real(*section, "scale", rule.scale);
      toml_.real(*section, "tolerance", rule.tolerance);
      mapping.structure.push_back(std::move(rule));
    }
    for (const toml::table* section : toml_.tables(root, "check")) {
      toml_.check_keys(*section, {"row", "column", "value", "tolerance"});
      ValueCheck check;
      toml_.text(*section, "row", check.row);
      toml_.text(*section, "column", check.column);
      toml_.real(*section, "value", check.value);
      toml_.real(*section, "tolerance", check.tolerance);
      mapping.checks.push_back(std::move(check));
    }
    for (const toml::table* section : toml_.tables(root, "best")) {
      toml_.check_keys(*section, {"column", "value", "tolerance", "rows"});
      BestCheck check;
      toml_.text(*section, "column", check.column);
      toml_.real(*section, "value", check.value);
      toml_.real(*section, "tolerance", check.tolerance);
      toml_.texts(*section, "rows", check.rows);
      mapping.bests.push_back(std::move(check));
    }
  }

  TomlReader toml_;
};

/// Whoever unpacked a table dropped the ending of its compression.
std::string unpacked_name(const std::filesystem::path& file) {
  const bool packed = file.extension() == ".gz" || file.extension() == ".bz2";
  return (packed ? file.stem() : file.filename()).string();
}

std::vector<const BuiltinMapping*> meant_for(const std::filesystem::path& table) {
  std::vector<const BuiltinMapping*> found;
  for (const BuiltinMapping& builtin : builtin_mappings()) {
    const Mapping mapping = parse_mapping(builtin.text, builtin.name);
    const bool meant = std::any_of(
        mapping.files.begin(), mapping.files.end(),
        [&](const std::string& file) { return unpacked_name(file) == unpacked_name(table); });
    if (meant) found.push_back(&builtin);
  }
  return found;
}

/// Are all fields of a mapping in the table?
bool fits(const TextTable& table, const BuiltinMapping& builtin) {
  const std::vector<std::string> fields = fields_of(parse_mapping(builtin.text, builtin.name));
  return std::all_of(fields.begin(), fields.end(), [&table](const std::string& field) {
    return table.find_column(field).has_value();
  });
}

/// "--mapping NAME" of the built-in mappings whose fields are all in the table.
std::vector<std::string> fitting_mappings(const std::filesystem::path& path) {
  const std::unique_ptr<TextTable> table = read_text_table(path, {});
  std::vector<std::string> found;
  for (const BuiltinMapping& builtin : builtin_mappings()) {
    if (fits(*table, builtin)) found.push_back("--mapping " + std::string(builtin.name));
  }
  return found;
}

}  // namespace

Mapping parse_mapping(std::string_view text, std::string_view file_name) {
  return Reader(file_name).read(text);
}

std::vector<std::string> fields_of(const Mapping& mapping) {
  std::vector<std::string> names = mapping.arch_fields;
  for (const std::string& name : {mapping.index, mapping.pivot}) {
    if (!name.empty()) names.push_back(name);
  }
  for (const auto* values : {&mapping.filter, &mapping.leave_out}) {
    for (const auto& [field, ignored] : *values) names.push_back(field);
  }
  for (const ColumnRule& rule : mapping.columns) names.push_back(rule.field);
  return names;
}

bool has_mapping(const std::filesystem::path& table) {
  return !meant_for(table).empty();
}

Mapping find_mapping(const ImportRequest& request) {
  std::vector<std::string> names;
  for (const BuiltinMapping& builtin : builtin_mappings()) {
    if (builtin.name == request.mapping) return parse_mapping(builtin.text, builtin.name);
    names.emplace_back(builtin.name);
  }
  if (!request.mapping.empty()) {
    const bool looks_like_file = request.mapping.find_first_of("/.") != std::string::npos;
    if (!looks_like_file && !std::filesystem::exists(request.mapping)) {
      throw Error(ErrorKind::kUsage, unknown_name("mapping", request.mapping, names));
    }
    std::string text = read_file(request.mapping, kLargestFile);
    refuse_foreign_content(std::string_view(text).substr(0, 4096), request.mapping);
    return parse_mapping(decode_text(std::move(text), request.mapping), request.mapping);
  }
  std::vector<const BuiltinMapping*> found = meant_for(request.path);
  if (found.size() > 1) {  // tables of one name: their columns tell them apart
    const std::unique_ptr<TextTable> table = read_text_table(request.path, {});
    std::erase_if(found, [&](const BuiltinMapping* one) { return !fits(*table, *one); });
  }
  if (found.size() == 1) return parse_mapping(found.front()->text, found.front()->name);
  const std::vector<std::string> fitting = fitting_mappings(request.path);
  if (!fitting.empty()) {
    throw Error(ErrorKind::kUsage, printable(request.path.string()) +
                                       ": the name says no mapping, but its columns fit " +
                                       join(fitting, " or "));
  }
  throw Error(ErrorKind::kUsage,
              request.path.string() +
                  ": which mapping says what its columns mean? Give --mapping FILE (TOML, "
                  "db/importers/README.md explains it) or a built-in one (" +
                  join(names, ", ") +
                  "); if it is not a table, say --importer NAME (bench import --formats)");
}

}  // namespace nas
