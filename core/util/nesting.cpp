#include "core/util/nesting.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "core/util/error.h"

namespace nas {
namespace {

[[noreturn]] void refuse(std::string_view source, const std::string& what, std::size_t at) {
  throw Error(ErrorKind::kData,
              std::string(source) + ": " + what + " at byte " + std::to_string(at));
}

/// Where the quoted text that begins at `at` ends: the place of its last quote.
std::size_t end_of_toml_text(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string thrice(3, quote);
  const bool lines = text.substr(at, 3) == thrice;
  for (at += lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (!lines && (text[at] == quote || text[at] == '\n')) {
      return at;
    } else if (lines && text.substr(at, 3) == thrice) {
      at += 2;
      // Up to two more quotes belong to the text.
      for (int more = 0; more < 2 && at + 1 < text.size() && text[at + 1] == quote; ++more) ++at;
      return at;
    }
  }
  return text.size();
}

}  // namespace

void check_json_nesting(std::string_view text, std::string_view source, int limit) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;  // whatever follows, it does not end the string
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) refuse(source, "JSON nested deeper than " + std::to_string(limit), at);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

void check_toml_nesting(std::string_view text, std::string_view source, int limit) {
  constexpr std::string_view kEndsKey = "=,[]{}#\n";
  int dots = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = end_of_toml_text(text, at);
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      dots = 0;
    } else if (kEndsKey.find(c) != std::string_view::npos) {
      dots = 0;
    } else if (c == '.' && ++dots >= limit) {
      refuse(source, "a key of more than " + std::to_string(limit) + " parts", at);
    }
  }
}

}  // namespace nas
