#pragma once

#include <string>
#include <string_view>

#include "core/ir/arch_graph.h"

namespace nas {

// The canonical text form; parse_graph(to_text(g)) == g.
//
//   searchlight-graph 1
//   %0 = input() : float[192]
//   %1 = linear(%0) {out_features=10, bias=true} : float[10] @head
//   return logits=%1
//
// "%1.0" is the first output of a node with several, "@head" the scope.
// Every attribute is written, but for those that came later and are at their default
// ("kernel_width"). When read, attributes with a default may be left out, types are
// optional (checked if there), blank lines and '#' comments are skipped.
std::string to_text(const ArchGraph& graph);
/// Throws Error(kData) naming the line. Iterative: deep chains are no problem.
ArchGraph parse_graph(std::string_view text);

/// {"format":"searchlight-graph","version":1,"nodes":[{"id":0,"op":"conv2d","inputs":[[0,0]],"attrs":{..},
///  "outputs":["float[16,32,32]"],"scope":"stem","params":448,"macs":..}],"outputs":{"logits":[1,0]}}
std::string to_json(const ArchGraph& graph);

std::string to_dot(const ArchGraph& graph);  ///< Graphviz, scopes as clusters

}  // namespace nas
