#pragma once

#include "core/ir/arch_graph.h"

namespace nas {

/// The same function with less graph: removes nodes that no output needs, identities, additions of
/// zeros and additions of one term; folds `zero` through operations that map zeros to zeros
/// whatever their weights (activation with f(0) = 0, pooling, convolution without bias). Graph
/// outputs keep their names. Idempotent.
ArchGraph simplified(const ArchGraph& graph);

}  // namespace nas
