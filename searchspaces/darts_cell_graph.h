#pragma once

#include <string>
#include <vector>

#include "core/api/cell_graph.h"
#include "searchspaces/darts_genotype.h"

namespace nas {

/// "input", "output", for each of the two cells its two inputs and its seven operations.
std::vector<std::string> darts_cell_operations();

/// Both cells side by side between one input and one output: a vertex for each of a cell's inputs
/// and for each operation on an edge, which is followed by the operations that read its node, and
/// by the output.
CellGraph darts_cell_graph(const DartsGenotype& genotype);

}  // namespace nas
