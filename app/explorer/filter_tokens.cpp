#include "app/explorer/filter_tokens.h"

#include <array>
#include <cctype>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::array<std::string_view, 10> kSigns = {
    "<=", ">=", "!=", "!~", "==", "<", ">", "=", "~", "("};

}  // namespace

bool is_filter_character(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return std::isalnum(byte) != 0 || byte >= 0x80 ||
         std::string_view("_@.+-").find(character) != std::string_view::npos;
}

void fail_filter(std::size_t position, const std::string& what) {
  throw Error(ErrorKind::kUsage, "filter, at " + std::to_string(position + 1) + ": " + what);
}

bool is_filter_keyword(std::string_view word) {
  const std::string lower = to_lower(word);
  return lower == "and" || lower == "or" || lower == "not" || lower == "is";
}

FilterToken FilterScanner::next() {
  while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  if (at_ == text_.size()) return {.kind = FilterToken::Kind::kEnd, .text = "", .start = at_};
  const char first = text_[at_];
  if (first == '"' || first == '\'' || first == '`') return quoted(first);
  const std::size_t start = at_;
  if (first == ')') return {.kind = FilterToken::Kind::kSign, .text = ")", .start = at_++};
  for (const std::string_view sign : kSigns) {
    if (!text_.substr(at_).starts_with(sign)) continue;
    at_ += sign.size();
    return {.kind = FilterToken::Kind::kSign, .text = std::string(sign), .start = start};
  }
  while (at_ < text_.size() && is_filter_character(text_[at_])) ++at_;
  if (at_ == start) fail_filter(start, "unexpected '" + printable(std::string(1, first)) + "'");
  return {.kind = FilterToken::Kind::kWord,
          .text = std::string(text_.substr(start, at_ - start)),
          .start = start};
}

FilterToken FilterScanner::quoted(char quote) {
  const std::size_t start = at_;
  const std::size_t end = text_.find(quote, at_ + 1);
  if (end == std::string_view::npos) fail_filter(start, std::string("no closing ") + quote);
  at_ = end + 1;
  return {.kind = quote == '`' ? FilterToken::Kind::kName : FilterToken::Kind::kText,
          .text = std::string(text_.substr(start + 1, end - start - 1)),
          .start = start};
}

}  // namespace nas
