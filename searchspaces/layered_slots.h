#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// The slots of circuits in layers (quantum_layered.cpp). A layer's decisions are one gate a wire,
/// then gate and wires of each pair; the first gate of both lists is "none".
struct LayeredSlots {
  int qubits;
  std::size_t layers, pairs;
  std::vector<std::string> gates, pair_gates, wires;  ///< names of choices
  std::vector<std::pair<int, int>> edges;             ///< by choice of wires

  std::size_t layer_length() const { return static_cast<std::size_t>(qubits) + 2 * pairs; }
  std::size_t gate_at(std::size_t layer, int qubit) const {
    return layer * layer_length() + static_cast<std::size_t>(qubit);
  }
  std::size_t pair_at(std::size_t layer, std::size_t pair) const {
    return gate_at(layer, qubits) + 2 * pair;
  }
};

using LayeredChoices = std::vector<std::uint16_t>;

std::size_t count_pairs(const LayeredSlots& slots, Choices choices);

/// Hardware-efficient circuits of every number of layers that have gates for pairs (of some numbers
/// in huge spaces), with each gate that has angles on all wires: the gates of a layer join
/// neighbours, as a ring or chain where there are slots enough, else in turns (0-1, 2-3, then 1-2,
/// ...). A last layer without them has rotations. Ascending by pairs; only the map's pairs are
/// joined.
std::vector<LayeredChoices> hardware_efficient(const LayeredSlots& slots);

/// One gate for a pair more, and gates behind it on those of its wires that have none there.
/// Layers close up first, so that equal circuits have equal slots. nullopt: all slots are full.
std::optional<LayeredChoices> with_pair(const LayeredSlots& slots, Choices choices, Rng& rng);

/// One gate for a pair less. Of equal gates with angles that then follow each other on a wire the
/// first stays. nullopt: there is none.
std::optional<LayeredChoices> without_pair(const LayeredSlots& slots, Choices choices, Rng& rng);

}  // namespace nas
