#include "gui/graph/compact_sketch.h"

#include <cctype>
#include <string_view>

#include "app/reports/cell_sketch.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// "3×3" of "nor_conv_3x3"; "" without a kernel.
std::string kernel_of(std::string_view name) {
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return std::isdigit(static_cast<unsigned char>(name[at])) != 0;
    };
    if (name[i] == 'x' && digit(i - 1) && digit(i + 1))
      return std::string(1, name[i - 1]) + "×" + std::string(1, name[i + 1]);
  }
  return {};
}

}  // namespace

std::string short_operation(const std::string& name) {
  if (passes_nothing({.name = name})) return "–";
  const std::string lower = to_lower(name);
  const std::string kernel = kernel_of(lower);
  if (kernel.empty()) return lower.substr(0, lower.find('_'));
  for (const char* word : {"sep", "dil", "avg", "max"}) {
    if (lower.find(word) != std::string::npos) return std::string(word) + " " + kernel;
  }
  return kernel;
}

std::vector<SketchChip> compact_sketch(const SearchSpace& space, const Architecture& architecture) {
  std::vector<SketchChip> chips;
  for (const CellSketch& cell : cell_sketches(space, architecture)) {
    bool first = true;
    for (const CellSketch::Vertex& vertex : cell.vertices) {
      if (vertex.kind != CellSketch::Kind::kOperation) continue;
      chips.push_back({.label = short_operation(vertex.name),
                       .family = family_named(vertex.name),
                       .quiet = passes_nothing(vertex),
                       .first = std::exchange(first, false)});
    }
  }
  if (!chips.empty()) return chips;
  std::string row;
  for (const DecisionTile& tile : decision_tiles(space, architecture)) {
    chips.push_back({.label = tile.text,
                     .operation = false,
                     .share = tile.share,
                     .first = chips.empty() || tile.row != row});
    row = tile.row;
  }
  return chips;
}

}  // namespace nas
