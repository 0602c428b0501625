#include <algorithm>

#include "core/quantum/gate_kind.h"
#include "searchspaces/layered_slots.h"

namespace nas {
namespace {

/// A gate for a pair, as choices.
struct PairGate {
  std::uint16_t gate, wires;
};

struct Layer {
  std::vector<std::uint16_t> gates;  ///< by wire
  std::vector<PairGate> pairs;       ///< those that are not "none"
};

std::vector<Layer> layers_of(const LayeredSlots& slots, Choices choices) {
  std::vector<Layer> layers;
  for (std::size_t layer = 0; layer < slots.layers; ++layer) {
    const auto begin = choices.begin() + static_cast<std::ptrdiff_t>(slots.gate_at(layer, 0));
    Layer one{{begin, begin + slots.qubits}, {}};
    for (std::size_t pair = 0; pair < slots.pairs; ++pair) {
      const std::size_t at = slots.pair_at(layer, pair);
      if (choices[at] != 0) one.pairs.push_back({choices[at], choices[at + 1]});
    }
    layers.push_back(std::move(one));
  }
  return layers;
}

LayeredChoices choices_of(const LayeredSlots& slots, const std::vector<Layer>& layers) {
  LayeredChoices choices(slots.layers * slots.layer_length(), 0);
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    std::copy(layers[layer].gates.begin(), layers[layer].gates.end(),
              choices.begin() + static_cast<std::ptrdiff_t>(slots.gate_at(layer, 0)));
    for (std::size_t pair = 0; pair < layers[layer].pairs.size(); ++pair) {
      choices[slots.pair_at(layer, pair)] = layers[layer].pairs[pair].gate;
      choices[slots.pair_at(layer, pair) + 1] = layers[layer].pairs[pair].wires;
    }
  }
  return choices;
}

bool has_angles(const std::string& gate) {
  const GateKind* kind = find_gate_kind(gate);
  return kind != nullptr && kind->angles > 0;
}

/// Can the gates of `first` stand in the layer behind it?
bool room_for(const Layer& first, const Layer& second) {
  for (std::size_t wire = 0; wire < first.gates.size(); ++wire) {
    if (first.gates[wire] != 0 && second.gates[wire] != 0) return false;
  }
  return true;
}

/// Layers without pairs become one with the layer behind them where their gates find room there.
void close_up(std::vector<Layer>& layers) {
  const std::size_t count = layers.size();
  for (std::size_t layer = 0; layer + 1 < layers.size();) {
    if (!layers[layer].pairs.empty() || !room_for(layers[layer], layers[layer + 1])) {
      ++layer;
      continue;
    }
    for (std::size_t wire = 0; wire < layers[layer].gates.size(); ++wire) {
      layers[layer + 1].gates[wire] =
          static_cast<std::uint16_t>(layers[layer + 1].gates[wire] + layers[layer].gates[wire]);
    }
    layers.erase(layers.begin() + static_cast<std::ptrdiff_t>(layer));
  }
  while (layers.size() < count) {
    layers.push_back({std::vector<std::uint16_t>(layers[0].gates.size(), 0), {}});
  }
}

/// Two rotations of one kind on a wire without a pair between them are one.
void drop_doubles(const LayeredSlots& slots, std::vector<Layer>& layers) {
  std::vector<std::uint16_t> last(static_cast<std::size_t>(slots.qubits), 0);
  for (Layer& layer : layers) {
    for (std::size_t wire = 0; wire < last.size(); ++wire) {
      std::uint16_t& gate = layer.gates[wire];
      if (gate == 0) continue;
      if (gate == last[wire] && has_angles(slots.gates[gate])) gate = 0;
      if (gate != 0) last[wire] = gate;
    }
    for (const PairGate& pair : layer.pairs) {
      const auto& [a, b] = slots.edges[pair.wires];
      last[static_cast<std::size_t>(a)] = last[static_cast<std::size_t>(b)] = 0;
    }
  }
}

/// Of gates in a row that share no wire the one with the smaller wires comes first, so that equal
/// circuits have equal slots more often.
void order_pairs(const LayeredSlots& slots, Layer& layer) {
  const auto apart = [&slots](const PairGate& a, const PairGate& b) {
    const auto& [p, q] = slots.edges[a.wires];
    const auto& [r, s] = slots.edges[b.wires];
    return p != r && p != s && q != r && q != s;
  };
  std::vector<PairGate>& pairs = layer.pairs;
  for (std::size_t round = 1; round < pairs.size(); ++round) {
    for (std::size_t i = 0; i + 1 < pairs.size(); ++i) {
      const bool turned = pairs[i].wires > pairs[i + 1].wires && apart(pairs[i], pairs[i + 1]);
      if (turned) std::swap(pairs[i], pairs[i + 1]);
    }
  }
}

bool is_empty(const Layer& layer) {
  return layer.pairs.empty() &&
         std::all_of(layer.gates.begin(), layer.gates.end(), [](auto gate) { return gate == 0; });
}

/// The pair in a layer of its own: gates that stood where it comes are before it. Requires that
/// the last layer is empty or the only one without pairs.
std::size_t put_between(std::vector<Layer>& layers, std::size_t used, PairGate pair, Rng& rng) {
  const bool room = is_empty(layers.back());
  const std::size_t layer = room ? rng.below(used + 1) : used;
  if (layer == used) {
    layers[layer].pairs.push_back(pair);
    return layer;
  }
  Layer inserted{std::vector<std::uint16_t>(layers[layer].gates.size(), 0), {pair}};
  inserted.gates.swap(layers[layer].gates);
  layers.pop_back();
  layers.insert(layers.begin() + static_cast<std::ptrdiff_t>(layer), std::move(inserted));
  return layer;
}

std::size_t put_beside(std::vector<Layer>& layers, const std::vector<std::size_t>& open,
                       PairGate pair, Rng& rng) {
  const std::size_t layer = open[rng.below(open.size())];
  std::vector<PairGate>& pairs = layers[layer].pairs;
  pairs.insert(pairs.begin() + static_cast<std::ptrdiff_t>(rng.below(pairs.size() + 1)), pair);
  return layer;
}

/// Joined wires of neighbours, in the order of a ring; those that the map has.
std::vector<std::uint16_t> ring_wires(const LayeredSlots& slots) {
  std::vector<std::uint16_t> ring;
  for (int q = 0; q < slots.qubits && (q + 1 < slots.qubits || slots.qubits > 2); ++q) {
    const std::pair<int, int> edge(q, (q + 1) % slots.qubits);
    const auto found = std::find(slots.edges.begin(), slots.edges.end(), edge);
    if (found == slots.edges.end()) continue;
    ring.push_back(static_cast<std::uint16_t>(found - slots.edges.begin()));
  }
  return ring;
}

/// Those of one layer: all where there are slots enough, else every second one, in turns.
std::vector<PairGate> neighbour_pairs(const LayeredSlots& slots, std::size_t layer) {
  const std::vector<std::uint16_t> ring = ring_wires(slots);
  const bool chain = slots.pairs + 1 == static_cast<std::size_t>(slots.qubits);
  std::vector<PairGate> pairs;
  if (ring.empty()) return pairs;
  const bool all = chain || slots.pairs >= ring.size();
  const std::size_t first = all ? 0 : slots.pairs == 1 ? layer % ring.size() : layer % 2;
  for (std::size_t i = first; i < ring.size() && pairs.size() < slots.pairs; i += all ? 1 : 2) {
    pairs.push_back({1, ring[i]});
  }
  return pairs;
}

/// Numbers of layers, all of them as long as the designs together stay small, else some.
std::vector<std::size_t> depths(const LayeredSlots& slots) {
  constexpr std::size_t kMostChoices = 1'000'000;
  const std::size_t one = slots.layers * slots.layer_length() * slots.gates.size();
  const std::size_t count = std::clamp<std::size_t>(kMostChoices / one, 2, slots.layers + 1);
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(i * slots.layers / (count - 1));
  return result;
}

}  // namespace

std::size_t count_pairs(const LayeredSlots& slots, Choices choices) {
  std::size_t count = 0;
  for (const Layer& layer : layers_of(slots, choices)) count += layer.pairs.size();
  return count;
}

std::vector<LayeredChoices> hardware_efficient(const LayeredSlots& slots) {
  std::vector<LayeredChoices> designs;
  for (const std::size_t entangled : depths(slots)) {
    for (std::size_t gate = 1; gate < slots.gates.size(); ++gate) {
      if (!has_angles(slots.gates[gate])) continue;
      std::vector<Layer> layers(
          slots.layers,
          {std::vector<std::uint16_t>(static_cast<std::size_t>(slots.qubits), 0), {}});
      for (std::size_t layer = 0; layer < std::min(entangled + 1, slots.layers); ++layer) {
        std::fill(layers[layer].gates.begin(), layers[layer].gates.end(),
                  static_cast<std::uint16_t>(gate));
        if (layer < entangled) layers[layer].pairs = neighbour_pairs(slots, layer);
      }
      drop_doubles(slots, layers);
      LayeredChoices choices = choices_of(slots, layers);
      const bool known = std::find(designs.begin(), designs.end(), choices) != designs.end();
      if (!known) designs.push_back(std::move(choices));
    }
  }
  return designs;
}

std::optional<LayeredChoices> with_pair(const LayeredSlots& slots, Choices choices, Rng& rng) {
  std::vector<Layer> layers = layers_of(slots, choices);
  close_up(layers);
  std::size_t used = layers.size();
  while (used > 0 && layers[used - 1].pairs.empty()) --used;
  std::vector<std::size_t> open;
  for (std::size_t layer = 0; layer < used; ++layer) {
    if (layers[layer].pairs.size() < slots.pairs) open.push_back(layer);
  }
  if (open.empty() && used == layers.size()) return std::nullopt;
  const PairGate pair{static_cast<std::uint16_t>(1 + rng.below(slots.pair_gates.size() - 1)),
                      static_cast<std::uint16_t>(rng.below(slots.wires.size()))};
  const bool between = used < layers.size() && (open.empty() || rng.bernoulli(0.5));
  const std::size_t layer =
      between ? put_between(layers, used, pair, rng) : put_beside(layers, open, pair, rng);
  if (layer + 1 < layers.size() && slots.gates.size() > 1) {
    for (const int wire : {slots.edges[pair.wires].first, slots.edges[pair.wires].second}) {
      std::uint16_t& gate = layers[layer + 1].gates[static_cast<std::size_t>(wire)];
      if (gate == 0) gate = static_cast<std::uint16_t>(1 + rng.below(slots.gates.size() - 1));
    }
  }
  order_pairs(slots, layers[layer]);
  drop_doubles(slots, layers);
  return choices_of(slots, layers);
}

std::optional<LayeredChoices> without_pair(const LayeredSlots& slots, Choices choices, Rng& rng) {
  std::vector<Layer> layers = layers_of(slots, choices);
  const std::size_t count = count_pairs(slots, choices);
  if (count == 0) return std::nullopt;
  std::size_t drawn = rng.below(count);
  for (Layer& layer : layers) {
    if (drawn < layer.pairs.size()) {
      layer.pairs.erase(layer.pairs.begin() + static_cast<std::ptrdiff_t>(drawn));
      break;
    }
    drawn -= layer.pairs.size();
  }
  drop_doubles(slots, layers);
  close_up(layers);
  return choices_of(slots, layers);
}

}  // namespace nas
