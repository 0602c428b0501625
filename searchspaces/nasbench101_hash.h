#pragma once

#include <string>

#include "searchspaces/nasbench101_cell.h"

namespace nas {

/// The official key of a cell: the iterative (Weisfeiler-Lehman) MD5 fingerprint of its pruned
/// graph, equal for isomorphic cells and distinct over the 423,624 of the benchmark. Ying et al.,
/// ICML 2019, arXiv 1902.09635. The cell of two vertices has 043721b9c7fe8c5fad811d47d83132ec.
/// Throws Error(kUsage) when no path leads from input to output.
std::string nasbench101_hash(const NasBench101Cell& cell);

}  // namespace nas
