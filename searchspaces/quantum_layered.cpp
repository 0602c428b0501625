#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/api/decision_effects.h"
#include "core/api/growable_space.h"
#include "core/api/shared_angles.h"
#include "core/ops/registry.h"
#include "core/util/error.h"
#include "core/util/options.h"
#include "core/util/text.h"
#include "searchspaces/circuit_space.h"
#include "searchspaces/layered_slots.h"
#include "searchspaces/notation_reader.h"

// Circuits in layers. A layer has a slot on every wire, with one gate of one qubit or none, and
// then slots for pairs of wires, each with a gate (or none) and the two wires that it joins,
// control first. Hardware-efficient ansatzes are in it (ry on all wires, then a chain of cx), and
// so is much that no fixed pattern has. Text, layers behind each other:
//
//   ry ry none h; cx:0>1 none | rz none none ry; cx:1>2 cz:0>3

namespace nas {
namespace {

constexpr std::string_view kName = "quantum_layered";

struct LayeredOptions {
  std::int64_t qubits = 4;
  std::int64_t layers = 3;
  std::int64_t pairs = 0;
  std::string gates = "rx+ry+rz+u3+h+x";
  std::string pair_gates = "cx+cz";
  std::string coupling = "all";
};

constexpr std::array kFields = {
    Field<LayeredOptions>{"qubits", &LayeredOptions::qubits, "wires of a circuit", "", 2, 62},
    Field<LayeredOptions>{"layers", &LayeredOptions::layers, "layers of slots", "", 1, 1000},
    Field<LayeredOptions>{"pairs", &LayeredOptions::pairs,
                          "slots for two-qubit gates in a layer; 0 = half as many as qubits", "", 0,
                          1000},
    Field<LayeredOptions>{"gates", &LayeredOptions::gates,
                          "gates that a slot on a wire can have, beside none"},
    Field<LayeredOptions>{"pair_gates", &LayeredOptions::pair_gates,
                          "gates that a slot for a pair can have, beside none"},
    Field<LayeredOptions>{"coupling", &LayeredOptions::coupling,
                          "pairs that can be joined: all, line, ring, star, t5, h7, or 0-1+1-2"},
};

constexpr std::string_view kOneQubitGates = "x y z h s sdg t tdg sx rx ry rz u3";
constexpr std::string_view kPairGates = "cx cy cz swap crx cry crz rxx ryy rzz";

LayeredOptions read_options(const OptionMap& options) {
  return parse_fields<LayeredOptions>(kFields, options, "space 'quantum_layered'");
}

/// "none" and the gates of an option.
std::vector<std::string> gate_names(std::string_view option, const std::string& text,
                                    std::string_view known) {
  const std::vector<std::string> all = split_words(std::string(known));
  std::vector<std::string> names{"none"};
  for (const std::string& name : split(text, '+')) {
    if (position_of(name, all) == all.size()) {
      throw Error(
          ErrorKind::kUsage,
          "space 'quantum_layered': " +
              unknown_name("gate of option '" + std::string(option) + "'", printable(name), all));
    }
    if (position_of(name, names) < names.size()) {
      throw Error(ErrorKind::kUsage, "space 'quantum_layered': option '" + std::string(option) +
                                         "' names " + name + " twice");
    }
    names.push_back(name);
  }
  return names;
}

/// The angles of the gates that a slot can have, side by side: gate g has those from first[g] on,
/// up to first[g + 1].
struct SlotAngles {
  explicit SlotAngles(const std::vector<std::string>& gates) {
    for (const std::string& gate : gates) {
      const std::size_t own = gate == "none" ? 0 : find_op("gate_" + gate).attrs.size();
      first.push_back(first.back() + own);
    }
  }
  std::size_t size() const { return first.back(); }
  std::vector<std::size_t> first{0};
};

class QuantumLayered final : public CircuitSpace, public GrowableSpace, public AngleSharing {
 public:
  explicit QuantumLayered(LayeredSlots slots)
      : CircuitSpace(std::string(kName), slots.qubits, decisions_of(slots)),
        slots_(std::move(slots)),
        gate_angles_(slots_.gates),
        pair_angles_(slots_.pair_gates) {}

  std::vector<bool> active(Choices choices) const override {
    std::vector<bool> result(choices.size(), true);
    for (std::size_t layer = 0; layer < slots_.layers; ++layer) {
      for (std::size_t pair = 0; pair < slots_.pairs; ++pair) {
        const std::size_t gate = slots_.pair_at(layer, pair);
        result[gate + 1] = choices[gate] != 0;
      }
    }
    return result;
  }

  std::optional<std::string> objection(Choices choices) const override {
    return idle_objection(*this, *this, choices);
  }

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, {}};
    NotationReader reader(info().name, text);
    for (std::size_t layer = 0; layer < slots_.layers; ++layer) {
      reader.skip_blanks();
      if (layer > 0) reader.expect("|");
      for (int qubit = 0; qubit < slots_.qubits; ++qubit) {
        reader.skip_blanks();
        architecture.choices.push_back(reader.choice("gate", slots_.gates));
      }
      reader.skip_blanks();
      reader.expect(";");
      for (std::size_t pair = 0; pair < slots_.pairs; ++pair) read_pair(reader, architecture);
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    const std::vector<std::uint16_t>& choices = architecture.choices;
    std::string text;
    for (std::size_t layer = 0; layer < slots_.layers; ++layer) {
      if (layer > 0) text += " | ";
      for (int qubit = 0; qubit < slots_.qubits; ++qubit) {
        if (qubit > 0) text += ' ';
        text += slots_.gates[choices[slots_.gate_at(layer, qubit)]];
      }
      text += ';';
      for (std::size_t pair = 0; pair < slots_.pairs; ++pair) {
        const std::size_t at = slots_.pair_at(layer, pair);
        text += ' ' + slots_.pair_gates[choices[at]];
        if (choices[at] != 0) text += ':' + slots_.wires[choices[at + 1]];
      }
    }
    return text;
  }

  std::size_t parts(Choices choices) const override { return count_pairs(slots_, choices); }
  std::size_t most_parts() const override { return slots_.layers * slots_.pairs; }
  std::vector<Architecture> known_designs() const override {
    std::vector<Architecture> designs;
    for (LayeredChoices& choices : hardware_efficient(slots_)) {
      designs.push_back({info().name, std::move(choices)});
    }
    return designs;
  }
  std::optional<Architecture> grown(const Architecture& architecture, Rng& rng) const override {
    return named(with_pair(slots_, architecture.choices, rng));
  }
  std::optional<Architecture> shrunk(const Architecture& architecture, Rng& rng) const override {
    return named(without_pair(slots_, architecture.choices, rng));
  }

  std::size_t shared_angles() const override { return slots_.layers * layer_angles(); }
  /// Layer by layer: the slots of wires, then those of pairs, which have angles for each two wires.
  std::vector<std::size_t> angle_numbers(Choices choices) const override {
    std::vector<std::size_t> numbers;
    const auto add = [&numbers](std::size_t slot, const SlotAngles& angles, std::uint16_t gate) {
      for (std::size_t k = angles.first[gate]; k < angles.first[gate + 1U]; ++k) {
        numbers.push_back(slot + k);
      }
    };
    for (std::size_t layer = 0; layer < slots_.layers; ++layer) {
      std::size_t slot = layer * layer_angles();
      for (int qubit = 0; qubit < slots_.qubits; ++qubit, slot += gate_angles_.size()) {
        add(slot, gate_angles_, choices[slots_.gate_at(layer, qubit)]);
      }
      for (std::size_t pair = 0; pair < slots_.pairs; ++pair) {
        const std::size_t at = slots_.pair_at(layer, pair);
        add(slot + choices[at + 1] * pair_angles_.size(), pair_angles_, choices[at]);
        slot += slots_.edges.size() * pair_angles_.size();
      }
    }
    return numbers;
  }

 private:
  std::size_t layer_angles() const {
    return static_cast<std::size_t>(slots_.qubits) * gate_angles_.size() +
           slots_.pairs * slots_.edges.size() * pair_angles_.size();
  }

  std::optional<Architecture> named(std::optional<LayeredChoices> choices) const {
    if (!choices) return std::nullopt;
    return Architecture{info().name, *std::move(choices)};
  }

  static std::vector<Decision> decisions_of(const LayeredSlots& slots) {
    std::vector<Decision> decisions;
    for (std::size_t layer = 0; layer < slots.layers; ++layer) {
      const std::string place = "layer_" + std::to_string(layer) + "/";
      for (int qubit = 0; qubit < slots.qubits; ++qubit) {
        decisions.push_back(
            {place + "q" + std::to_string(qubit), DecisionKind::kOperation, slots.gates});
      }
      for (std::size_t pair = 0; pair < slots.pairs; ++pair) {
        const std::string slot = place + "pair_" + std::to_string(pair);
        decisions.push_back({slot + "/gate", DecisionKind::kOperation, slots.pair_gates});
        decisions.push_back({slot + "/wires", DecisionKind::kInput, slots.wires});
      }
    }
    return decisions;
  }

  void read_pair(NotationReader& reader, Architecture& architecture) const {
    reader.skip_blanks();
    const std::uint16_t gate = reader.choice("gate of a pair", slots_.pair_gates);
    architecture.choices.push_back(gate);
    architecture.choices.push_back(0);
    if (gate == 0) return;
    reader.expect(":");
    architecture.choices.back() = reader.choice("pair of wires", slots_.wires, ">");
  }

  void add_gates(Choices choices, WireBuilder& wires) const override {
    for (std::size_t layer = 0; layer < slots_.layers; ++layer) {
      for (int qubit = 0; qubit < slots_.qubits; ++qubit) {
        const std::uint16_t gate = choices[slots_.gate_at(layer, qubit)];
        if (gate != 0) wires.add(slots_.gates[gate], std::array{qubit});
      }
      for (std::size_t pair = 0; pair < slots_.pairs; ++pair) {
        const std::size_t at = slots_.pair_at(layer, pair);
        if (choices[at] == 0) continue;
        const auto& [control, target] = slots_.edges[choices[at + 1]];
        wires.add(slots_.pair_gates[choices[at]], std::array{control, target});
      }
    }
  }

  LayeredSlots slots_;
  SlotAngles gate_angles_, pair_angles_;
};

std::unique_ptr<SearchSpace> make(const OptionMap& map) {
  const LayeredOptions options = read_options(map);
  LayeredSlots slots;
  slots.qubits = circuit_qubits(kName, options.qubits, 2);
  slots.layers = static_cast<std::size_t>(options.layers);
  slots.pairs =
      static_cast<std::size_t>(options.pairs > 0 ? options.pairs : (options.qubits + 1) / 2);
  slots.gates = gate_names("gates", options.gates, kOneQubitGates);
  slots.pair_gates = gate_names("pair_gates", options.pair_gates, kPairGates);
  slots.edges = CouplingMap(options.coupling, slots.qubits).directed();
  for (const auto& [control, target] : slots.edges) {
    slots.wires.push_back(std::to_string(control) + ">" + std::to_string(target));
  }
  return std::make_unique<QuantumLayered>(std::move(slots));
}

}  // namespace

extern constinit const Plugin<SearchSpace> quantum_layered_search_space{
    "quantum_layered",
    "quantum circuits in layers: a gate on each wire, then gates on pairs; hardware-efficient and "
    "beyond",
    "Kandala et al., Hardware-efficient variational quantum eigensolver for small molecules and "
    "quantum magnets, Nature 2017, arXiv 1704.05018 (whose circuits it contains)",
    [] { return describe_fields<LayeredOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<LayeredOptions>(kFields, read_options(options));
    },
    make};

}  // namespace nas
