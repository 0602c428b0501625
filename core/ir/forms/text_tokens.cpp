#include "core/ir/forms/text_tokens.h"

#include <algorithm>
#include <charconv>

#include "core/util/encoding.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_name_char(char c) {
  return is_word_char(c) || c == '-' || c == '.' || c == '/' || c == ':';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

bool is_left_out(const AttrSpec& spec, AttrValue value) {
  return spec.added_later && value == spec.default_value;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_char);
}

void LineReader::skip_blanks() {
  while (position_ < line_.size() && is_blank(line_[position_])) ++position_;
}

std::string_view LineReader::take(std::size_t length) {
  const std::string_view text = line_.substr(position_, length);
  position_ += length;
  skip_blanks();
  return text;
}

void LineReader::fail(std::string_view expected) const {
  const std::string_view rest = line_.substr(std::min(position_, line_.size()));
  const std::string got =
      rest.empty() ? "the end of the line"
                   : "'" + printable(rest.substr(0, 24)) + (rest.size() > 24 ? "...'" : "'");
  throw Error(ErrorKind::kData, "column " + std::to_string(position_ + 1) + ": expected " +
                                    std::string(expected) + ", got " + got);
}

bool LineReader::accept(char symbol) {
  if (position_ >= line_.size() || line_[position_] != symbol) return false;
  take(1);
  return true;
}

void LineReader::expect(char symbol) {
  if (!accept(symbol)) fail(std::string("'") + symbol + "'");
}

void LineReader::expect_end() {
  if (!at_end()) fail("the end of the line");
}

std::string_view LineReader::word() {
  std::size_t length = 0;
  while (position_ + length < line_.size() && is_word_char(line_[position_ + length])) ++length;
  if (length == 0) fail("a word");
  return take(length);
}

std::string_view LineReader::number() {
  const std::size_t end = std::min(line_.find_first_of(",}# \t\r", position_), line_.size());
  if (end == position_) fail("a value");
  return take(end - position_);
}

std::string_view LineReader::type() {
  std::size_t end = std::min(line_.find_first_of(",@# \t\r[", position_), line_.size());
  if (end == position_) fail("a type such as float[3,32,32]");
  if (end < line_.size() && line_[end] == '[') {
    end = line_.find(']', end);
    if (end == std::string_view::npos) fail("a type that ends with ']'");
    ++end;
  }
  return take(end - position_);
}

std::string LineReader::name() {
  if (position_ < line_.size() && line_[position_] == '"') return quoted();
  std::size_t length = 0;
  while (position_ + length < line_.size() && is_name_char(line_[position_ + length])) ++length;
  if (length == 0) fail("a name");
  return std::string(take(length));
}

unsigned LineReader::code_unit() {
  unsigned code = 0;
  const std::string_view digits = line_.substr(std::min(position_, line_.size()), 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) {
    fail("four hexadecimal digits after \\u");
  }
  position_ += 4;
  return code;
}

// JSON's string syntax, which json_quote writes.
std::string LineReader::quoted() {
  constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  std::string text;
  ++position_;
  while (position_ < line_.size() && line_[position_] != '"') {
    const char c = line_[position_++];
    if (c != '\\') {
      text += c;
      continue;
    }
    if (position_ >= line_.size()) break;
    const char escape = line_[position_++];
    if (escape == 'u') {
      unsigned code = code_unit();
      const bool pair = code >= 0xd800 && code < 0xdc00 && line_.substr(position_, 2) == "\\u";
      if (pair) {
        position_ += 2;
        code = 0x10000 + ((code - 0xd800) << 10) + ((code_unit() - 0xdc00) & 0x3ff);
      }
      append_utf8(text, code);
    } else {
      const std::size_t place = kEscapes.find(escape);
      if (place == std::string_view::npos) fail("an escape of JSON");
      text += kMeanings[place];
    }
  }
  if (position_ >= line_.size()) fail("a closing quote");
  take(1);
  return text;
}

}  // namespace nas
