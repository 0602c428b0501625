#include "core/util/nesting.h"

#include <cstddef>
#include <string>

#include "core/util/error.h"

namespace nas {
namespace {

[[noreturn]] void refuse(std::string_view source, const std::string& what, std::size_t at) {
  throw Error(ErrorKind::kData,
              std::string(source) + ": " + what + " at byte " + std::to_string(at));
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
  char quote = 0;  // that the text is inside of
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++at;
      if (c == quote || c == '\n') quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (kEndsKey.find(c) != std::string_view::npos) {
      dots = 0;
    } else if (c == '.' && ++dots >= limit) {
      refuse(source, "a key of more than " + std::to_string(limit) + " parts", at);
    }
  }
}

}  // namespace nas
