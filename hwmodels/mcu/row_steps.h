#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/int8/program.h"

namespace nas {

/// Which rows of its operands a step needs for one row of its output.
struct RowNeeds {
  static constexpr int kWhole = -1;  ///< all of the operand
  std::vector<int> axis;             ///< by operand: the dimension of the same row, or kWhole
};

/// Of a step whose output has its rows along dimension `axis`; nothing where it does not work row
/// by row along it. A constant of products and sums has rows, too; weights of layers are whole.
std::optional<RowNeeds> row_needs(const MicroProgram& program, const MicroStep& step,
                                  std::size_t axis);

}  // namespace nas
