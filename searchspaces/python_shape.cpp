#include <cctype>
#include <string_view>

#include "core/util/text.h"
#include "searchspaces/python_literal.h"
#include "searchspaces/python_words.h"

namespace nas {
namespace {

/// "2, 1, 1, 0", "3, [5, 3], 7", "2 1 1 0".
bool is_bare_list(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         text.find_first_of(", [(") != std::string_view::npos &&
         text.find_first_not_of("0123456789 ,.[]()\t\r\n") == std::string_view::npos;
}

}  // namespace

PythonShape python_shape(std::string_view text) {
  text = trim(text);
  if (is_bare_list(text)) return PythonShape::kNumbers;
  for (;;) {
    std::size_t end = 0;
    while (end < text.size() && (continues_name(text[end]) || text[end] == '.')) ++end;
    const std::string_view name = last_part(text.substr(0, end));
    const std::string_view rest = trim(text.substr(end));
    if (name.empty()) break;
    if (is_one_of(name, kDictionaries) && rest.starts_with('(')) return PythonShape::kDict;
    if (rest.starts_with('(') && begins_name(text.front())) {
      if (!is_one_of(name, kWrappers)) return PythonShape::kCall;
      text = trim(rest.substr(1));
    } else if (rest.starts_with('=') && begins_name(text.front())) {
      text = trim(rest.substr(1));
    } else {
      return PythonShape::kOther;
    }
  }
  if (text.starts_with('{')) return PythonShape::kDict;
  if (!text.starts_with('[') && !text.starts_with('(')) return PythonShape::kOther;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' || text[i] == '"' || text[i] == '|') return PythonShape::kNames;
    if (!begins_name(text[i])) continue;
    const std::size_t begin = i;
    while (i < text.size() && (continues_name(text[i]) || text[i] == '.')) ++i;
    const std::string_view name = text.substr(begin, i - begin);
    const bool wrapper = is_one_of(last_part(name), kWrappers) || name == "dtype" || name == "e";
    if (!wrapper) return PythonShape::kNames;
    --i;
  }
  return PythonShape::kNumbers;
}

}  // namespace nas
