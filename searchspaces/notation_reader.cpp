#include "searchspaces/notation_reader.h"

#include <algorithm>
#include <cctype>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

/// At most `limit` characters of a text that a user gave, safe to print.
std::string excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return printable(text);
  return printable(text.substr(0, limit)) + "...";
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

void NotationReader::skip_blanks() {
  while (!at_end() && is_blank(text_[position_])) ++position_;
}

bool NotationReader::take(std::string_view token) {
  if (!text_.substr(position_).starts_with(token)) return false;
  position_ += token.size();
  return true;
}

void NotationReader::expect(std::string_view token) {
  if (!take(token)) fail("'" + std::string(token) + "'");
}

void NotationReader::expect_end() {
  if (!at_end()) fail("the end");
}

std::string_view NotationReader::word(std::string_view expected, std::string_view more_characters) {
  const std::size_t begin = position_;
  while (!at_end() && (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 ||
                       text_[position_] == '_' ||
                       more_characters.find(text_[position_]) != std::string_view::npos)) {
    ++position_;
  }
  if (position_ == begin) fail(expected);
  return text_.substr(begin, position_ - begin);
}

std::uint16_t NotationReader::choice(std::string_view what, std::span<const std::string> names,
                                     std::string_view more_characters) {
  const std::size_t begin = position_;
  const std::string_view name = word(what, more_characters);
  const std::size_t found = position_of(name, names);
  if (found == names.size()) refuse_at(begin, unknown_name(what, excerpt(name, 40), names));
  return static_cast<std::uint16_t>(found);
}

std::int64_t NotationReader::integer(std::string_view what, std::int64_t low, std::int64_t high) {
  const std::size_t begin = position_;
  while (!at_end() && std::isdigit(static_cast<unsigned char>(text_[position_])) != 0) ++position_;
  const auto value = parse_int(text_.substr(begin, position_ - begin));
  if (!value || *value < low || *value > high) {
    position_ = begin;
    fail(std::string(what) + " in [" + std::to_string(low) + ", " + std::to_string(high) + "]");
  }
  return *value;
}

void NotationReader::fail_at(std::size_t position, std::string_view expected) const {
  const std::string got =
      position >= text_.size() ? "the end" : "'" + excerpt(text_.substr(position), 12) + "'";
  refuse_at(position, "expected " + std::string(expected) + ", got " + got);
}

void NotationReader::refuse_at(std::size_t position, const std::string& reason) const {
  throw Error(ErrorKind::kUsage, std::string(space_) + ": at character " +
                                     std::to_string(position + 1) + " of '" + excerpt(text_, 60) +
                                     "': " + reason);
}

std::size_t position_of(std::string_view name, std::span<const std::string> names) {
  const auto exact = std::find(names.begin(), names.end(), name);
  if (exact != names.end()) return static_cast<std::size_t>(exact - names.begin());
  const std::string wanted = to_lower(name);
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& known) {
    return to_lower(known) == wanted;
  });
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace nas
