#include "core/util/heading.h"

#include <algorithm>

#include "core/util/text.h"
#include "core/util/unit.h"

namespace nas {

Heading split_heading(std::string_view heading) {
  heading = trim(heading);
  const bool closed = heading.ends_with(')') || heading.ends_with(']');
  const std::size_t open = closed ? heading.rfind(heading.ends_with(')') ? '(' : '[') : 0;
  if (!closed || open == std::string_view::npos) return {heading, ""};
  const std::string_view name = trim(heading.substr(0, open));
  const std::string_view unit = trim(heading.substr(open + 1, heading.size() - open - 2));
  if (name.empty() || unit.empty() || find_unit(unit) == nullptr) return {heading, ""};
  return {name, unit};
}

std::optional<std::size_t> find_heading(std::span<const std::string> headings,
                                        std::string_view wanted) {
  const auto exact = std::find(headings.begin(), headings.end(), wanted);
  if (exact != headings.end()) return static_cast<std::size_t>(exact - headings.begin());
  if (wanted.empty()) return std::nullopt;
  const std::string name = to_lower(split_heading(wanted).name);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    if (to_lower(split_heading(headings[i]).name) != name) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace nas
