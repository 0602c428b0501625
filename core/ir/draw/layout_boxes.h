#pragma once

#include "core/ir/draw/layout.h"

namespace nas {

/// Boxes and edges of a drawing without places: nodes, or groups where scopes are folded. Boxes
/// stand in the order of their first members; edges are unique and sorted.
Layout make_boxes(const ArchGraph& graph, const LayoutOptions& options);

}  // namespace nas
