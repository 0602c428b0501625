#include "app/reports/cell_sketch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "core/api/cell_graph.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Kind = CellSketch::Kind;

/// "edge_0_2" with the prefix "edge_" and "0_2" without one: {0, 2}.
std::optional<std::pair<int, int>> number_pair(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const std::size_t middle = text.find('_');
  if (middle == std::string_view::npos) return std::nullopt;
  const auto first = parse_int(text.substr(0, middle)), second = parse_int(text.substr(middle + 1));
  if (!first || !second || *first < 0 || *second > 1000) return std::nullopt;
  return std::pair(static_cast<int>(*first), static_cast<int>(*second));
}

const std::string& chosen(const Decision& decision, std::size_t choice) {
  return decision.choices[choice];
}

CellSketch::Vertex operation(const Decision& decision, std::size_t index, std::size_t choice) {
  return {Kind::kOperation, chosen(decision, choice), choice, {index}};
}

/// Operations on the edges between numbered places.
std::optional<CellSketch> edge_cell(std::span<const Decision> decisions,
                                    const Architecture& architecture) {
  std::map<int, std::vector<std::pair<int, std::size_t>>> into;  // place: (from, decision)
  int last = 0;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const auto ends = number_pair(decisions[i].name, "edge_");
    if (!ends || ends->first >= ends->second) return std::nullopt;
    into[ends->second].emplace_back(ends->first, i);
    last = std::max(last, ends->second);
  }
  if (into.empty()) return std::nullopt;
  CellSketch sketch;
  std::map<int, std::uint32_t> place_of;
  const auto add_place = [&](int place) {
    const bool port = place == 0 || place == last;
    place_of[place] = static_cast<std::uint32_t>(sketch.vertices.size());
    sketch.vertices.push_back({port ? Kind::kPort : Kind::kPlace,
                               place == 0      ? "input"
                               : place == last ? "output"
                                               : std::to_string(place),
                               0,
                               {}});
  };
  add_place(0);
  for (int place = 1; place <= last; ++place) {
    std::vector<std::uint32_t> operations;
    for (const auto& [from, decision] : into[place]) {
      if (!place_of.contains(from)) return std::nullopt;
      operations.push_back(static_cast<std::uint32_t>(sketch.vertices.size()));
      sketch.edges.emplace_back(place_of[from], operations.back());
      sketch.vertices.push_back(
          operation(decisions[decision], decision, architecture.choices[decision]));
    }
    add_place(place);
    for (const std::uint32_t from : operations) sketch.edges.emplace_back(from, place_of[place]);
  }
  return sketch;
}

/// What is known of a place of a cell with chosen inputs.
struct NodeDecisions {
  std::optional<std::size_t> inputs;
  std::vector<std::size_t> operations;  ///< op_a, op_b, ...
};

/// By cell, then by place. nullopt: decisions have other names.
std::optional<std::map<std::string, std::map<int, NodeDecisions>>> node_decisions(
    std::span<const Decision> decisions) {
  std::map<std::string, std::map<int, NodeDecisions>> cells;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::string_view name = decisions[i].name;
    const std::size_t first = name.find('/'), second = name.rfind('/');
    if (first == std::string_view::npos || first == second) return std::nullopt;
    const std::string_view node = name.substr(first + 1, second - first - 1);
    const std::string_view what = name.substr(second + 1);
    const auto number = node.starts_with("node_") ? parse_int(node.substr(5)) : std::nullopt;
    if (!number || *number < 0 || *number > 1000) return std::nullopt;
    NodeDecisions& own = cells[std::string(name.substr(0, first))][static_cast<int>(*number)];
    if (what == "inputs") {
      own.inputs = i;
    } else if (what.starts_with("op_")) {
      own.operations.push_back(i);
    } else {
      return std::nullopt;
    }
  }
  return cells;
}

CellSketch node_cell(const std::string& title, const std::map<int, NodeDecisions>& nodes,
                     std::span<const Decision> decisions, const Architecture& architecture) {
  CellSketch sketch{.title = title, .vertices = {}, .edges = {}};
  std::map<int, std::uint32_t> place_of;
  const auto add = [&](CellSketch::Vertex vertex) {
    sketch.vertices.push_back(std::move(vertex));
    return static_cast<std::uint32_t>(sketch.vertices.size() - 1);
  };
  // Places before the first with operations are the cells before this one.
  const int first = nodes.begin()->first;
  for (int place = 0; place < first; ++place) {
    place_of[place] = add({Kind::kPort, "c k-" + std::to_string(first - place), 0, {}});
  }
  for (const auto& [place, own] : nodes) {
    std::vector<int> inputs;
    if (own.inputs) {
      const auto pair =
          number_pair(chosen(decisions[*own.inputs], architecture.choices[*own.inputs]), "");
      if (pair) inputs = {pair->first, pair->second};
    }
    std::vector<std::uint32_t> operations;
    for (std::size_t i = 0; i < own.operations.size(); ++i) {
      const std::size_t decision = own.operations[i];
      const int from = i < inputs.size() ? inputs[i] : static_cast<int>(i);
      CellSketch::Vertex vertex =
          operation(decisions[decision], decision, architecture.choices[decision]);
      if (own.inputs) vertex.decisions.push_back(*own.inputs);
      operations.push_back(add(std::move(vertex)));
      if (place_of.contains(from)) sketch.edges.emplace_back(place_of[from], operations.back());
    }
    place_of[place] = add({Kind::kPlace, std::to_string(place), 0, {}});
    for (const std::uint32_t from : operations) sketch.edges.emplace_back(from, place_of[place]);
  }
  const std::uint32_t output = add({Kind::kPort, "output", 0, {}});
  for (const auto& [place, own] : nodes) sketch.edges.emplace_back(place_of[place], output);
  return sketch;
}

/// The graph that predictors read: vertices 0 and last are the ports.
CellSketch graph_cell(const CellGraphs& cells, const Architecture& architecture) {
  const CellGraph graph = cells.cell_graph(architecture);
  const std::vector<std::string> names = cells.cell_operations();
  CellSketch sketch;
  for (const std::uint16_t own : graph.operations) {
    const bool port = own < 2;
    sketch.vertices.push_back({port ? Kind::kPort : Kind::kOperation,
                               names.at(own),
                               port ? std::size_t{0} : own - std::size_t{2},
                               {}});
  }
  for (const auto& [from, to] : graph.edges) sketch.edges.emplace_back(from, to);
  return sketch;
}

}  // namespace

bool passes_nothing(const CellSketch::Vertex& vertex) {
  return vertex.kind == Kind::kOperation && nas::passes_nothing(vertex.name);
}

std::vector<CellSketch> cell_sketches(const SearchSpace& space, const Architecture& architecture) {
  const std::span<const Decision> decisions = space.decisions();
  if (auto cell = edge_cell(decisions, architecture)) return {std::move(*cell)};
  std::vector<CellSketch> sketches;
  if (const auto cells = node_decisions(decisions)) {
    for (const auto& [title, nodes] : *cells)
      sketches.push_back(node_cell(title, nodes, decisions, architecture));
    return sketches;
  }
  if (const auto* cells = dynamic_cast<const CellGraphs*>(&space))
    sketches.push_back(graph_cell(*cells, architecture));
  return sketches;
}

std::vector<DecisionTile> decision_tiles(const SearchSpace& space,
                                         const Architecture& architecture) {
  const std::span<const Decision> decisions = space.decisions();
  const std::vector<bool> active = active_decisions(space, architecture.choices);
  std::map<std::string, int> siblings;
  const auto parent = [](const std::string& name) {
    return name.substr(0, std::min(name.rfind('/'), name.size()));
  };
  for (const Decision& decision : decisions) ++siblings[parent(decision.name)];
  std::map<std::string, std::size_t> place_of;
  std::vector<DecisionTile> tiles;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::string& name = decisions[i].name;
    // Only parts of something deeper than a row share a tile.
    const std::string up = parent(name);
    const bool shared = siblings[up] > 1 && up.find('/') != std::string::npos;
    const std::string whole = shared ? up : name;
    const auto [place, fresh] = place_of.emplace(whole, tiles.size());
    const std::size_t slash = whole.find('/');
    if (fresh) {
      const bool rowed = slash != std::string::npos;
      tiles.push_back({.row = rowed ? whole.substr(0, slash) : std::string(),
                       .title = rowed ? whole.substr(slash + 1) : whole,
                       .text = {},
                       .decisions = {}});
    }
    DecisionTile& tile = tiles[place->second];
    const std::size_t choice = architecture.choices[i], count = decisions[i].choices.size();
    if (!tile.text.empty()) tile.text += " · ";
    tile.text += active[i] ? chosen(decisions[i], choice) : "–";
    tile.share += count > 1 ? static_cast<double>(choice) / static_cast<double>(count - 1) : 0.5;
    tile.decisions.push_back(i);
  }
  // Tiles of a row stay together, in the order in which the rows come.
  std::map<std::string, std::size_t> row_of;
  for (DecisionTile& tile : tiles) {
    tile.share /= static_cast<double>(tile.decisions.size());
    row_of.emplace(tile.row, row_of.size());
  }
  std::stable_sort(tiles.begin(), tiles.end(), [&](const DecisionTile& a, const DecisionTile& b) {
    return row_of[a.row] < row_of[b.row];
  });
  return tiles;
}

}  // namespace nas
