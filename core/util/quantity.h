#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nas {

// Every count and every bound that a person gives is read here: options of commands and plug-ins,
// constraints, conditions of tables, filters.

/// A number that may end in k, M or G: "50e6", "1M", "2.5k". nullopt for anything else, for what is
/// not finite, and for what overflows with its suffix ("1e308k").
std::optional<double> parse_quantity(std::string_view text);
/// The same, and "nan", "inf" and "-inf".
std::optional<double> parse_real(std::string_view text);
/// A whole number: "4096", "1.5M", "1e6". nullopt where it is not whole or does not fit.
std::optional<std::int64_t> parse_whole(std::string_view text);

}  // namespace nas
