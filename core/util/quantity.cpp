#include "core/util/quantity.h"

#include <cmath>

#include "core/util/text.h"

namespace nas {

std::optional<double> parse_quantity(std::string_view text) {
  constexpr std::string_view kSuffixes = "kMG";
  double factor = 1;
  const std::size_t suffix = text.empty() ? text.npos : kSuffixes.find(text.back());
  if (suffix != text.npos) {
    for (std::size_t i = 0; i <= suffix; ++i) factor *= 1e3;
    text.remove_suffix(1);
  }
  const std::optional<double> value = parse_double(text);
  if (!value || !std::isfinite(*value * factor)) return std::nullopt;
  return *value * factor;
}

}  // namespace nas
