#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/ir/arch_graph.h"

namespace nas {

struct SvgHeading;

/// A node of a drawing: a graph node, or a folded group (neighbours in the topological order below
/// one scope prefix).
struct LayoutBox {
  std::string label;
  std::string detail;           ///< attributes and output shape, short
  std::string scope;            ///< full scope of the node, or of the group
  std::vector<NodeId> members;  ///< one for a plain node
  bool group = false;
  double x = 0, y = 0, width = 0, height = 0;  ///< top left corner, pixels
};

struct LayoutEdge {
  std::uint32_t from, to;                         ///< indices of boxes
  std::vector<std::pair<double, double>> points;  ///< polyline from box border to box border
};

struct Layout {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutEdge> edges;
  double width = 0, height = 0;
};

struct LayoutOptions {
  int fold_depth = -1;  ///< scopes deeper than this many levels are folded into groups; -1: choose
                        ///< so that at most `fold_above` boxes remain
  std::size_t fold_above = 300;
  bool show_details = true;
  std::vector<std::string> opened;  ///< groups (their scopes) that are shown one level deeper
  std::vector<std::string> folded;  ///< scopes that are groups whatever the depth
};

/// The depth that `fold_depth` = -1 stands for.
int automatic_fold_depth(const ArchGraph& graph, const LayoutOptions& options = {});

/// Layered drawing (Sugiyama: longest-path layers, dummy nodes on long edges, bounded median
/// sweeps, O(E log V) each), top to bottom, deterministic, boxes never overlap. Returns what is
/// done when `stop` is requested.
Layout layout_graph(const ArchGraph& graph, const LayoutOptions& options = {},
                    std::stop_token stop = {});

/// A stand-alone SVG (light and dark through prefers-color-scheme), colours by operation family.
/// The heading's title is followed by the number of operations; without one it gives the graph's
/// costs.
std::string to_svg(const ArchGraph& graph, const LayoutOptions& options = {});
std::string to_svg(const ArchGraph& graph, const LayoutOptions& options, const SvgHeading& heading);

}  // namespace nas
