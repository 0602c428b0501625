#include "db/importers/cell_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/heading.h"
#include "core/util/text.h"
#include "core/util/unit.h"

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::string known_units() {
  std::vector<std::string> names;
  for (const Unit& unit : units()) {
    if (!unit.name.empty()) names.emplace_back(unit.name);
  }
  return join(names, ", ");
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool takes(std::string_view& text, std::initializer_list<std::string_view> tokens) {
  for (const std::string_view token : tokens) {
    if (!text.starts_with(token)) continue;
    text.remove_prefix(token.size());
    return true;
  }
  return false;
}

/// A cell in plain characters: blanks that do not break lines become blanks, the sign U+2212 '-'.
/// Marks between groups of three digits go: "1'234.5", and with a decimal comma also "1 234,5"
/// (without one, a blank may stand between two numbers).
std::string plain_cell(std::string_view cell) {
  std::string plain;
  while (!cell.empty()) {
    if (takes(cell, {"\u00a0", "\u2009", "\u202f"})) {
      const bool between = !plain.empty() && is_digit(plain.back());
      plain += between && !cell.empty() && is_digit(cell.front()) ? '\'' : ' ';
    } else if (takes(cell, {"\u2212"})) {
      plain += '-';
    } else if (takes(cell, {"\u2019"})) {
      plain += '\'';
    } else {
      plain += cell.front();
      cell.remove_prefix(1);
    }
  }
  const auto three_digits = [&](std::size_t at) {
    const std::size_t end = plain.find_first_not_of("0123456789", at);
    return std::min(end, plain.size()) - at == 3;
  };
  for (std::size_t i = 1; i + 3 < plain.size(); ++i) {
    const bool blank = plain[i] == ' ' && plain.find(',', i) != std::string::npos;
    if (!blank && plain[i] != '\'') continue;
    if (is_digit(plain[i - 1]) && three_digits(i + 1)) plain.erase(i, 1);
  }
  return plain;
}

struct Cell {
  std::string_view number, unit;
};

/// The number at the start of a cell, and what follows it; an empty number where there is none.
Cell split_cell(std::string_view cell) {
  cell = trim(cell);
  std::size_t at = !cell.empty() && (cell[0] == '-' || cell[0] == '+') ? 1 : 0;
  for (const std::string_view word : {"infinity", "inf"}) {
    if (to_lower(cell.substr(at, word.size())) == word) {
      return {cell.substr(0, at + word.size()), trim(cell.substr(at + word.size()))};
    }
  }
  const std::size_t first = at;
  while (at < cell.size() && (is_digit(cell[at]) || cell[at] == '.' || cell[at] == ',')) ++at;
  if (at == first) return {};
  if (at < cell.size() && (cell[at] == 'e' || cell[at] == 'E')) {
    std::size_t end = at + 1;
    if (end < cell.size() && (cell[end] == '-' || cell[end] == '+')) ++end;
    if (end < cell.size() && is_digit(cell[end])) {
      while (end < cell.size() && is_digit(cell[end])) ++end;
      at = end;
    }
  }
  return {cell.substr(0, at), trim(cell.substr(at))};
}

/// Could the one mark at `at` separate thousands: one to three digits (no leading zero) before it,
/// and three behind?
bool may_group(std::string_view number, std::size_t at) {
  const std::size_t begin = number.find_first_not_of("+-");
  const bool head = at > begin && at - begin <= 3 && number[begin] != '0';
  return head && number.size() - at == 4 &&
         std::all_of(number.begin() + static_cast<std::ptrdiff_t>(at) + 1, number.end(), is_digit);
}

/// The number with '.' as its decimal mark and without the marks of thousands, or nullopt where
/// these do not stand in threes.
std::optional<double> number_of(std::string_view text, char decimal) {
  const char group = decimal == ',' ? '.' : ',';
  const std::size_t mark = std::min(text.find(decimal), text.size());
  const std::size_t exponent = std::min(text.find_first_of("eE"), text.size());
  const std::size_t whole = std::min(mark, exponent);
  std::string plain;
  std::size_t since = 0;  // digits behind the last mark of thousands
  bool grouped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == group) {
      if (i > whole || (grouped ? since != 3 : since == 0 || since > 3)) return std::nullopt;
      grouped = true;
      since = 0;
      continue;
    }
    if (i == whole && grouped && since != 3) return std::nullopt;
    since += is_digit(text[i]) ? 1 : 0;
    plain += text[i] == decimal ? '.' : text[i];
  }
  if (whole == text.size() && grouped && since != 3) return std::nullopt;
  return parse_double(plain);
}

}  // namespace

bool is_missing_word(std::string_view cell) {
  static constexpr std::array<std::string_view, 23> kWords{
      "",     "-",       "--",      "?",     "na",    "n/a",    "n.a.",    "none",
      "null", "nil",     "nan",     "#n/a",  "<na>",  "nat",    "missing", "\u2013",
      "#na",  "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"};
  const std::string word = to_lower(trim(cell));
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() || word == "-nan";
}

std::string unit_of_metric(std::string_view metric) {
  if (metric.ends_with("_ms")) return "ms";
  if (metric.ends_with("_us")) return "us";
  if (metric.ends_with("_s") || metric.ends_with("_seconds")) return "s";
  if (metric.ends_with("_mj") || metric.ends_with("_mJ")) return "mJ";
  return "";
}

std::string unit_of_heading(std::string_view heading, std::string_view metric) {
  static constexpr std::array<std::string_view, 3> kCounted{"params", "macs", "flops"};
  const std::string own = unit_of_metric(metric);
  const std::string said(split_heading(heading).unit);
  if (said.empty()) {
    const std::string ending = unit_of_metric(heading);
    const bool other = !own.empty() && !ending.empty() && ending != own &&
                       find_unit(ending)->quantity == find_unit(own)->quantity;
    return other ? ending : "";
  }
  const Unit* unit = find_unit(said);
  const bool counted = std::find(kCounted.begin(), kCounted.end(), metric) != kCounted.end();
  if (unit->quantity == Quantity::kCount) return counted ? said : "";
  const bool plural = own.empty() && heading.ends_with("(s)") && !heading.ends_with(" (s)");
  const bool billions = own.empty() && said == "B";
  return plural || billions ? "" : said;
}

std::optional<double> parse_clock(std::string_view text) {
  text = trim(text);
  double days = 0;
  if (const std::size_t at = text.find(" day"); at != std::string_view::npos) {
    const auto number = parse_int(text.substr(0, at));
    if (!number || *number < 0) return std::nullopt;
    days = static_cast<double>(*number);
    text.remove_prefix(at + 4);
    if (text.starts_with('s')) text.remove_prefix(1);
    if (text.starts_with(',')) text.remove_prefix(1);
    text = trim(text);
    if (text.empty()) return 86400 * days;
  }
  double seconds = 0;
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() > 3) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool digits = !parts[i].empty() && is_digit(parts[i].front());
    const auto number = parse_double(parts[i]);
    const bool last = i + 1 == parts.size();
    if (!digits || !number || !std::isfinite(*number) || (!last && !parse_int(parts[i]))) {
      return std::nullopt;
    }
    seconds = 60 * seconds + *number;
  }
  return 86400 * days + seconds;
}

CellNumbers::CellNumbers(Choice choice, Fault fault)
    : choice_(std::move(choice)), fault_(std::move(fault)) {
  const Unit* unit = find_unit(choice_.heading);
  if (unit != nullptr && unit->quantity != Quantity::kCount) seen_ = choice_.heading;
}

void CellNumbers::fail(std::size_t row, const std::string& what) const {
  fault_(row, what);
  throw Error(ErrorKind::kData, what);
}

std::string CellNumbers::advice(std::string_view what) const {
  return choice_.mapped ? "; " + std::string(what) + " in the mapping" : "";
}

void CellNumbers::look(std::size_t row, std::string_view text) {
  const std::string plain = plain_cell(text);
  if (is_missing_word(plain)) return;
  const Cell cell = split_cell(plain);
  if (cell.number.empty()) return;  // `read` refuses it
  const Unit* unit = find_unit(cell.unit);
  if (seen_.empty() && unit != nullptr && unit->quantity != Quantity::kCount) seen_ = cell.unit;
  look_at_marks(row, cell.number);
}

void CellNumbers::look_at_marks(std::size_t row, std::string_view number) {
  const auto commas = std::count(number.begin(), number.end(), ',');
  const auto points = std::count(number.begin(), number.end(), '.');
  const auto keep = [&](std::optional<Sample>& sample) {
    if (!sample) sample = Sample{row, std::string(number)};
  };
  if (commas > 0 && points > 0) {
    keep(number.rfind(',') > number.rfind('.') ? comma_ : point_);
  } else if (commas == 1) {
    keep(may_group(number, number.find(',')) ? unclear_comma_ : comma_);
  } else if (points == 1) {
    keep(may_group(number, number.find('.')) ? unclear_point_ : point_);
  } else if (commas > 1) {
    keep(point_);
  } else if (points > 1) {
    keep(comma_);
  }
}

void CellNumbers::decide(bool commas_elsewhere) {
  const std::string marks = advice("say decimal = \",\" or decimal = \".\"");
  const auto unclear = [&](const Sample& sample) {
    const std::size_t mark = sample.text.find_first_of(",.");
    const std::string head = sample.text.substr(0, mark), tail = sample.text.substr(mark + 1);
    fail(sample.row,
         "'" + sample.text + "' may be " + head + tail + " or " + head + "." + tail + marks);
  };
  if (choice_.decimal != '\0') {
    decimal_ = choice_.decimal;
  } else if (comma_ && point_) {
    fail(std::max(comma_->row, point_->row), "'" + comma_->text + "' and '" + point_->text +
                                                 "' in one column: two decimal marks" + marks);
  } else if (comma_) {
    decimal_ = ',';
  } else if (unclear_comma_ && !point_) {
    const bool european = commas_elsewhere || choice_.separator != ',';
    if (!european || unclear_point_) unclear(*unclear_comma_);
    decimal_ = ',';
  } else if (unclear_point_ && !point_ && commas_elsewhere) {
    unclear(*unclear_point_);
  }
  unit_ = choice_.unit.empty() ? seen_ : choice_.unit;
}

std::string CellNumbers::unit_note() const {
  if (!seen_.empty()) return "written in " + seen_ + (seen_ == unit_ ? "" : ", stored in " + unit_);
  return choice_.heading.empty() ? "" : "in " + choice_.heading + ", as its heading says";
}

double CellNumbers::factor_of(std::size_t row, std::string_view cell, std::string_view name) const {
  if (name.empty()) name = choice_.heading;
  if (name == unit_ || (name.empty() && seen_.empty())) return 1;
  const Unit* unit = find_unit(name);
  const std::string shown = "'" + printable(trim(cell)) + "'";
  if (unit == nullptr && parse_clock(cell)) {
    fail(row, shown + " is not a number" + advice("for durations say clock = true"));
  }
  if (unit == nullptr) {
    fail(row, shown + " is not a number (units that may follow one: " + known_units() + ")");
  }
  if (unit->quantity == Quantity::kCount) {
    const bool zero = unit->name.empty() &&
                      split_cell(cell).number.find_first_of("123456789") == std::string_view::npos;
    if (seen_.empty() || !choice_.unit.empty() || zero) return unit->factor;
    fail(row, shown + " has no unit, but other rows of the column are in " + seen_ +
                  advice("say which one with unit = \"...\""));
  }
  const Unit* wanted = find_unit(unit_);
  if (wanted == nullptr || wanted->quantity != unit->quantity) {
    fail(row, shown + " is in " + std::string(unit->name) + ", but the column is in " + unit_);
  }
  return unit->factor / wanted->factor;
}

double CellNumbers::read(std::size_t row, std::string_view text) const {
  const std::string plain = plain_cell(text);
  if (is_missing_word(plain)) return kMissing;
  if (choice_.clock) {
    const auto seconds = parse_clock(text);
    if (!seconds) fail(row, "'" + printable(trim(text)) + "' is not a duration, as 1:44:56 is");
    return *seconds;
  }
  const Cell cell = split_cell(plain);
  const auto value = cell.number.empty() ? std::nullopt : number_of(cell.number, decimal_);
  if (!value) {
    const bool clock = parse_clock(text).has_value();
    fail(row, "'" + printable(trim(text)) + "' is not a number" +
                  (clock ? advice("for durations say clock = true")
                         : "; a missing value is empty, NaN, None, NA, N/A, null or -"));
  }
  return *value * factor_of(row, plain, cell.unit);
}

std::vector<std::optional<double>> measured_numbers(const CsvTable& table, std::size_t column,
                                                    std::string_view metric,
                                                    const CellNumbers::Fault& fault) {
  CellNumbers numbers({.separator = table.separator(),
                       .unit = unit_of_metric(metric),
                       .heading = unit_of_heading(table.columns()[column], metric),
                       .mapped = false},
                      fault);
  for (std::size_t row = 0; row < table.rows(); ++row) numbers.look(row, table.at(row, column));
  numbers.decide(false);
  std::vector<std::optional<double>> values;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view cell = table.at(row, column);
    const bool missing = is_missing_word(cell) && to_lower(trim(cell)) != "nan";
    values.push_back(missing ? std::nullopt : std::optional(numbers.read(row, cell)));
  }
  return values;
}

}  // namespace nas
