#pragma once

#include <optional>
#include <string_view>

namespace nas {

/// A number that may end in k, M or G: "50e6", "1M", "2.5k". nullopt for anything else, for what is
/// not finite, and for what no longer is with its suffix ("1e308k").
std::optional<double> parse_quantity(std::string_view text);

}  // namespace nas
