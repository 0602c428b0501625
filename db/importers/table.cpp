#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/cell_numbers.h"
#include "db/importers/column_builder.h"
#include "db/importers/mapping.h"
#include "db/importers/notation.h"
#include "db/importers/registry.h"
#include "db/importers/row_filter.h"
#include "db/importers/text_table.h"

// A table of text (text_table.h) with a mapping file that says what its columns mean.

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostPivots = 1000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One run of the importer.
class TableImport {
 public:
  TableImport(const ImportRequest& request, Mapping mapping)
      : request_(request),
        mapping_(std::move(mapping)),
        table_(read_text_table(request.path, fields_of(mapping_))),
        file_(request.path.filename().string()),
        result_{Benchmark(info()), {}, mapping_.notes} {
    if (!mapping_.space.empty() && request_.space) space_ = request_.space(mapping_.space);
    if (space_ != nullptr) result_.benchmark.mutable_info().space_version = space_->info().version;
    check_notation();
  }

  ImportResult run() && {
    find_rows();
    result_.benchmark.set_rows(std::move(texts_));
    look_at_numbers();
    for (std::size_t i = 0; i < mapping_.columns.size(); ++i) {
      add_columns(mapping_.columns[i], numbers_[i]);
    }
    for (const std::string& note : table_->notes()) result_.notes.push_back(note);
    note_special_values(result_);
    check();
    return std::move(result_);
  }

 private:
  BenchmarkInfo info() const {
    BenchmarkInfo info;
    info.name = request_.name.empty() ? mapping_.name : request_.name;
    info.space = mapping_.space;
    info.source = mapping_.source.empty() ? file_ : file_ + ": " + mapping_.source;
    info.licence = mapping_.licence;
    info.sha256 = table_digest(request_.path);
    return info;
  }

  void check_notation() const {
    const std::vector<std::string> known = notation_names(space_);
    if (std::find(known.begin(), known.end(), mapping_.notation) != known.end()) return;
    const std::string what = space_ != nullptr
                                 ? "notation of space '" + mapping_.space + "'"
                                 : "notation (the space '" + mapping_.space + "' is not there)";
    throw Error(ErrorKind::kData,
                mapping_.notation_place + ": " + unknown_name(what, mapping_.notation, known));
  }

  [[noreturn]] void fail(std::size_t row, const std::string& what) const {
    throw Error(ErrorKind::kData, table_->place(row) + ": " + what);
  }
  [[noreturn]] void fail(std::size_t row, std::string_view field, const std::string& what) const {
    throw Error(ErrorKind::kData,
                table_->place(row) + ", column '" + printable(field) + "': " + what);
  }

  std::size_t column(const std::string& field) const {
    try {
      return table_->column(field);
    } catch (const Error& error) {
      throw error.with_context(file_);
    }
  }

  /// The architecture may be what names the rows without a heading of its own.
  std::size_t architecture_column(const std::string& field) {
    const auto key = table_->key_column();
    if (table_->find_column(field) || !key || mapping_.arch_fields.size() != 1) {
      return column(field);
    }
    result_.notes.push_back("there is no column '" + printable(field) +
                            "'; what names the rows (keys, files, the first column without a "
                            "name) is taken for it");
    return *key;
  }

  /// Which architecture every kept line belongs to, and to which data set of the pivot.
  void find_rows() {
    const RowFilter filter(mapping_, [this](const std::string& field) { return column(field); });
    std::vector<std::size_t> fields;
    for (const std::string& field : mapping_.arch_fields)
      fields.push_back(architecture_column(field));
    std::optional<std::size_t> index, pivot;
    if (!mapping_.index.empty()) index = column(mapping_.index);
    if (!mapping_.pivot.empty()) pivot = column(mapping_.pivot);
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t row = 0; row < table_->rows(); ++row) {
      if (row % 1024 == 0) throw_if_stopped(request_);
      if (!filter.keeps(*table_, row)) continue;
      std::string text = architecture_of(row, fields, index);
      const auto [found, fresh] = known.emplace(std::move(text), texts_.size());
      if (fresh) texts_.push_back(found->first);
      Line line{row, found->second, pivot ? std::string(table_->at(row, *pivot)) : "", 0};
      if (pivot && std::find(pivots_.begin(), pivots_.end(), line.pivot) == pivots_.end()) {
        pivots_.push_back(line.pivot);
        if (pivots_.size() > kMostPivots) {
          fail(row, "field '" + mapping_.pivot + "' names more than " +
                        std::to_string(kMostPivots) + " data sets; is it the right one?");
        }
      }
      lines_.push_back(std::move(line));
    }
    if (pivots_.empty()) pivots_.emplace_back();
    number_repetitions();
  }

  /// Lines of one architecture (and data set) that follow another one.
  void number_repetitions() {
    std::unordered_map<std::string, std::size_t> counts;
    for (Line& line : lines_) {
      line.repetition = counts[line.pivot + '\n' + std::to_string(line.arch)]++;
      repetitions_ = std::max(repetitions_, line.repetition + 1);
      if (line.repetition > 0 && mapping_.duplicates == "error") {
        fail(line.row, "architecture " + printable(texts_[line.arch]) + " comes twice");
      }
      repeated_ += line.repetition > 0 ? 1 : 0;
    }
    if (repeated_ > 0 && mapping_.duplicates == "first") {
      result_.notes.push_back(std::to_string(repeated_) +
                              " lines repeat an architecture; the first of each is kept");
      repetitions_ = 1;
    }
  }

  std::string architecture_of(std::size_t row, const std::vector<std::size_t>& fields,
                              const std::optional<std::size_t>& index) {
    std::vector<std::string_view> parts;
    for (const std::size_t field : fields) parts.push_back(table_->at(row, field));
    std::string text;
    try {
      if (!parts.empty())
        text = canonical_text(mapping_.notation, {mapping_.arch_fields, parts}, space_);
      if (index) check_index(row, *index, text);
    } catch (const Error& error) {
      fail(row, error.what());
    }
    return text;
  }

  /// The text of the row's official index; where fields give a text too, both must agree.
  void check_index(std::size_t row, std::size_t column, std::string& text) {
    const auto* indexed = dynamic_cast<const IndexedSpace*>(space_);
    if (indexed == nullptr) {
      if (text.empty()) {
        throw Error(ErrorKind::kData, "the table has indices only, and space '" + mapping_.space +
                                          "' with their order is not there");
      }
      return;
    }
    const auto index = parse_int(table_->at(row, column));
    if (!index || *index < 0) {
      throw Error(ErrorKind::kData, mapping_.index + " = '" + printable(table_->at(row, column)) +
                                        "' is not an index of the space");
    }
    std::string by_index = space_->format(indexed->at(static_cast<std::uint64_t>(*index)));
    if (text.empty()) {
      text = std::move(by_index);
      return;
    }
    ++indexed_;
    if (by_index == text) return;
    if (index_errors_++ == 0) {
      index_error_ =
          "index " + std::to_string(*index) + " is " + by_index + ", the row says " + text;
    }
  }

  /// What the heading says of a column's unit, where the mapping says nothing of it.
  std::string heading_unit(const ColumnRule& rule) const {
    const bool said = !rule.cell_unit.empty() || !rule.column.unit.empty() || rule.scale != 1;
    if (said || rule.clock) return "";
    return unit_of_heading(table_->columns()[column(rule.field)], rule.column.metric);
  }

  /// How the numbers of every column are written, before any of them is read.
  void look_at_numbers() {
    bool commas = false;
    for (const ColumnRule& rule : mapping_.columns) {
      const std::string& unit = rule.cell_unit.empty() ? rule.column.unit : rule.cell_unit;
      const CellNumbers::Choice choice{
          .decimal = mapping_.decimal.empty() ? '\0' : mapping_.decimal.front(),
          .separator = table_->separator(),
          .unit = unit.empty() ? unit_of_metric(rule.column.metric) : unit,
          .clock = rule.clock,
          .heading = heading_unit(rule)};
      const std::string field = rule.field;
      CellNumbers& numbers = numbers_.emplace_back(
          choice,
          [this, field](std::size_t row, const std::string& what) { fail(row, field, what); });
      if (rule.clock || !rule.list.empty()) continue;
      const std::size_t at = column(rule.field);
      for (const Line& line : lines_) numbers.look(line.row, table_->at(line.row, at));
      commas = commas || numbers.shows_decimal_comma();
    }
    std::vector<std::string> with_commas;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const ColumnRule& rule = mapping_.columns[i];
      numbers_[i].decide(commas);
      const CellNumbers& numbers = numbers_[i];
      if (numbers.decimal_comma() && numbers.shows_decimal_comma())
        with_commas.push_back(rule.field);
      if (numbers.unit_note().empty()) continue;
      result_.notes.push_back("column '" + printable(rule.field) + "' is " + numbers.unit_note());
    }
    if (with_commas.empty()) return;
    result_.notes.push_back("decimal commas in column " + printable(join(with_commas, ", ")));
  }

  double number(std::size_t row, const ColumnRule& rule, const CellNumbers& numbers,
                std::string_view text) const {
    double value = numbers.read(row, text);
    for (const double failed : rule.failed) {
      if (value == failed) value = kInfinity;
    }
    if (std::isinf(value)) return rule.column.maximize ? -kInfinity : kInfinity;
    return std::max(value * rule.scale, rule.least);
  }

  void add_columns(const ColumnRule& rule, const CellNumbers& numbers) {
    for (const std::string& pivot : pivots_) {
      const bool wanted = rule.only.empty() ||
                          std::find(rule.only.begin(), rule.only.end(), pivot) != rule.only.end();
      if (!wanted) continue;
      ColumnRule one = rule;
      // A data set that the mapping names itself wins over the pivot's.
      if (!pivot.empty() && one.column.dataset.empty()) {
        const auto renamed = mapping_.pivot_names.find(pivot);
        one.column.dataset = renamed == mapping_.pivot_names.end() ? pivot : renamed->second;
      }
      if (one.column.origin.empty()) one.column.origin = file_ + ", " + rule.field;
      if (one.column.unit.empty() && !numbers.cell_unit().empty()) one.column.unit = numbers.unit();
      const auto add = rule.list.empty() ? &TableImport::add_numbers : &TableImport::add_lists;
      (this->*add)(one, numbers, pivot);
    }
  }

  void add_numbers(const ColumnRule& rule, const CellNumbers& numbers, const std::string& pivot) {
    const std::size_t field = column(rule.field);
    const std::size_t width = repetitions_;
    check_density(result_.benchmark.rows() * width, lines_.size());
    std::vector<double> values(result_.benchmark.rows() * width, kMissing);
    for (const Line& line : lines_) {
      if (line.pivot != pivot || line.repetition >= width) continue;
      values[line.arch * width + line.repetition] =
          number(line.row, rule, numbers, table_->at(line.row, field));
    }
    BenchmarkColumn column = rule.column;
    column.width = static_cast<std::int64_t>(width);
    add_if_present(std::move(column), std::move(values));
  }

  void add_lists(const ColumnRule& rule, const CellNumbers& numbers, const std::string& pivot) {
    const std::size_t field = column(rule.field);
    std::vector<std::vector<double>> lists(result_.benchmark.rows());
    std::size_t longest = rule.parts.size(), given = 0;
    for (const Line& line : lines_) {
      if (line.pivot != pivot || line.repetition > 0) continue;
      std::string_view text = trim(table_->at(line.row, field));
      if (is_missing_word(text)) continue;
      const bool json = text.starts_with('[') && text.ends_with(']');  // a list of a JSON table
      if (json) text = text.substr(1, text.size() - 2);
      for (const std::string& part : split(text, json ? ',' : rule.list.front())) {
        lists[line.arch].push_back(number(line.row, rule, numbers, part));
      }
      given += lists[line.arch].size();
      longest = std::max(longest, lists[line.arch].size());
      if (!rule.parts.empty() && longest > rule.parts.size()) {
        fail(line.row, rule.field,
             std::to_string(longest) + " values, expected " + std::to_string(rule.parts.size()));
      }
    }
    check_density(lists.size() * longest, given);
    for (std::vector<double>& list : lists) list.resize(longest, kMissing);
    if (rule.parts.empty()) {
      BenchmarkColumn column = rule.column;
      column.width = static_cast<std::int64_t>(std::max<std::size_t>(longest, 1));
      std::vector<double> values;
      for (const std::vector<double>& list : lists) {
        values.insert(values.end(), list.begin(), list.end());
      }
      add_if_present(std::move(column), std::move(values));
      return;
    }
    for (std::size_t part = 0; part < rule.parts.size(); ++part) {
      BenchmarkColumn column = rule.column;
      column.statistic = rule.parts[part];
      std::vector<double> values;
      for (const std::vector<double>& list : lists) values.push_back(list[part]);
      add_if_present(std::move(column), std::move(values));
    }
  }

  /// Pivots leave columns without any value (a proxy that one data set lacks).
  void add_if_present(BenchmarkColumn column, std::vector<double> values) {
    const bool empty =
        std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
    if (empty) {
      result_.notes.push_back(column_text(column) + ": no values, left out");
      return;
    }
    result_.benchmark.add_column(std::move(column), std::move(values));
  }

  void check() {
    SelfChecks checks(result_.benchmark);
    if (mapping_.rows > 0) checks.rows(mapping_.rows);
    if (indexed_ > 0) {
      const std::string all = std::to_string(indexed_) + " agree";
      checks.add(
          "index column " + mapping_.index + " and architecture", all,
          index_errors_ == 0 ? all : std::to_string(index_errors_) + " differ: " + index_error_,
          index_errors_ == 0);
    }
    for (const ValueCheck& check : mapping_.checks) {
      checks.value(check.row, check.column, check.value, check.tolerance);
    }
    for (const BestCheck& check : mapping_.bests) {
      checks.best(check.column, check.value, check.tolerance, check.rows);
    }
    if (space_ != nullptr) {
      check_structure(checks, result_.benchmark, *space_, mapping_.structure, request_);
    }
    checks.finish(result_, request_.force);
  }

  struct Line {
    std::size_t row = 0;
    std::size_t arch = 0;
    std::string pivot;
    std::size_t repetition = 0;
  };

  const ImportRequest& request_;
  const Mapping mapping_;
  std::unique_ptr<TextTable> table_;
  std::string file_;
  ImportResult result_;
  const SearchSpace* space_ = nullptr;
  std::vector<std::string> texts_;
  std::vector<Line> lines_;
  std::vector<CellNumbers> numbers_;  // of the mapping's columns
  std::vector<std::string> pivots_;
  std::size_t repetitions_ = 1, repeated_ = 0;
  std::size_t indexed_ = 0, index_errors_ = 0;
  std::string index_error_;
};

class TableImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override { return is_text_table(path); }
  ImportResult import(const ImportRequest& request) const override {
    return TableImport(request, find_mapping(request)).run();
  }
};

}  // namespace

extern constinit const Plugin<Importer> table_importer{
    "table",
    "CSV, JSON, JSON lines or a folder of JSON files with a TOML mapping that says what the "
    "columns "
    "mean",
    "",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<TableImporter>();
    }};

}  // namespace nas
