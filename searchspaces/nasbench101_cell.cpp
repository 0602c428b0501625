#include "searchspaces/nasbench101_cell.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/notation_reader.h"

namespace nas {

namespace {

constexpr std::string_view kSpace = "nasbench101";

/// Vertices that can be reached from `start` along the edges, or against them.
std::uint32_t reachable(const NasBench101Cell& cell, int start, bool forwards) {
  std::uint32_t seen = 1U << start;
  // Edges run from smaller to larger numbers, so one pass in that direction finds everything.
  for (int step = 0; step < cell.vertices; ++step) {
    const int v = forwards ? step : cell.vertices - 1 - step;
    if ((seen >> v & 1U) == 0) continue;
    for (int w = 0; w < cell.vertices; ++w) {
      if (forwards ? w > v && cell.has_edge(v, w) : w < v && cell.has_edge(w, v)) seen |= 1U << w;
    }
  }
  return seen;
}

/// The cell on the vertices of `keep` (bits), renumbered in order.
NasBench101Cell restricted(const NasBench101Cell& cell, std::uint32_t keep) {
  std::array<int, NasBench101Cell::kMaxVertices> number{};
  NasBench101Cell result;
  result.vertices = 0;
  for (int v = 0; v < cell.vertices; ++v) {
    if ((keep >> v & 1U) == 0) continue;
    const int to = result.vertices++;
    number[static_cast<std::size_t>(v)] = to;
    result.ops[static_cast<std::size_t>(to)] = cell.ops[static_cast<std::size_t>(v)];
    for (int u = 0; u < v; ++u) {
      if ((keep >> u & 1U) != 0 && cell.has_edge(u, v)) {
        result.add_edge(number[static_cast<std::size_t>(u)], to);
      }
    }
  }
  return result;
}

NasBench101Cell parse_compact(std::string_view text) {
  NotationReader reader(kSpace, text);
  NasBench101Cell cell;
  cell.vertices =
      static_cast<int>(reader.integer("the number of vertices", 2, NasBench101Cell::kMaxVertices));
  reader.expect(":");
  const int bits = cell.vertices * (cell.vertices - 1) / 2;
  NotationReader here = reader;
  const std::string_view hex = reader.word("edge bits in hexadecimal");
  const auto [end, status] = std::from_chars(hex.data(), hex.data() + hex.size(), cell.edges, 16);
  if (status != std::errc() || end != hex.data() + hex.size() || cell.edges >> bits != 0) {
    here.fail("edge bits in hexadecimal below 2^" + std::to_string(bits));
  }
  reader.expect(":");
  for (int v = 1; v + 1 < cell.vertices; ++v) {
    std::uint8_t& op = cell.ops[static_cast<std::size_t>(v)];
    if (reader.take("1")) {
      op = NasBench101Cell::kConv1x1;
    } else if (reader.take("2")) {
      op = NasBench101Cell::kMaxPool3x3;
    } else if (!reader.take("0")) {
      reader.fail("the operation 0, 1 or 2 of vertex " + std::to_string(v));
    }
  }
  reader.expect_end();
  return cell;
}

/// The names after the matrix: "input,conv3x3-bn-relu,output".
void read_operation_names(NotationReader& reader, NasBench101Cell& cell) {
  for (int v = 0; v < cell.vertices; ++v) {
    if (v > 0) reader.expect(",");
    reader.skip_blanks();
    if (v == 0) {
      reader.expect("input");
    } else if (v + 1 == cell.vertices) {
      reader.expect("output");
    } else {
      cell.ops[static_cast<std::size_t>(v)] =
          static_cast<std::uint8_t>(reader.choice("operation", nasbench101_operations(), "-"));
    }
  }
  reader.skip_blanks();
  reader.expect_end();
}

NasBench101Cell parse_matrix(std::string_view text) {
  NotationReader reader(kSpace, text);
  std::vector<bool> entries;
  while (!reader.take(":")) {
    if (reader.take("0")) {
      entries.push_back(false);
    } else if (reader.take("1")) {
      entries.push_back(true);
    } else if (!reader.take("[") && !reader.take("]") && !reader.take(",") && !reader.take(" ")) {
      reader.fail("'V:edges:operations', or a matrix of 0 and 1, ':' and names of operations");
    }
  }
  NasBench101Cell cell;
  const auto size = [&] { return static_cast<std::size_t>(cell.vertices); };
  while (size() * size() < entries.size()) ++cell.vertices;
  if (size() * size() != entries.size() || cell.vertices > NasBench101Cell::kMaxVertices) {
    reader.fail("a square matrix of 2 to 7 rows before, not " + std::to_string(entries.size()) +
                " entries; then names");
  }
  for (int from = 0; from < cell.vertices; ++from) {
    for (int to = 0; to < cell.vertices; ++to) {
      if (!entries[static_cast<std::size_t>(from) * size() + static_cast<std::size_t>(to)])
        continue;
      if (from >= to) reader.fail("an upper triangular matrix before; then names");
      cell.add_edge(from, to);
    }
  }
  read_operation_names(reader, cell);
  return cell;
}

}  // namespace

NasBench101Cell parse_nasbench101_cell(std::string_view text) {
  text = trim(text);
  const bool compact = text.size() > 1 && text[1] == ':';
  return compact ? parse_compact(text) : parse_matrix(text);
}

std::string to_text(const NasBench101Cell& cell) {
  std::array<char, 8> hex{};
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), cell.edges, 16).ptr;
  std::string text = std::to_string(cell.vertices) + ":" + std::string(hex.data(), end) + ":";
  for (int v = 1; v + 1 < cell.vertices; ++v) {
    text += static_cast<char>('0' + cell.ops[static_cast<std::size_t>(v)]);
  }
  return text;
}

int NasBench101Cell::edge_count() const {
  return std::popcount(edges);
}

const std::vector<std::string>& nasbench101_operations() {
  static const std::vector<std::string> kNames{"conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"};
  return kNames;
}

std::optional<NasBench101Cell> pruned(const NasBench101Cell& cell) {
  const std::uint32_t from_input = reachable(cell, 0, true);
  const std::uint32_t to_output = reachable(cell, cell.vertices - 1, false);
  const std::uint32_t keep = from_input & to_output;
  if ((keep & 1U) == 0) return std::nullopt;
  return restricted(cell, keep);
}

NasBench101Cell widened(const NasBench101Cell& cell) {
  constexpr int kOutput = NasBench101Cell::kMaxVertices - 1;
  NasBench101Cell result = cell;
  result.vertices = NasBench101Cell::kMaxVertices;
  const int output = cell.vertices - 1;
  if (output == kOutput) return result;
  for (int v = 0; v < output; ++v) {
    if (!cell.has_edge(v, output)) continue;
    result.edges &= ~(1U << NasBench101Cell::edge_bit(v, output));
    result.add_edge(v, kOutput);
  }
  return result;
}

std::vector<NasBench101Cell> reordered(const NasBench101Cell& cell) {
  std::vector<NasBench101Cell> found;
  std::vector<int> number;  // of each vertex
  for (int v = 0; v < cell.vertices; ++v) number.push_back(v);
  do {
    NasBench101Cell result;
    result.vertices = cell.vertices;
    bool upwards = true;
    for (int v = 0; v < cell.vertices; ++v) {
      const int to = number[static_cast<std::size_t>(v)];
      result.ops[static_cast<std::size_t>(to)] = cell.ops[static_cast<std::size_t>(v)];
      for (int u = 0; u < v && upwards; ++u) {
        if (!cell.has_edge(u, v)) continue;
        const int from = number[static_cast<std::size_t>(u)];
        upwards = from < to;
        if (upwards) result.add_edge(from, to);
      }
    }
    if (upwards) found.push_back(result);
  } while (std::next_permutation(number.begin() + 1, number.end() - 1));
  return found;
}

NasBench101Cell narrowed(const NasBench101Cell& cell) {
  int last = cell.vertices - 2;
  const auto unused = [&](int v) {
    if (cell.ops[static_cast<std::size_t>(v)] != 0) return false;
    for (int w = 0; w < cell.vertices; ++w) {
      if (w < v ? cell.has_edge(w, v) : w > v && cell.has_edge(v, w)) return false;
    }
    return true;
  };
  std::uint32_t keep = (1U << cell.vertices) - 1;
  for (; last >= 1 && unused(last); --last) keep &= ~(1U << last);
  return restricted(cell, keep);
}

}  // namespace nas
