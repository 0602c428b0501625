#pragma once

#include <array>

namespace nas {

/// The colour of a series in a plot, of the program's files and of the explorer, on white and on
/// dark ground.
struct SeriesColour {
  const char* light;
  const char* dark;
};

/// Okabe and Ito, "Color Universal Design" (2008), which stay apart for the colour-blind, with a
/// darker yellow on white and lighter others on dark; the eighth is their black, grey so that it
/// does not look like an axis. Further series repeat them.
inline constexpr std::array<SeriesColour, 8> kSeriesColours = {{{"#0072b2", "#4a9ff5"},
                                                                {"#d55e00", "#ff8c42"},
                                                                {"#009e73", "#2dd4a0"},
                                                                {"#cc79a7", "#e8a5c9"},
                                                                {"#b8860b", "#f0c040"},
                                                                {"#56b4e9", "#a5dcff"},
                                                                {"#5b2a86", "#a98bff"},
                                                                {"#4d4d4d", "#d0d0d0"}}};

}  // namespace nas
