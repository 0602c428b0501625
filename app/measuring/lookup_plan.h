#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// A part of one network by the key that look-up tables of our own form have for it.
struct KeyedPart {
  std::string key;
  NodeId begin = 0, end = 0;  ///< its nodes
  bool runs = false;          ///< a pass runs one of them
};
std::vector<KeyedPart> keyed_parts(const ArchGraph& graph);

struct LookupWish {
  Task task;                                 ///< of the networks
  std::optional<std::int64_t> resolution{};  ///< only this choice of a decision on the resolution
  std::int64_t repeats = 3;                  ///< networks that each part is to be timed in
  std::uint64_t seed = 0;
};

/// Networks that together hold every part of a space.
struct LookupPlan {
  std::vector<Architecture> networks;
  /// By key: in how many of them it runs; 0 for one that no network was found for.
  std::map<std::string, std::int64_t> uses;
};

/// The same for equal wishes. Random networks whose decisions are set for the parts that have been
/// planned least. Throws Error(kUnsupported) for a space whose networks are not parts of one graph,
/// Error(kUsage) for a resolution that the space does not have.
LookupPlan plan_lookup(const SearchSpace& space, const LookupWish& wish);

}  // namespace nas
