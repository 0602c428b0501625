#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace nas {

/// A space's name and one choice for each of its decisions: a small, hashable, printable value.
/// Its text is the field's own notation (`SearchSpace::format`).
struct Architecture {
  std::string space;
  std::vector<std::uint16_t> choices;
  friend auto operator<=>(const Architecture&, const Architecture&) = default;
};

}  // namespace nas
