#pragma once

#include <cstddef>
#include <string_view>

#include "core/ir/arch_graph.h"
#include "core/util/rng.h"

namespace nas::test {

/// A NAS-Bench-201 cell in the text form, written by hand: conv 3x3 (0->1), none and skip into node
/// 2, skip, average pooling and conv 1x1 into node 3. 16 nodes.
extern const std::string_view kCellText;

/// A NAS-Bench-201 network: stem, three stages of `cells` equal cells, two reductions, classifier.
/// The choices (0 none, 1 skip, 2 conv 1x1, 3 conv 3x3, 4 average pooling) stand in the order of
/// the cell string.
ArchGraph nb201_network(std::span<const int> choices, int cells);

/// One such cell on [16, 8, 8] without a network around it.
ArchGraph nb201_cell(std::span<const int> choices);

/// `size` random operations on one type (all weights, zeros and identities included), random
/// readers.
ArchGraph random_graph(Rng& rng, std::size_t size);

/// The same graph in another topological order, inputs of commutative operations shuffled and no
/// scopes.
ArchGraph renumbered(const ArchGraph& graph, Rng& rng);

/// input, then `length` operations one below the other.
ArchGraph chain(std::size_t length, std::string_view op);

}  // namespace nas::test
