#include "db/importers/mapping.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/nesting.h"
#include "core/util/text.h"
#include "core/util/unit.h"
#include "db/importers/cell_numbers.h"
#include "db/importers/notation.h"
#include "db/importers/registry.h"
#include "db/importers/text_table.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

/// Reads one file; every complaint starts with file and line.
class Reader {
 public:
  explicit Reader(std::string_view source) : source_(printable(source)) {}

  Mapping read(const toml::table& root) {
    check_keys(root,
               {"name", "files", "space", "source", "licence", "rows", "decimal", "architecture",
                "filter", "pivot", "defaults", "column", "structure", "check", "best", "notes"});
    Mapping mapping;
    text(root, "name", mapping.name);
    texts(root, "files", mapping.files);
    text(root, "space", mapping.space);
    text(root, "source", mapping.source);
    text(root, "licence", mapping.licence);
    texts(root, "notes", mapping.notes);
    std::int64_t rows = 0;
    integer(root, "rows", rows);
    mapping.rows = static_cast<std::size_t>(std::max<std::int64_t>(rows, 0));
    text(root, "decimal", mapping.decimal);
    if (!mapping.decimal.empty()) one_of(root, "decimal", mapping.decimal, {",", "."});
    if (mapping.name.empty()) fail(root, "'name' of the benchmark is missing");
    read_architecture(root, mapping);
    read_rows(root, mapping);
    read_columns(root, mapping);
    read_checks(root, mapping);
    return mapping;
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& what) const {
    throw Error(ErrorKind::kData,
                source_ + ":" + std::to_string(node.source().begin.line) + ": " + what);
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        fail(node, unknown_name("key", key.str(), known));
      }
    }
  }

  template <class T>
  void scalar(const toml::table& table, std::string_view key, T& value, const char* type) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const auto found = node->value<T>();
    if (!found) fail(*node, std::string(key) + " must be " + type);
    value = *found;
  }
  void text(const toml::table& table, std::string_view key, std::string& value) const {
    scalar(table, key, value, "a text");
  }
  void integer(const toml::table& table, std::string_view key, std::int64_t& value) const {
    scalar(table, key, value, "a whole number");
  }
  void real(const toml::table& table, std::string_view key, double& value) const {
    scalar(table, key, value, "a number");
  }
  void flag(const toml::table& table, std::string_view key, bool& value) const {
    scalar(table, key, value, "true or false");
  }

  /// A text, or a list of them.
  void texts(const toml::table& table, std::string_view key,
             std::vector<std::string>& values) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    values = texts_of(*node, key);
  }
  std::vector<std::string> texts_of(const toml::node& node, std::string_view key) const {
    if (const auto one = node.value<std::string>()) return {*one};
    const toml::array* array = node.as_array();
    if (array == nullptr) fail(node, std::string(key) + " must be a text or a list of texts");
    std::vector<std::string> values;
    for (const toml::node& item : *array) {
      const auto value = item.value<std::string>();
      if (!value) fail(item, std::string(key) + " must hold texts");
      values.push_back(*value);
    }
    return values;
  }

  const toml::table* table(const toml::table& parent, std::string_view key) const {
    const toml::node* node = parent.get(key);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) fail(*node, "[" + std::string(key) + "] must be a table");
    return node->as_table();
  }

  std::vector<const toml::table*> tables(const toml::table& parent, std::string_view key) const {
    std::vector<const toml::table*> found;
    const toml::node* node = parent.get(key);
    if (node == nullptr) return found;
    const toml::array* array = node->as_array();
    if (array == nullptr) fail(*node, "[[" + std::string(key) + "]] must be a list of tables");
    for (const toml::node& item : *array) {
      if (item.as_table() == nullptr) fail(item, std::string(key) + " must hold tables");
      found.push_back(item.as_table());
    }
    return found;
  }

  void one_of(const toml::table& table, std::string_view key, const std::string& value,
              const std::vector<std::string>& known) const {
    if (std::find(known.begin(), known.end(), value) != known.end()) return;
    const toml::node* node = table.get(key);
    fail(node == nullptr ? table : *node, unknown_name(key, value, known));
  }

  void read_architecture(const toml::table& root, Mapping& mapping) const {
    const toml::table* section = table(root, "architecture");
    if (section == nullptr) fail(root, "[architecture] is missing: which fields name a row?");
    check_keys(*section, {"fields", "notation", "index", "duplicates"});
    texts(*section, "fields", mapping.arch_fields);
    text(*section, "notation", mapping.notation);
    text(*section, "index", mapping.index);
    text(*section, "duplicates", mapping.duplicates);
    if (mapping.space.empty()) {
      one_of(*section, "notation", mapping.notation, notation_names(nullptr));
    } else if (const toml::node* node = section->get("notation")) {
      mapping.notation_place = source_ + ":" + std::to_string(node->source().begin.line);
    }
    one_of(*section, "duplicates", mapping.duplicates, {"error", "first", "wide"});
    if (mapping.arch_fields.empty() && mapping.index.empty()) {
      fail(*section, "[architecture] needs 'fields' or 'index'");
    }
  }

  void read_rows(const toml::table& root, Mapping& mapping) const {
    if (const toml::table* filter = table(root, "filter")) {
      for (const auto& [key, node] : *filter) {
        mapping.filter[std::string(key.str())] = texts_of(node, key.str());
      }
    }
    if (const toml::table* pivot = table(root, "pivot")) {
      check_keys(*pivot, {"field", "names"});
      text(*pivot, "field", mapping.pivot);
      if (mapping.pivot.empty()) fail(*pivot, "[pivot] needs 'field'");
      if (const toml::table* names = table(*pivot, "names")) {
        for (const auto& [key, node] : *names) {
          text(*names, key.str(), mapping.pivot_names[std::string(key.str())]);
        }
      }
    }
  }

  void read_rule(const toml::table& section, ColumnRule& rule) const {
    static const std::vector<std::string> kSources{"computed", "measured", "tabular", "predicted",
                                                   "proxy"};
    BenchmarkColumn& column = rule.column;
    text(section, "field", rule.field);
    text(section, "metric", column.metric);
    text(section, "dataset", column.dataset);
    text(section, "split", column.split);
    integer(section, "epochs", column.epochs);
    text(section, "statistic", column.statistic);
    text(section, "device", column.device);
    text(section, "unit", column.unit);
    flag(section, "maximize", column.maximize);
    text(section, "origin", column.origin);
    real(section, "scale", rule.scale);
    text(section, "list", rule.list);
    texts(section, "parts", rule.parts);
    flag(section, "clock", rule.clock);
    texts(section, "only", rule.only);
    if (const toml::node* node = section.get("failed")) {
      rule.failed.clear();
      if (const auto one = node->value<double>()) {
        rule.failed.push_back(*one);
      } else {
        fail(*node, "failed must be a number");
      }
    }
    std::string source;
    text(section, "source", source);
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
        "parts",  "clock",  "only",     "failed", "source"};
    ColumnRule defaults;
    if (const toml::table* section = table(root, "defaults")) {
      check_keys(*section, kKeys);
      read_rule(*section, defaults);
    }
    for (const toml::table* section : tables(root, "column")) {
      check_keys(*section, kKeys);
      ColumnRule rule = defaults;
      read_rule(*section, rule);
      if (rule.field.empty()) fail(*section, "[[column]] needs 'field'");
      if (rule.column.metric.empty()) rule.column.metric = rule.field;
      if (rule.list.size() > 1) fail(*section, "list must be one separating character");
      store_in_unit_of_name(rule, mapping.notes);
      mapping.columns.push_back(std::move(rule));
    }
    if (mapping.columns.empty()) fail(root, "no [[column]]: nothing would be imported");
  }

  void read_checks(const toml::table& root, Mapping& mapping) const {
    for (const toml::table* section : tables(root, "structure")) {
      check_keys(*section, {"column", "count", "input", "classes", "scale", "tolerance"});
      StructureRule rule;
      std::string count = "params";
      text(*section, "column", rule.column);
      text(*section, "count", count);
      one_of(*section, "count", count, {"params", "macs"});
      rule.macs = count == "macs";
      integer(*section, "classes", rule.task.classes);
      std::int64_t side = 32;
      integer(*section, "input", side);
      rule.task.input = {3, side, side};
      real(*section, "scale", rule.scale);
      real(*section, "tolerance", rule.tolerance);
      mapping.structure.push_back(std::move(rule));
    }
    for (const toml::table* section : tables(root, "check")) {
      check_keys(*section, {"row", "column", "value", "tolerance"});
      ValueCheck check;
      text(*section, "row", check.row);
      text(*section, "column", check.column);
      real(*section, "value", check.value);
      real(*section, "tolerance", check.tolerance);
      mapping.checks.push_back(std::move(check));
    }
    for (const toml::table* section : tables(root, "best")) {
      check_keys(*section, {"column", "value", "tolerance", "rows"});
      BestCheck check;
      text(*section, "column", check.column);
      real(*section, "value", check.value);
      real(*section, "tolerance", check.tolerance);
      texts(*section, "rows", check.rows);
      mapping.bests.push_back(std::move(check));
    }
  }

  std::string source_;
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
  check_toml_nesting(text, printable(file_name));
  try {
    return Reader(file_name).read(toml::parse(text, std::string(file_name)));
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kData, std::string(file_name) + ":" +
                                      std::to_string(error.source().begin.line) + ": " +
                                      std::string(error.description()));
  }
}

std::vector<std::string> fields_of(const Mapping& mapping) {
  std::vector<std::string> names = mapping.arch_fields;
  for (const std::string& name : {mapping.index, mapping.pivot}) {
    if (!name.empty()) names.push_back(name);
  }
  for (const auto& [field, values] : mapping.filter) names.push_back(field);
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
