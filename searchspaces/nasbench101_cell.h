#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// A cell of NAS-Bench-101: a directed acyclic graph on the vertices 0 (input) .. size - 1
/// (output), edges only from smaller to larger numbers, an operation on every vertex between.
struct NasBench101Cell {
  static constexpr int kMaxVertices = 7;
  static constexpr int kMaxEdges = 9;
  enum Operation : std::uint8_t { kConv3x3, kConv1x1, kMaxPool3x3 };

  int vertices = 2;
  std::uint32_t edges = 0;                       ///< bit `edge_bit(x, y)` is the edge x -> y
  std::array<std::uint8_t, kMaxVertices> ops{};  ///< by vertex; 0 for input, output and beyond

  static constexpr int edge_bit(int from, int to) { return to * (to - 1) / 2 + from; }
  bool has_edge(int from, int to) const { return (edges >> edge_bit(from, to) & 1U) != 0; }
  void add_edge(int from, int to) { edges |= 1U << edge_bit(from, to); }
  int edge_count() const;

  friend bool operator==(const NasBench101Cell&, const NasBench101Cell&) = default;
};

/// Without the vertices that are on no path from input to output; nullopt if there is no such path.
std::optional<NasBench101Cell> pruned(const NasBench101Cell& cell);

/// The cell on all seven vertices: inner vertices keep their number, the output becomes vertex 6.
NasBench101Cell widened(const NasBench101Cell& cell);
/// The inverse: without the unused vertices (no edge, operation 0) that precede the output.
NasBench101Cell narrowed(const NasBench101Cell& cell);

/// The cell with its inner vertices in every order in which edges run upwards; itself among them.
std::vector<NasBench101Cell> reordered(const NasBench101Cell& cell);

/// "7:126465:02001": vertices, edge bits in hexadecimal, the operations of the inner vertices as
/// digits (0 conv3x3-bn-relu, 1 conv1x1-bn-relu, 2 maxpool3x3).
std::string to_text(const NasBench101Cell& cell);

/// Reads `to_text`'s form, or the two fields of the official data file: the adjacency matrix row by
/// row and the operations by name, "0110...:input,conv3x3-bn-relu,maxpool3x3,output" (rows may be
/// separated by blanks, commas or brackets). Throws Error(kUsage).
NasBench101Cell parse_nasbench101_cell(std::string_view text);

/// The names of the operations, by number.
const std::vector<std::string>& nasbench101_operations();

}  // namespace nas
