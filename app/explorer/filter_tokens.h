#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nas {

/// A word of a filter (app/explorer/explorer_filter.h): a name or number, a quoted name or text, or
/// a sign.
struct FilterToken {
  enum class Kind : std::uint8_t { kWord, kName, kText, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;
  std::size_t start = 0;
};

/// Throws Error(kUsage) "filter, at 7: ...", counted from 1.
[[noreturn]] void fail_filter(std::size_t position, const std::string& what);

/// What a name without quotes may hold.
bool is_filter_character(char character);

/// and, or, not, is.
bool is_filter_keyword(std::string_view word);

/// Takes a filter apart. Throws as `fail_filter`.
class FilterScanner {
 public:
  explicit FilterScanner(std::string_view text) : text_(text) {}
  FilterToken next();

 private:
  FilterToken quoted(char quote);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace nas
