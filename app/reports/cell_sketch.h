#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// A cell as people draw it: places where values meet, and operations between them.
struct CellSketch {
  enum class Kind : std::uint8_t { kPort, kPlace, kOperation };
  struct Vertex {
    Kind kind = Kind::kOperation;
    std::string name;
    std::size_t choice = 0;              ///< of an operation, among the possible ones
    std::vector<std::size_t> decisions;  ///< that this vertex shows
  };
  std::string title;  ///< "normal"; "" where there is one cell
  std::vector<Vertex> vertices;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  ///< from < to
};

/// The cells of an architecture; empty where a space has none. Names of decisions tell them:
/// `edge_I_J` is the operation from place I to place J, and `CELL/node_N/op_x` the operation that
/// feeds place N from the x-th of its inputs (`CELL/node_N/inputs`, "0_2"; without that decision
/// from places 0, 1, ...). Other spaces with a cell have the graph that predictors read.
std::vector<CellSketch> cell_sketches(const SearchSpace& space, const Architecture& architecture);

/// Whether an operation passes nothing on.
bool passes_nothing(const CellSketch::Vertex& vertex);

/// Decisions that belong together as one tile, for spaces without a cell: "stage_1/block_2" holds
/// its kernel and its expansion.
struct DecisionTile {
  std::string row;    ///< "stage_1"
  std::string title;  ///< "block_2"
  std::string text;   ///< "5 · 6"
  double share = 0;   ///< mean place of the choices among the possible ones, 0 to 1
  std::vector<std::size_t> decisions;
};
std::vector<DecisionTile> decision_tiles(const SearchSpace& space,
                                         const Architecture& architecture);

}  // namespace nas
