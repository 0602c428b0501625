#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// A space whose architectures have parts that one wants few of (the two-qubit gates of a circuit)
/// and can be made larger or smaller by one. Optional (dynamic_cast). What it returns is valid.
class GrowableSpace {
 public:
  virtual ~GrowableSpace() = default;
  virtual std::size_t parts(Choices choices) const = 0;
  virtual std::size_t most_parts() const = 0;
  /// Architectures that people draw by hand, where a search can begin; ascending by parts,
  /// different ones. Empty where nobody knows any.
  virtual std::vector<Architecture> known_designs() const = 0;
  /// One part more, with what belongs to it, in a place drawn; nullopt: no room was found.
  virtual std::optional<Architecture> grown(const Architecture& architecture, Rng& rng) const = 0;
  /// One part less, drawn; nullopt: it has none, or no part can be missed.
  virtual std::optional<Architecture> shrunk(const Architecture& architecture, Rng& rng) const = 0;
};

}  // namespace nas
