#include "app/explorer/explorer_filter.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include "app/explorer/explorer_columns.h"
#include "app/explorer/filter_tokens.h"
#include "core/util/error.h"
#include "core/util/quantity.h"
#include "core/util/text.h"

namespace nas {

namespace {

// Deeper nesting is not a filter that a person wrote.
constexpr int kDeepest = 100;

using Token = FilterToken;
using Scanner = FilterScanner;

std::optional<FilterTest::Kind> comparison(std::string_view sign) {
  using Kind = FilterTest::Kind;
  if (sign == "<") return Kind::kLess;
  if (sign == "<=") return Kind::kLessEqual;
  if (sign == ">") return Kind::kGreater;
  if (sign == ">=") return Kind::kGreaterEqual;
  if (sign == "=" || sign == "==") return Kind::kEqual;
  if (sign == "!=") return Kind::kNotEqual;
  return std::nullopt;
}

class Parser {
 public:
  Parser(std::string_view text, std::span<const BrowseColumn> columns)
      : scanner_(text), columns_(columns) {
    take();
  }

  Filter run() {
    if (token_.kind == Token::Kind::kEnd) return {};
    any();
    if (token_.kind != Token::Kind::kEnd)
      fail_filter(token_.start,
                  "expected 'and', 'or' or the end, got '" + printable(token_.text) + "'");
    return std::move(filter_);
  }

 private:
  void take() { token_ = scanner_.next(); }

  bool take_word(std::string_view word) {
    if (token_.kind != Token::Kind::kWord || to_lower(token_.text) != word) return false;
    take();
    return true;
  }

  bool take_sign(std::string_view sign) {
    if (token_.kind != Token::Kind::kSign || token_.text != sign) return false;
    take();
    return true;
  }

  void join(FilterStep::Kind kind) { filter_.steps.push_back({.kind = kind, .test = {}}); }

  void any() {
    all();
    while (take_word("or")) {
      all();
      join(FilterStep::Kind::kOr);
    }
  }

  void all() {
    one();
    while (take_word("and")) {
      one();
      join(FilterStep::Kind::kAnd);
    }
  }

  void one() {
    if (++depth_ > kDeepest) fail_filter(token_.start, "nested too deeply");
    if (take_word("not")) {
      one();
      join(FilterStep::Kind::kNot);
    } else if (take_sign("(")) {
      any();
      if (!take_sign(")")) fail_filter(token_.start, "expected ')'");
    } else {
      test();
    }
    --depth_;
  }

  bool at_word() const { return token_.kind == Token::Kind::kWord; }

  std::size_t column() {
    if (!at_word() && token_.kind != Token::Kind::kName)
      fail_filter(token_.start, "expected a column, such as " + columns_.front().name);
    const std::size_t start = token_.start;
    std::string name = token_.text;
    const bool quoted = !at_word();
    take();
    // "accuracy cifar10 test": a name may have several words.
    while (!quoted && at_word() && !is_filter_keyword(token_.text)) {
      name += " " + token_.text;
      take();
    }
    return named_column(columns_, name, "filter, at " + std::to_string(start + 1));
  }

  void test() {
    FilterTest test;
    test.column = column();
    const bool is_text = columns_[test.column].kind == BrowseKind::kText;
    const std::string& name = columns_[test.column].name;
    if (take_word("is")) {
      test.kind = FilterTest::Kind::kPresent;
      const bool missing = take_word("missing");
      if (!missing && !take_word("present"))
        fail_filter(token_.start, "expected 'missing' or 'present'");
      if (is_text) fail_filter(token_.start, "text is never missing; use ~");
      finish(std::move(test), missing);
      return;
    }
    const bool negated = token_.kind == Token::Kind::kSign && token_.text == "!~";
    if (negated || (token_.kind == Token::Kind::kSign && token_.text == "~")) {
      if (!is_text)
        fail_filter(token_.start, "'" + name + "' is a number; compare it with < <= > >= = !=");
      take();
      test.kind = FilterTest::Kind::kHolds;
      test.text = value_text();
      finish(std::move(test), negated);
      return;
    }
    const auto kind = token_.kind == Token::Kind::kSign ? comparison(token_.text) : std::nullopt;
    if (kind && name == "architecture") {
      same_architecture(std::move(test), *kind);
      return;
    }
    if (!kind) {
      fail_filter(token_.start, is_text ? "expected ~ or !~ after '" + name + "'"
                                        : "expected < <= > >= = != or 'is' after '" + name + "'");
    }
    if (is_text) fail_filter(token_.start, "'" + name + "' is text; use ~ (holds) or !~");
    take();
    test.kind = *kind;
    test.number = value_number();
    finish(std::move(test), false);
  }

  void same_architecture(FilterTest test, FilterTest::Kind kind) {
    if (kind != FilterTest::Kind::kEqual && kind != FilterTest::Kind::kNotEqual)
      fail_filter(token_.start, "'architecture' is text; use = (the same), != or ~ (holds)");
    take();
    const std::size_t start = token_.start;
    test.kind = FilterTest::Kind::kSame;
    test.text = value_text();
    try {
      test.same = std::make_shared<const SameArchitecture>(test.text);
    } catch (const Error& error) {
      fail_filter(start, error.what());
    }
    finish(std::move(test), kind == FilterTest::Kind::kNotEqual);
  }

  void finish(FilterTest test, bool negated) {
    filter_.steps.push_back({.kind = FilterStep::Kind::kTest, .test = std::move(test)});
    if (negated) join(FilterStep::Kind::kNot);
  }

  std::string value_text() {
    if (token_.kind != Token::Kind::kText && token_.kind != Token::Kind::kWord)
      fail_filter(token_.start, "expected a text, best in quotes");
    std::string text = token_.text;
    take();
    return text;
  }

  double value_number() {
    const auto number =
        token_.kind == Token::Kind::kWord ? parse_real(token_.text) : std::optional<double>();
    if (!number || std::isnan(*number)) {
      const std::string got = token_.kind == Token::Kind::kEnd ? std::string("nothing")
                                                               : "'" + printable(token_.text) + "'";
      fail_filter(token_.start, "expected a number such as 93.5 or 1.5M, got " + got);
    }
    take();
    return *number;
  }

  Scanner scanner_;
  std::span<const BrowseColumn> columns_;
  Token token_;
  Filter filter_;
  int depth_ = 0;
};

using Mask = std::vector<std::uint8_t>;

bool holds(const FilterTest& test, double value) {
  switch (test.kind) {
    case FilterTest::Kind::kLess:
      return value < test.number;
    case FilterTest::Kind::kLessEqual:
      return value <= test.number;
    case FilterTest::Kind::kGreater:
      return value > test.number;
    case FilterTest::Kind::kGreaterEqual:
      return value >= test.number;
    case FilterTest::Kind::kEqual:
      return value == test.number;
    case FilterTest::Kind::kNotEqual:
      return value < test.number || value > test.number;
    case FilterTest::Kind::kHolds:
    case FilterTest::Kind::kSame:
    case FilterTest::Kind::kPresent:
      break;
  }
  return !std::isnan(value);
}

bool holds(const FilterTest& test, const BrowseCell& cell) {
  if (test.kind == FilterTest::Kind::kHolds) {
    const auto* text = std::get_if<std::string>(&cell);
    return text != nullptr && holds_text(*text, test.text);
  }
  if (test.kind == FilterTest::Kind::kSame) {
    const auto* text = std::get_if<std::string>(&cell);
    return text != nullptr && test.same->matches(*text);
  }
  if (const auto* integer = std::get_if<std::int64_t>(&cell))
    return holds(test, static_cast<double>(*integer));
  const auto* real = std::get_if<double>(&cell);
  return holds(test, real == nullptr ? std::nan("") : *real);
}

Mask compare(std::span<const double> values, const FilterTest& test) {
  Mask mask(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) mask[i] = holds(test, values[i]) ? 1 : 0;
  return mask;
}

}  // namespace

Filter parse_filter(std::string_view text, std::span<const BrowseColumn> columns) {
  return Parser(text, columns).run();
}

namespace {

/// Where the name that ends at `cursor` may begin, the longest first: a name has several words, but
/// no keyword in it.
std::vector<std::size_t> name_starts(std::string_view text, std::size_t cursor) {
  std::vector<std::size_t> starts;
  std::size_t at = cursor;
  while (true) {
    std::size_t start = at;
    while (start > 0 && is_filter_character(text[start - 1])) --start;
    if (start < at && is_filter_keyword(text.substr(start, at - start)) && !starts.empty()) break;
    starts.push_back(start);
    at = start;
    while (at > 0 && text[at - 1] == ' ') --at;
    if (at == start || at == 0 || !is_filter_character(text[at - 1])) break;
  }
  return {starts.rbegin(), starts.rend()};
}

}  // namespace

FilterCompletion complete_filter(std::string_view text, std::size_t cursor,
                                 std::span<const BrowseColumn> columns) {
  cursor = std::min(cursor, text.size());
  std::vector<std::string> known;
  for (std::size_t i = 0; i < columns.size(); ++i) known.push_back(filter_word(columns, i));
  for (const char* keyword : {"and", "or", "not", "is missing", "is present"}) {
    known.emplace_back(keyword);
  }
  FilterCompletion completion;
  for (const std::size_t start : name_starts(text, cursor)) {
    completion = {.start = start, .candidates = {}};
    const std::string typed = to_lower(text.substr(start, cursor - start));
    for (const std::string& candidate : known) {
      const std::string lower = to_lower(candidate);
      const std::string_view bare = std::string_view(lower).substr(lower[0] == '`' ? 1 : 0);
      if (bare.starts_with(typed)) completion.candidates.push_back(candidate);
    }
    if (!completion.candidates.empty()) break;
  }
  return completion;
}

std::optional<std::vector<std::uint8_t>> evaluate_filter(const Filter& filter, BrowseTable& table,
                                                         const ColumnSource& columns,
                                                         std::stop_token stop) {
  const auto end = static_cast<std::size_t>(table.key_end());
  std::vector<Mask> stack;
  for (const FilterStep& step : filter.steps) {
    if (step.kind == FilterStep::Kind::kTest) {
      Mask mask;
      if (step.test.kind == FilterTest::Kind::kHolds) {
        auto found = table.containing(step.test.column, step.test.text, stop);
        if (!found) return std::nullopt;
        mask = std::move(*found);
      } else if (step.test.kind == FilterTest::Kind::kSame) {
        mask.resize(end);
        const auto mark = [&](BrowseKey key, std::string_view text) {
          const auto place = static_cast<std::size_t>(key);
          if (place < mask.size() && step.test.same->matches(text)) mask[place] = 1;
        };
        if (!table.texts(step.test.column, mark, stop)) return std::nullopt;
      } else {
        const auto values = columns(step.test.column);
        if (!values) return std::nullopt;
        mask = compare(*values, step.test);
      }
      // Rows may have come between one column and the next.
      mask.resize(end, 0);
      stack.push_back(std::move(mask));
    } else if (step.kind == FilterStep::Kind::kNot) {
      for (std::uint8_t& bit : stack.back()) bit ^= 1;
    } else {
      const Mask right = std::move(stack.back());
      stack.pop_back();
      Mask& left = stack.back();
      for (std::size_t i = 0; i < end; ++i) {
        left[i] = step.kind == FilterStep::Kind::kAnd ? left[i] & right[i] : left[i] | right[i];
      }
    }
  }
  if (stack.empty()) return Mask(end, 1);
  return std::move(stack.back());
}

bool passes(const Filter& filter, const BrowseRow& row) {
  std::vector<bool> stack;
  for (const FilterStep& step : filter.steps) {
    if (step.kind == FilterStep::Kind::kTest) {
      stack.push_back(holds(step.test, row.cells[step.test.column]));
    } else if (step.kind == FilterStep::Kind::kNot) {
      stack.back() = !stack.back();
    } else {
      const bool right = stack.back();
      stack.pop_back();
      stack.back() =
          step.kind == FilterStep::Kind::kAnd ? stack.back() && right : stack.back() || right;
    }
  }
  return stack.empty() || stack.back();
}

}  // namespace nas
