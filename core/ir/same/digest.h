#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/ir/arch_graph.h"

namespace nas {

/// 128 bits that identify what a graph computes.
struct Digest {
  std::array<std::uint64_t, 2> words{};
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// Digest of `simplified(graph)`: invariant under renumbering of nodes, under the order of inputs
/// of commutative operations and under scopes; different for graphs that are not isomorphic (up to
/// hash collisions and the limits of colour refinement; `isomorphic` confirms a hit). Sharing
/// counts: one convolution read twice differs from two equal convolutions, since their weights
/// differ.
Digest digest(const ArchGraph& graph);

std::string to_hex(const Digest& digest);   ///< 32 digits
Digest parse_digest(std::string_view hex);  ///< Throws Error(kData)

/// The exact test, for two graphs as they are (not simplified): a renumbering maps one to the
/// other, keeping operations, attributes, types, ports (commutative ones as multisets) and outputs.
bool isomorphic(const ArchGraph& a, const ArchGraph& b);

}  // namespace nas
