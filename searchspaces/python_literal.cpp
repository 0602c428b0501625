#include "searchspaces/python_literal.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/python_words.h"

namespace nas {
namespace {

using Kind = PythonLiteral::Kind;

constexpr int kDeepest = 32;
constexpr std::size_t kMostValues = 100'000;
constexpr std::int64_t kLongestRange = 1000;

/// Reads one text; the state is the reader's position.
class Parser {
 public:
  Parser(std::string_view space, std::string_view text) : text_(text), reader_(space, text) {}

  PythonLiteral read() {
    PythonLiteral root = value(0);
    skip();
    if (root.is_text() && take('=')) {
      const std::string name = root.text;
      root = value(0);
      if (more_assignments()) root = assignments(name, std::move(root));
    } else {
      root = with_following(std::move(root));
    }
    skip();
    while (take(',') || take(';')) skip();
    if (!at_end()) fail("the end");
    return root;
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char next() const { return at_end() ? '\0' : text_[position_]; }
  bool take(char c) {
    if (next() != c || at_end()) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    skip();
    if (!take(c)) fail(std::string("'") + c + "'");
  }
  [[noreturn]] void fail(std::string_view expected) const { reader_.fail_at(position_, expected); }

  /// Blanks and comments.
  void skip() {
    while (!at_end()) {
      if (next() == '#') {
        while (!at_end() && next() != '\n') ++position_;
      } else if (std::isspace(static_cast<unsigned char>(next())) != 0) {
        ++position_;
      } else {
        return;
      }
    }
  }

  /// `3, [5, 3], 7` and what print(matrix, ops) writes are lists without their brackets.
  PythonLiteral with_following(PythonLiteral first) {
    PythonLiteral all;
    all.kind = Kind::kList;
    all.position = first.position;
    all.items.push_back(std::move(first));
    const bool list_like = !all.items[0].is_text();
    for (skip(); list_like; skip()) {
      const std::size_t before = position_;
      take(',');
      skip();
      const bool opens = std::string_view("[({'\"+-").find(next()) != std::string_view::npos;
      if (at_end() || !(opens || continues_name(next()))) {
        position_ = before;
        break;
      }
      all.items.push_back(value(0));
    }
    return all.items.size() == 1 ? std::move(all.items[0]) : std::move(all);
  }

  bool more_assignments() {
    skip();
    return take(',') || begins_name(next());
  }

  /// normal=[...], reduce=[...]: the rest of it.
  PythonLiteral assignments(const std::string& name, PythonLiteral first) {
    PythonLiteral root;
    root.kind = Kind::kDict;
    root.members.emplace_back(name, std::move(first));
    for (skip(); !at_end(); skip()) {
      const std::string key = name_of(value(0));
      expect('=');
      root.members.emplace_back(key, value(0));
      skip();
      take(',');
    }
    return root.members.size() == 1 ? std::move(root.members[0].second) : std::move(root);
  }

  std::string name_of(const PythonLiteral& literal) const {
    if (literal.is_text()) return literal.text;
    if (literal.is_number()) return format_double(literal.number);
    fail("a name before");
  }

  PythonLiteral value(int depth) {
    skip();
    if (depth > kDeepest) fail("brackets that nest at most 32 deep");
    if (++values_ > kMostValues) fail("at most 100,000 values");
    const std::size_t begin = position_;
    PythonLiteral literal = any_value(depth);
    literal.position = begin;
    return literal;
  }

  PythonLiteral any_value(int depth) {
    if (take('[')) return list(']', depth);
    if (take('(')) return list(')', depth);
    if (take('{')) return braces(depth);
    if (const auto prefix = quote_prefix()) {
      position_ += *prefix;
      return quoted();
    }
    return word(depth);
  }

  /// Letters before a quote (b'...', u"..."); nullopt where no quote follows.
  std::optional<std::size_t> quote_prefix() const {
    const std::string_view rest = text_.substr(position_);
    const std::size_t letters = rest.find_first_not_of("bBuUrR");
    if (letters == std::string_view::npos || letters > 2) return std::nullopt;
    if (rest[letters] != '\'' && rest[letters] != '"') return std::nullopt;
    return letters;
  }

  PythonLiteral quoted() {
    const char quote = next();
    ++position_;
    PythonLiteral literal;
    literal.kind = Kind::kText;
    while (!at_end() && next() != quote) {
      if (next() == '\\' && position_ + 1 < text_.size()) ++position_;
      literal.text += text_[position_++];
    }
    if (!take(quote)) fail("the closing quote");
    return literal;
  }

  PythonLiteral list(char end, int depth) {
    PythonLiteral literal;
    literal.kind = Kind::kList;
    for (skip(); !take(end); skip()) {
      if (at_end()) fail(std::string("'") + end + "'");
      literal.items.push_back(value(depth + 1));
      separator(end);
    }
    return literal;
  }

  /// A comma, or nothing: numpy prints rows without.
  void separator(char end) {
    skip();
    if (take(',') || next() == end) return;
    if (at_end() || next() == ')' || next() == ']' || next() == '}' || next() == ':') {
      fail(std::string("',' or '") + end + "'");
    }
  }

  /// A dictionary, or a set.
  PythonLiteral braces(int depth) {
    PythonLiteral literal;
    literal.kind = Kind::kDict;
    for (skip(); !take('}'); skip()) {
      if (at_end()) fail("'}'");
      PythonLiteral key = value(depth + 1);
      skip();
      if (take(':')) {
        literal.members.emplace_back(name_of(key), value(depth + 1));
      } else {
        literal.items.push_back(std::move(key));
      }
      separator('}');
    }
    if (literal.members.empty() && !literal.items.empty()) literal.kind = Kind::kList;
    return literal;
  }

  /// A number, a name, or a call.
  PythonLiteral word(int depth) {
    const std::size_t begin = position_;
    if (next() == '+' || next() == '-') ++position_;
    while (!at_end() && (continues_name(next()) || next() == '.' || inner_dash(begin))) ++position_;
    const std::string_view word = text_.substr(begin, position_ - begin);
    if (word.empty()) fail("a value");
    PythonLiteral literal;
    if (const auto number =
            parse_double(word.ends_with('.') ? word.substr(0, word.size() - 1) : word);
        number && !begins_name(word.front())) {
      literal.kind = Kind::kNumber;
      literal.number = *number;
      return literal;
    }
    const std::string lower = to_lower(word);
    if (lower == "true" || lower == "false") {
      literal.kind = Kind::kNumber;
      literal.number = lower == "true" ? 1 : 0;
      return literal;
    }
    if (word == "None" || word == "null") return literal;
    literal.kind = Kind::kText;
    literal.text = word;
    skip();
    if (begins_name(word.front()) && take('(')) return call(std::string(last_part(word)), depth);
    return literal;
  }

  /// conv3x3-bn-relu, 1e-3: a dash inside a word.
  bool inner_dash(std::size_t begin) const {
    return (next() == '-' || next() == '+') && position_ > begin && position_ + 1 < text_.size() &&
           continues_name(text_[position_ + 1]) &&
           (begins_name(text_[begin]) || std::tolower(text_[position_ - 1]) == 'e');
  }

  PythonLiteral call(const std::string& name, int depth) {
    PythonLiteral literal;
    literal.kind = Kind::kCall;
    literal.text = name;
    for (skip(); !take(')'); skip()) {
      if (at_end()) fail("')'");
      PythonLiteral argument = value(depth + 1);
      skip();
      if (argument.is_text() && take('=')) {
        literal.members.emplace_back(argument.text, value(depth + 1));
      } else {
        literal.items.push_back(std::move(argument));
      }
      separator(')');
    }
    return unwrapped(std::move(literal));
  }

  PythonLiteral unwrapped(PythonLiteral call) const {
    if (call.text == "range") return range(call);
    if (is_one_of(call.text, kWrappers) && !call.items.empty()) return std::move(call.items[0]);
    if (!is_one_of(call.text, kDictionaries)) return call;
    PythonLiteral dict;
    dict.kind = Kind::kDict;
    dict.members = std::move(call.members);
    for (PythonLiteral& item : call.items) {
      if (item.kind == Kind::kDict) return std::move(item);
      for (PythonLiteral& pair : item.items) {
        if (pair.items.size() != 2) fail("pairs of key and value before");
        dict.members.emplace_back(name_of(pair.items[0]), std::move(pair.items[1]));
      }
    }
    return dict;
  }

  PythonLiteral range(const PythonLiteral& call) const {
    std::vector<std::int64_t> bounds;
    for (const PythonLiteral& item : call.items) {
      const bool whole = item.is_number() && item.number == std::floor(item.number) &&
                         std::abs(item.number) <= kLongestRange;
      if (!whole) fail("range(BEGIN, END) of whole numbers before");
      bounds.push_back(static_cast<std::int64_t>(item.number));
    }
    if (bounds.size() == 1) bounds.insert(bounds.begin(), 0);
    if (bounds.size() == 2) bounds.push_back(1);
    if (bounds.size() != 3 || bounds[2] < 1) fail("range(BEGIN, END) before");
    PythonLiteral list;
    list.kind = Kind::kList;
    for (std::int64_t i = bounds[0]; i < bounds[1]; i += bounds[2]) {
      PythonLiteral& item = list.items.emplace_back();
      item.kind = Kind::kNumber;
      item.number = static_cast<double>(i);
      item.position = position_ - 1;
    }
    return list;
  }

  std::string_view text_;
  NotationReader reader_;
  std::size_t position_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

const PythonLiteral* PythonLiteral::member(std::span<const std::string_view> names) const {
  for (const std::string_view name : names) {
    for (const auto& [key, value] : members) {
      if (to_lower(key) == name) return &value;
    }
  }
  return nullptr;
}

PythonText::PythonText(std::string_view space, std::string_view text)
    : space_(space), text_(text), root_(Parser(space, text).read()) {}

void PythonText::fail(const PythonLiteral& at, std::string_view expected) const {
  NotationReader(space_, text_).fail_at(std::min(at.position, text_.size()), expected);
}

void PythonText::refuse(const PythonLiteral& at, const std::string& reason) const {
  NotationReader(space_, text_).refuse_at(std::min(at.position, text_.size()), reason);
}

void PythonText::add_numbers(const PythonLiteral& literal,
                             std::vector<std::int64_t>& numbers) const {
  if (literal.is_list()) {
    for (const PythonLiteral& item : literal.items) add_numbers(item, numbers);
    return;
  }
  if (literal.is_text() && !literal.text.empty()) {
    std::string plain = literal.text;
    for (char& c : plain) {
      if (std::string_view("-,;:_[]()").find(c) != std::string_view::npos) c = ' ';
    }
    for (const std::string& word : split_words(plain)) {
      const auto number = parse_int(word);
      if (!number) fail(literal, "whole numbers");
      numbers.push_back(*number);
    }
    return;
  }
  numbers.push_back(whole_number(literal, "a whole number", -1'000'000, 1'000'000));
}

std::vector<std::int64_t> PythonText::whole_numbers(const PythonLiteral& literal) const {
  std::vector<std::int64_t> numbers;
  add_numbers(literal, numbers);
  return numbers;
}

std::int64_t PythonText::whole_number(const PythonLiteral& literal, std::string_view what,
                                      std::int64_t low, std::int64_t high) const {
  const bool fits = literal.is_number() && literal.number == std::floor(literal.number) &&
                    literal.number >= static_cast<double>(low) &&
                    literal.number <= static_cast<double>(high);
  if (fits) return static_cast<std::int64_t>(literal.number);
  fail(literal,
       std::string(what) + " in [" + std::to_string(low) + ", " + std::to_string(high) + "]");
}

}  // namespace nas
