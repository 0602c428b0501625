#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/api/search_space.h"

namespace nas {

/// What a text says, beside an architecture, about the network that was built of it.
struct StatedNetwork {
  std::int64_t width = 0, depth = 0;  ///< as in Task; 0 = nothing is said
  std::optional<bool> auxiliary;

  void apply(Task& task) const {
    if (width > 0) task.width = width;
    if (depth > 0) task.depth = depth;
    if (auxiliary) task.auxiliary = *auxiliary;
  }
  /// "width=50;depth=20;auxiliary=true"; "" = nothing is said.
  std::string text() const {
    std::string text;
    if (width > 0) text += ";width=" + std::to_string(width);
    if (depth > 0) text += ";depth=" + std::to_string(depth);
    if (auxiliary) text += *auxiliary ? ";auxiliary=true" : ";auxiliary=false";
    return text.empty() ? text : text.substr(1);
  }
};

/// A space with a notation that states networks (a result file of NAS-Bench-301); optional
/// (dynamic_cast).
class StatesNetworks {
 public:
  virtual ~StatesNetworks() = default;
  /// Nothing for texts of other notations. Throws Error(kUsage) for values that make no network.
  virtual StatedNetwork stated_network(std::string_view text) const = 0;
};

/// What a text says in this space; nothing where the space has no such notation.
inline StatedNetwork stated_network(const SearchSpace& space, std::string_view text) {
  const auto* states = dynamic_cast<const StatesNetworks*>(&space);
  return states == nullptr ? StatedNetwork() : states->stated_network(text);
}

}  // namespace nas
