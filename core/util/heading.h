#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nas {

/// What a column's heading says: "lat [ms]" is `lat` in ms, "Params(M)" is `Params` in millions.
struct Heading {
  std::string_view name;
  std::string_view unit;  ///< one of units(); "" where the heading says none
};
Heading split_heading(std::string_view heading);

/// The column that `wanted` means: the one of exactly this heading, else the only one that has this
/// name in any case, with a unit or without.
std::optional<std::size_t> find_heading(std::span<const std::string> headings,
                                        std::string_view wanted);

}  // namespace nas
