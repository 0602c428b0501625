#include "predictors/encoding.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kMostBits = 20'000;

const CellGraphs& cells_of(const SearchSpace& space) {
  if (const auto* cells = dynamic_cast<const CellGraphs*>(&space)) return *cells;
  throw Error(ErrorKind::kUnsupported, "space '" + space.info().name +
                                           "' has no cells, so there is no path encoding; use "
                                           "encoding=onehot");
}

}  // namespace

std::size_t one_hot_width(const SearchSpace& space) {
  std::size_t width = 0;
  for (const Decision& decision : space.decisions()) width += decision.choices.size();
  return width;
}

std::vector<double> one_hot(const SearchSpace& space, const Architecture& architecture) {
  std::vector<double> code(one_hot_width(space), 0.0);
  std::size_t first = 0;
  const auto decisions = space.decisions();
  const std::vector<bool> active = active_decisions(space, architecture.choices);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (active[i]) code[first + architecture.choices[i]] = 1;
    first += decisions[i].choices.size();
  }
  return code;
}

PathEncoder::PathEncoder(const SearchSpace& space, int longest) : space_(&space) {
  const CellGraphs& cells = cells_of(space);
  operations_ = cells.cell_operations().size() - 2;
  const auto [shortest, most] = cells.path_lengths();
  shortest_ = shortest;
  longest_ = std::clamp(longest > 0 ? longest : (most + 1) / 2, shortest, most);
  first_.assign(static_cast<std::size_t>(longest_) + 1, 0);
  std::size_t sequences = 1;
  for (int length = 0; length <= longest_; ++length, sequences *= operations_) {
    if (width_ + sequences > kMostBits && length > shortest_) {
      longest_ = length - 1;
      break;
    }
    first_[static_cast<std::size_t>(length)] = width_;
    if (length >= shortest_) width_ += sequences;
  }
}

std::vector<double> PathEncoder::encode(const Architecture& architecture) const {
  const CellGraph graph = cell_graph_of(*space_, architecture);
  std::vector<double> code(width_, 0.0);
  struct Path {
    std::size_t number = 0;
    int length = 0;
    auto operator<=>(const Path&) const = default;
  };
  // Vertices are in topological order, so every path into one is known when it is reached; equal
  // sequences into a vertex count once.
  std::vector<std::vector<Path>> paths(graph.operations.size());
  paths[0].push_back({});
  for (std::size_t vertex = 0; vertex < paths.size(); ++vertex) {
    std::sort(paths[vertex].begin(), paths[vertex].end());
    paths[vertex].erase(std::unique(paths[vertex].begin(), paths[vertex].end()),
                        paths[vertex].end());
    const bool inner = vertex > 0 && vertex + 1 < paths.size();
    if (inner) {
      for (Path& path : paths[vertex]) {
        path.number = path.number * operations_ + graph.operations[vertex] - 2U;
        ++path.length;
      }
    }
    for (const auto& [from, to] : graph.edges) {
      if (from != vertex) continue;
      for (const Path& path : paths[vertex]) {
        if (path.length <= longest_) paths[to].push_back(path);
      }
    }
  }
  for (const Path& path : paths.back()) {
    if (path.length >= shortest_ && path.length <= longest_) {
      code[first_[static_cast<std::size_t>(path.length)] + path.number] = 1;
    }
  }
  return code;
}

}  // namespace nas
