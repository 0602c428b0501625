#pragma once

#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/ir/draw/op_colours.h"

namespace nas {

/// An architecture in one line of a table: a chip for each operation of its cells, or for each
/// choice of a space without cells, in the colours of the drawings.
struct SketchChip {
  std::string label;  ///< short: "3×3", "avg 3×3", "skip", "–"
  OpFamily family = OpFamily::kOther;
  bool operation = true;  ///< else a choice, shaded by `share`
  bool quiet = false;     ///< passes nothing on
  double share = 0;       ///< place of a choice among the possible ones, 0 to 1
  bool first = false;     ///< of its cell or row: some room before it
};
std::vector<SketchChip> compact_sketch(const SearchSpace& space, const Architecture& architecture);

/// "nor_conv_3x3" -> "3×3", "sep_conv_5x5" -> "sep 5×5", "skip_connect" -> "skip", "none" -> "–".
std::string short_operation(const std::string& name);

}  // namespace nas
