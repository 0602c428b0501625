#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// How the curve of a study names the weight of an alternative where a choice is open:
/// "alpha/SELECTOR/ALTERNATIVE", such as "alpha/cell/edge_0_2/skip_connect". Reports draw such
/// curves as a picture, a row for each. The selector may contain '/', the alternative may not.
struct AlphaName {
  std::string selector;
  std::string alternative;
};

inline constexpr std::string_view kAlphaPrefix = "alpha/";

inline std::string to_string(const AlphaName& name) {
  return std::string(kAlphaPrefix) + name.selector + "/" + name.alternative;
}

inline std::optional<AlphaName> parse_alpha_name(std::string_view text) {
  if (!text.starts_with(kAlphaPrefix)) return std::nullopt;
  text.remove_prefix(kAlphaPrefix.size());
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    return std::nullopt;
  }
  return AlphaName{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

}  // namespace nas
