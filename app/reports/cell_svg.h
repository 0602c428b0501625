#pragma once

#include <string>

#include "core/api/search_space.h"
#include "core/ir/draw/svg_page.h"

namespace nas {

/// The cells of an architecture as a stand-alone SVG, from left to right, one below the other.
/// Throws Error(kUsage) for a space whose architectures have no cell.
std::string cells_svg(const SearchSpace& space, const Architecture& architecture,
                      SvgHeading heading);

}  // namespace nas
