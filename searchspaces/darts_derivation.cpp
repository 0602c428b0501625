#include "searchspaces/darts_derivation.h"

#include <algorithm>
#include <vector>

namespace nas {

std::array<std::array<DartsEdge, 2>, 4> strongest_edges(
    std::span<const DartsEdgeWeights, kDartsEdges> edges) {
  struct Strength {
    DartsEdge edge;
    double value;
  };
  std::array<std::array<DartsEdge, 2>, 4> kept{};
  std::size_t first = 0;
  for (std::size_t node = 0; node < kept.size(); ++node) {
    std::vector<Strength> inputs;
    for (std::size_t input = 0; input < node + 2; ++input) {
      const DartsEdgeWeights& weights = edges[first + input];
      const auto best = std::max_element(weights.begin() + 1, weights.end());
      inputs.push_back({{static_cast<std::uint8_t>(best - weights.begin() - 1),
                         static_cast<std::uint8_t>(input)},
                        *best});
    }
    std::ranges::stable_sort(inputs, std::greater<>(), &Strength::value);
    kept[node] = {inputs[0].edge, inputs[1].edge};
    first += node + 2;
  }
  return kept;
}

}  // namespace nas
