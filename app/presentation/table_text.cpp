#include "app/presentation/table_text.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;  ///< a shrinking column keeps at least this many characters
constexpr std::size_t kReadable = 24;   ///< while there are spare columns to leave out
constexpr std::size_t kNarrowestOther = 8;
constexpr std::size_t kFewRows = 5;  ///< are written downwards rather than cut
constexpr std::string_view kEllipsis = "..";

/// Characters on a terminal; counts code points, which is right for all but wide scripts.
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Keeps the start and the end of a text that is too wide. Cuts between code points.
std::string elide(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::vector<std::string> points;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 || points.empty()) points.emplace_back();
    points.back() += c;
  }
  const std::size_t kept = width > kEllipsis.size() ? width - kEllipsis.size() : 0;
  const std::size_t front = (kept + 1) / 2;
  std::string result;
  for (std::size_t i = 0; i < front; ++i) result += points[i];
  result += kEllipsis;
  for (std::size_t i = points.size() - (kept - front); i < points.size(); ++i) result += points[i];
  return result;
}

std::string pad(const std::string& text, std::size_t width, bool right) {
  const std::size_t shown = display_width(text);
  const std::string blanks(width > shown ? width - shown : 0, ' ');
  return right ? blanks + text : text + blanks;
}

/// Breaks between words where a line would be wider than `width`; 0: never.
std::string wrapped(const std::string& text, std::size_t width) {
  if (width == 0 || display_width(text) <= width) return text;
  std::string out;
  std::size_t at = 0;
  for (const std::string& word : split_words(text)) {
    const std::size_t needed = display_width(word);
    if (at > 0) out += at + 1 + needed > width ? "\n" : " ";
    at = at > 0 && at + 1 + needed <= width ? at + 1 + needed : needed;
    out += word;
  }
  return out;
}

/// Of the numbers of a column. Where the usual ones show different values as one text, as many as
/// show that they differ: energies of circuits begin alike.
int digits_of(const Table& table, std::size_t column) {
  std::vector<double> values;
  for (const std::vector<Cell>& row : table.rows) {
    if (const auto* real = std::get_if<double>(&row[column])) values.push_back(*real);
  }
  const auto is_first = [&](double value) { return value == values.front(); };
  if (std::ranges::all_of(values, is_first)) return kUsualDigits;
  constexpr int kMost = 12;
  for (int digits = kUsualDigits; digits <= kMost; ++digits) {
    const std::string first = format_short(values.front(), digits);
    const auto differs = [&](double value) { return format_short(value, digits) != first; };
    if (std::ranges::any_of(values, differs)) return digits;
  }
  return kUsualDigits;
}

/// The cells of a table as texts, and the widths they are given.
struct Grid {
  const Table& table;
  std::vector<std::vector<std::string>> texts;  ///< by row
  /// By column: as wide as its cells, what of that must not be cut, what it has, what it can have.
  std::vector<std::size_t> natural, fixed, widths, least;
  std::vector<bool> right, spare;
  std::vector<std::size_t> order;  ///< of the columns that are shown
  std::size_t shown = 0;           ///< columns of the table

  explicit Grid(const Table& source) : table(source), shown(source.columns.size()) {
    for (std::size_t i = 0; i < shown; ++i) {
      natural.push_back(display_width(column_heading(table.columns[i])));
      right.push_back(all_numbers(table, i));
    }
    fixed.assign(shown, 1);
    std::vector<int> digits;
    for (std::size_t i = 0; i < shown; ++i) digits.push_back(digits_of(table, i));
    for (const auto& row : table.rows) {
      std::vector<std::string>& line = texts.emplace_back();
      for (std::size_t i = 0; i < shown; ++i) {
        line.push_back(cell_text(row[i], digits[i]));
        const std::size_t width = display_width(line.back());
        natural[i] = std::max(natural[i], width);
        // A number or a name that is cut is another one; a heading can be guessed.
        if (is_number(row[i]) || table.columns[i].whole) fixed[i] = std::max(fixed[i], width);
      }
    }
    for (std::size_t i = 0; i < shown; ++i) {
      const bool same = texts.size() > 1 && !table.columns[i].whole && all_equal(i);
      spare.push_back(table.columns[i].spare || same);
    }
    reset(kNarrowest);
    order.resize(shown);
    std::iota(order.begin(), order.end(), std::size_t{0});
  }

  /// Whether the column tells no two rows apart.
  bool all_equal(std::size_t column) const {
    return std::all_of(texts.begin(), texts.end(),
                       [&](const auto& line) { return line[column] == texts.front()[column]; });
  }

  /// Natural widths again; `narrowest`: of the columns that shrink first.
  void reset(std::size_t narrowest) {
    widths = natural;
    least.assign(shown, 0);
    for (std::size_t i = 0; i < shown; ++i) {
      const std::size_t floor = table.columns[i].shrink ? narrowest : kNarrowestOther;
      least[i] = std::min(widths[i], std::max(fixed[i], floor));
      if (table.columns[i].whole) least[i] = widths[i];
    }
  }

  std::size_t total() const {
    std::size_t sum = kGap * (order.empty() ? 0 : order.size() - 1);
    for (const std::size_t i : order) sum += widths[i];
    return sum;
  }

  /// Takes from the widest column of a kind, again and again, until the line fits.
  void shrink(bool kind, std::size_t available) {
    for (std::size_t excess = total(); excess > available; --excess) {
      std::size_t widest = shown;
      for (const std::size_t i : order) {
        if (table.columns[i].shrink != kind || widths[i] <= least[i]) continue;
        if (widest == shown || widths[i] > widths[widest]) widest = i;
      }
      if (widest == shown) return;
      --widths[widest];
    }
  }

  /// Widths that fit, from the natural ones; false where there are none.
  bool fit(std::size_t available, std::size_t narrowest) {
    reset(narrowest);
    shrink(true, available);
    shrink(false, available);
    return total() <= available || last_sticks_out(available);
  }

  /// Whether only the last column is too wide, and must stay whole: then it sticks out.
  bool last_sticks_out(std::size_t available) const {
    return !order.empty() && table.columns[order.back()].whole &&
           total() - widths[order.back()] < available;
  }

  /// Whether the columns that must stay whole, and the first, fit.
  bool whole_fit(std::size_t available) const {
    std::size_t sum = least.empty() ? 0 : least[0];
    for (std::size_t i = 1; i < shown; ++i) {
      if (table.columns[i].whole) sum += kGap + least[i];
    }
    return sum <= available;
  }
};

/// A line for each value, rows apart.
std::string downwards(const Grid& grid, std::size_t available) {
  std::size_t widest = 0;
  for (const Column& column : grid.table.columns) {
    widest = std::max(widest, display_width(column_heading(column)));
  }
  const std::size_t rest = available > widest + kGap + kNarrowest ? available - widest - kGap : 0;
  std::string result;
  for (const auto& line : grid.texts) {
    if (!result.empty()) result += "\n";
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool cut = !grid.table.columns[i].whole && rest > 0;
      result += pad(column_heading(grid.table.columns[i]), widest, false) + std::string(kGap, ' ') +
                (cut ? elide(line[i], rest) : line[i]) + "\n";
    }
  }
  return result;
}

/// Leaves the last column out that may be; false where none may. Its heading goes to `left_out`.
bool leave_out(Grid& grid, bool spare, std::vector<std::string>& left_out) {
  for (std::size_t k = grid.order.size(); k-- > 1;) {
    const Column& column = grid.table.columns[grid.order[k]];
    if (spare ? !grid.spare[grid.order[k]] : column.whole) continue;
    left_out.insert(left_out.begin(), column_heading(column));
    grid.order.erase(grid.order.begin() + static_cast<std::ptrdiff_t>(k));
    return true;
  }
  return false;
}

/// Chooses columns and widths. nullopt: the table is better written downwards; else the headings of
/// columns that were left out.
std::optional<std::vector<std::string>> fit_grid(Grid& grid, std::size_t available) {
  std::vector<std::string> left_out;
  if (available == 0 || grid.total() <= available) return left_out;
  while (!grid.fit(available, kReadable) && leave_out(grid, true, left_out)) {
  }
  if (grid.fit(available, kReadable) || grid.fit(available, kNarrowest)) return left_out;
  const std::size_t rows = grid.table.rows.size();
  if ((rows > 0 && rows <= kFewRows) || !grid.whole_fit(available)) return std::nullopt;
  while (!grid.fit(available, kNarrowest) && leave_out(grid, false, left_out)) {
  }
  return left_out;
}

std::string lines_of(const Grid& grid) {
  const std::vector<std::size_t>& order = grid.order;
  std::string result;
  const auto add_line = [&](const auto& text_of, char fill) {
    std::string line;
    for (const std::size_t i : order) {
      if (i != order.front()) line.append(kGap, ' ');
      line += fill == ' ' ? pad(elide(text_of(i), grid.widths[i]), grid.widths[i], grid.right[i])
                          : std::string(grid.widths[i], fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  };
  add_line([&](std::size_t i) { return column_heading(grid.table.columns[i]); }, ' ');
  add_line([](std::size_t) { return std::string(); }, '-');
  for (const auto& line : grid.texts) {
    std::size_t height = 1;
    std::vector<std::vector<std::string>> parts(grid.shown);
    for (const std::size_t i : order) {
      parts[i] = grid.table.columns[i].wrap ? split(wrapped(line[i], grid.widths[i]), '\n')
                                            : std::vector<std::string>{line[i]};
      height = std::max(height, parts[i].size());
    }
    for (std::size_t k = 0; k < height; ++k) {
      add_line([&](std::size_t i) { return k < parts[i].size() ? parts[i][k] : std::string(); },
               ' ');
    }
  }
  return result;
}

/// One thing as lines of property and value; long values are cut, but not those that stay whole.
Table turned(const Table& table, std::size_t available) {
  std::size_t widest = 0;
  for (const Column& column : table.columns) {
    widest = std::max(widest, display_width(column_heading(column)));
  }
  const bool cuts = available > widest + kGap + kNarrowest;
  Table result{.kind = table.kind,
               .columns = {{"property"}, {"value", "", false, cuts}},
               .rows = {},
               .caption = table.caption,
               .heading = table.heading};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Cell& cell = table.rows.front()[i];
    const bool cut = cuts && !table.columns[i].whole && std::holds_alternative<std::string>(cell);
    result.rows.push_back({column_heading(table.columns[i]),
                           cut ? Cell(elide(cell_text(cell), available - widest - kGap)) : cell});
  }
  return result;
}

}  // namespace

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

std::string cell_text(const Cell& cell, int digits) {
  if (const auto* text = std::get_if<std::string>(&cell)) return printable(*text);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return format_count(*integer);
  if (const auto* real = std::get_if<double>(&cell)) return format_short(*real, digits);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  return "-";
}

std::string column_heading(const Column& column) {
  return printable(column.title.empty() ? column.name : column.title);
}

bool all_numbers(const Table& table, std::size_t column) {
  bool any = false;
  for (const auto& row : table.rows) {
    if (std::holds_alternative<std::monostate>(row[column])) continue;
    if (!is_number(row[column])) return false;
    any = true;
  }
  return any;
}

Table for_people(const Table& table) {
  Table result = table;
  for (std::size_t i = result.columns.size(); i-- > 0;) {
    if (!result.columns[i].for_programs) continue;
    const auto place = static_cast<std::ptrdiff_t>(i);
    result.columns.erase(result.columns.begin() + place);
    for (std::vector<Cell>& row : result.rows) row.erase(row.begin() + place);
  }
  return result;
}

std::string render_table_text(const Table& whole, int width) {
  const Table table = for_people(whole);
  if (table.columns.empty()) return "";
  const auto available = static_cast<std::size_t>(std::max(width, 0));
  if (table.single && !table.rows.empty()) {
    return render_table_text(turned(table, available), width);
  }
  Grid grid(table);
  const std::optional<std::vector<std::string>> left_out = fit_grid(grid, available);
  std::string result = left_out ? lines_of(grid) : downwards(grid, available);
  std::vector<std::string> lines;
  for (const std::string& line : split(table.caption, '\n')) lines.push_back(printable(line));
  std::string& caption = lines.back();
  if (left_out && !left_out->empty()) {
    if (!caption.empty()) caption += "; ";
    caption += "--wide shows " + std::to_string(left_out->size()) +
               (left_out->size() == 1 ? " more column: " : " more columns: ") +
               printable(join(*left_out, ", "));
  }
  if (!table.heading.empty()) {
    result = wrapped(printable(table.heading), available) + "\n" + result;
  }
  for (const std::string& line : lines) {
    if (!line.empty()) result += wrapped(line, available) + "\n";
  }
  return result;
}

}  // namespace nas
