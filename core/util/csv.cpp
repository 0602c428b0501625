#include "core/util/csv.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/heading.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kSeparators = ",;\t|";
constexpr std::size_t kTriedRows = 50;  // of a table whose separator is sought

// Reads one record after the other and counts lines for messages.
class Reader {
 public:
  Reader(std::string_view text, char separator, std::string_view source, std::size_t line = 1)
      : text_(text), separator_(separator), source_(source), line_(line), record_line_(line) {}

  /// False at the end of the text. Empty lines are skipped.
  bool next(std::vector<std::string>& record) {
    while (at_ < text_.size() && end_of_line()) {
    }
    if (at_ >= text_.size()) return false;
    record_line_ = line_;
    record.clear();
    do {
      record.push_back(field());
    } while (more());
    return true;
  }

  std::size_t record_line() const { return record_line_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kData,
                std::string(source_) + ", line " + std::to_string(record_line_) + ": " + what);
  }

 private:
  /// True when another field follows; else the record's line has ended.
  bool more() {
    if (at_ < text_.size() && text_[at_] == separator_) {
      ++at_;
      return true;
    }
    if (at_ < text_.size() && !end_of_line()) fail("text after the closing quote of a field");
    return false;
  }

  bool end_of_line() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t length = rest.starts_with("\r\n")                           ? 2
                               : rest.starts_with('\n') || rest.starts_with('\r') ? 1
                                                                                  : 0;
    at_ += length;
    line_ += length > 0 ? 1 : 0;
    return length > 0;
  }

  bool blank(std::size_t at) const {
    return at < text_.size() && (text_[at] == ' ' || (text_[at] == '\t' && separator_ != '\t'));
  }

  std::string field() {
    std::size_t begin = at_;
    while (blank(begin)) ++begin;
    if (begin < text_.size() && text_[begin] == '"') {
      at_ = begin;
      return without_guard(quoted_field());
    }
    const char ends[] = {separator_, '\n', '\r'};
    at_ = std::min(text_.find_first_of(std::string_view(ends, sizeof ends), begin), text_.size());
    std::size_t end = at_;
    while (end > begin && blank(end - 1)) --end;
    return without_guard(std::string(text_.substr(begin, end - begin)));
  }

  std::string quoted_field() {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') {
          while (blank(at_)) ++at_;
          return value;
        }
      }
      if (c == '\n') ++line_;
      value += c;
    }
    fail("a quoted field is not closed before the end of the file");
  }

  static std::string without_guard(std::string field) {
    if (guards_formula(field)) field.erase(0, 1);
    return field;
  }

  std::string_view text_;
  char separator_;
  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_;
  std::size_t record_line_;
};

/// Fields of the heading, and whether the first rows have as many.
struct Trial {
  std::size_t fields = 0;
  bool even = true;
};

Trial try_separator(std::string_view text, char separator) {
  Trial trial;
  try {
    Reader reader(text, separator, "");
    std::vector<std::string> record;
    for (std::size_t row = 0; row < kTriedRows && reader.next(record); ++row) {
      if (row == 0) trial.fields = record.size();
      trial.even = trial.even && record.size() == trial.fields;
    }
  } catch (const Error&) {
    trial.even = false;
  }
  return trial;
}

/// The one that gives the most columns of even rows; where none does, the most names.
char find_separator(std::string_view text) {
  char best = ',';
  Trial most;
  for (const char separator : kSeparators) {
    const Trial trial = try_separator(text, separator);
    const bool table = trial.even && trial.fields > 1;
    const bool best_is_table = most.even && most.fields > 1;
    if (table != best_is_table ? table : trial.fields > most.fields) {
      best = separator;
      most = trial;
    }
  }
  return best;
}

/// Excel's own way: a first line "sep=;". Takes it off.
std::optional<char> stated_separator(std::string_view& text) {
  if (!to_lower(text.substr(0, 4)).starts_with("sep=") || text.size() < 6) return std::nullopt;
  const char separator = text[4];
  const bool ends = text[5] == '\n' || text.substr(5).starts_with("\r\n");
  if (!ends || kSeparators.find(separator) == std::string_view::npos) return std::nullopt;
  text.remove_prefix(text[5] == '\n' ? 6 : 7);
  return separator;
}

bool looks_like_table(std::string_view text) {
  return std::any_of(kSeparators.begin(), kSeparators.end(), [&](char separator) {
    const Trial trial = try_separator(text, separator);
    return trial.even && trial.fields > 1;
  });
}

/// Takes off the lines "# ..." above the heading and returns their number. The last one is the
/// heading where it has as many fields as the rows below: numpy.savetxt writes it so.
std::size_t drop_comments(std::string_view& text) {
  std::size_t lines = 0;
  while (text.starts_with('#')) {
    const std::size_t end = text.find_first_of("\r\n");
    if (end == std::string_view::npos) break;
    const std::size_t next = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
    if (!text.substr(next).starts_with('#')) {
      const std::size_t name = std::min(text.find_first_not_of("# \t"), end);
      if (name < end && looks_like_table(text.substr(name))) {
        if (text[1] == ' ' || text[1] == '\t') text.remove_prefix(name);  // "#params" is a name
        break;
      }
    }
    text.remove_prefix(next);
    ++lines;
  }
  return lines;
}

void check_names(const Reader& reader, const std::vector<std::string>& names) {
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;  // a pandas index; nothing can mean it by name
    const auto [first, fresh] = known.emplace(names[i], i);
    if (fresh) continue;
    reader.fail("the name '" + printable(names[i]) + "' is given twice, to columns " +
                std::to_string(first->second + 1) + " and " + std::to_string(i + 1) +
                "; rename one of them");
  }
}

}  // namespace

bool guards_formula(std::string_view field) {
  const std::size_t begin = field.find_first_not_of('\'');
  return begin != 0 && begin != std::string_view::npos &&
         std::string_view("=+-@\t\r").find(field[begin]) != std::string_view::npos;
}

CsvTable CsvTable::parse(std::string text, std::string_view source_name) {
  CsvTable table;
  table.source_ = source_name;
  text = decode_text(std::move(text), source_name);
  std::string_view rest(text);
  const auto stated = stated_separator(rest);
  const std::size_t skipped = drop_comments(rest) + (stated ? 1 : 0);
  table.separator_ = stated ? *stated : find_separator(rest);
  Reader reader(rest, table.separator_, source_name, 1 + skipped);
  if (!reader.next(table.columns_)) {
    throw Error(ErrorKind::kData, std::string(source_name) +
                                      ": empty, expected a line with the names of the columns");
  }
  check_names(reader, table.columns_);
  const std::size_t names = table.columns_.size();
  bool ends_empty = true;  // every row ends with a separator
  std::vector<std::string> record;
  while (reader.next(record)) {
    if (std::all_of(record.begin(), record.end(), [](const auto& field) { return field.empty(); }))
      continue;
    if (table.lines_.empty() && names > 1 && record.size() == names + 1) {
      table.columns_.insert(table.columns_.begin(), "");
    }
    if (record.size() != table.columns_.size()) {
      reader.fail(std::to_string(record.size()) + " fields, expected " +
                  std::to_string(table.columns_.size()) +
                  (table.columns_.size() == names ? " as in the header" : " as in the first row"));
    }
    ends_empty = ends_empty && record.back().empty();
    for (std::string& field : record) table.fields_.push_back(std::move(field));
    table.lines_.push_back(static_cast<std::uint32_t>(reader.record_line()));
  }
  if (table.columns_.size() > names && ends_empty) table.drop_last_fields();
  return table;
}

void CsvTable::drop_last_fields() {
  const std::size_t width = columns_.size();
  columns_.erase(columns_.begin());  // the name "" was for a column of row names
  std::size_t kept = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (i % width + 1 == width) continue;
    if (kept != i) fields_[kept] = std::move(fields_[i]);
    ++kept;
  }
  fields_.resize(kept);
}

std::size_t CsvTable::column(std::string_view name) const {
  if (const auto found = find_heading(columns_, name)) return *found;
  throw Error(ErrorKind::kData, source_ + ": " + unknown_name("column", name, columns_));
}

}  // namespace nas
