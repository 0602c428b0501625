#pragma once

#include <array>
#include <span>

#include "searchspaces/darts_genotype.h"

namespace nas {

/// Of one edge of a relaxed cell: `none`, then the operations in order.
using DartsEdgeWeights = std::array<double, 8>;
/// The edges 0->2, 1->2; 0->3, 1->3, 2->3; ... of a cell.
constexpr std::size_t kDartsEdges = 14;

/// The two inputs that each of the nodes 2, 3, 4, 5 keeps, the stronger one first: an edge is as
/// strong as its best operation other than `none`, the lower input wins among equals (Liu et al.,
/// DARTS, ICLR 2019, section 2.4 and its released code, whose sort is stable).
std::array<std::array<DartsEdge, 2>, 4> strongest_edges(
    std::span<const DartsEdgeWeights, kDartsEdges> edges);

}  // namespace nas
