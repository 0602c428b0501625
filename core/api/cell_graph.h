#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// The cell of an architecture as a small graph with an operation on every vertex, as encodings and
/// predictors read it (paths, graph convolutions, transformers). Vertex 0 is the input, the last
/// one the output.
struct CellGraph {
  /// Per vertex an index into `CellGraphs::cell_operations`.
  std::vector<std::uint16_t> operations;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> edges;  ///< from < to, topological
};

/// A space whose architectures have such a cell; optional (dynamic_cast). `cell_graph_of` serves
/// all others.
class CellGraphs {
 public:
  virtual ~CellGraphs() = default;
  /// "input", "output", then the operations.
  virtual std::vector<std::string> cell_operations() const = 0;
  virtual CellGraph cell_graph(const Architecture& architecture) const = 0;
  /// Fewest and most operations on a path from input to output: {1, 3} in NAS-Bench-201.
  virtual std::pair<int, int> path_lengths() const = 0;
};

/// Whether an operation of a cell, in the words of the published spaces, passes nothing on ("none")
/// or its input unchanged ("skip_connect").
bool passes_nothing(std::string_view operation);
bool passes_input(std::string_view operation);

/// The space's own cell, else a chain with one vertex a decision whose operation is the choice
/// made.
CellGraph cell_graph_of(const SearchSpace& space, const Architecture& architecture);
/// Number of different operations in the space's cell graphs, input and output included.
std::size_t cell_vocabulary(const SearchSpace& space);

}  // namespace nas
