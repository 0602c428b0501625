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

std::optional<double> parse_real(std::string_view text) {
  const std::optional<double> plain = parse_double(text);
  return plain ? plain : parse_quantity(text);
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (const auto plain = parse_int(text)) return plain;
  constexpr double kExact = 9007199254740992.0;  // 2^53: every whole number below is a double
  constexpr double kRounding = 1e-12;            // 4.35M is 4350000 but for the last bit
  const std::optional<double> value = parse_quantity(text);
  if (!value || !(std::abs(*value) < kExact)) return std::nullopt;
  const double whole = std::round(*value);
  if (std::abs(*value - whole) > kRounding * std::abs(whole)) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

}  // namespace nas
