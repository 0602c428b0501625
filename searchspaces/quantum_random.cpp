#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/api/decision_effects.h"
#include "core/api/growable_space.h"
#include "core/util/error.h"
#include "core/util/options.h"
#include "searchspaces/circuit_space.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// The random circuits of QAS-URL (Sun et al., arXiv 2401.11576): a list of gates, each of eleven
// kinds on a uniform qubit; a CNOT's target is the next qubit of the ring, the other qubit of CZ
// and SWAP is any; circuits deeper than the limit do not belong to the space, so that a uniform
// sample has the published distribution. With a coupling map two-qubit gates stand on its pairs
// only, and the control of a CNOT is the smaller number. Text: "RX:0;CNOT:0:1;SWAP:2:0;..."; angles
// are no part of an architecture.

namespace nas {
namespace {

constexpr std::string_view kName = "quantum_random";

struct RandomOptions {
  std::int64_t qubits = 4;
  std::int64_t gates = 10;
  std::int64_t depth = 5;
  std::string coupling = "paper";
};

constexpr std::string_view kPaper = "QAS-URL (arXiv 2401.11576), section on data";

constexpr std::array kFields = {
    Field<RandomOptions>{"qubits", &RandomOptions::qubits, "wires of a circuit", "", 3, 62, kPaper},
    Field<RandomOptions>{"gates", &RandomOptions::gates, "gates of a circuit", "", 1, 1000, kPaper},
    Field<RandomOptions>{"depth", &RandomOptions::depth, "most gates on a chain", "", 1, 1000,
                         kPaper},
    Field<RandomOptions>{"coupling", &RandomOptions::coupling,
                         "paper (CNOT along the ring, CZ and SWAP anywhere), or a map: all, line, "
                         "ring, star, t5, h7, 0-1+1-2"},
};

struct PaperGate {
  std::string_view name;  ///< in texts
  std::string_view gate;
  int qubits;
};
constexpr std::array<PaperGate, 11> kGates{{{"X", "x", 1},
                                            {"Y", "y", 1},
                                            {"Z", "z", 1},
                                            {"H", "h", 1},
                                            {"RX", "rx", 1},
                                            {"RY", "ry", 1},
                                            {"RZ", "rz", 1},
                                            {"CNOT", "cx", 2},
                                            {"CZ", "cz", 2},
                                            {"U3", "u3", 1},
                                            {"SWAP", "swap", 2}}};
constexpr std::uint16_t kCnot = 7;

std::vector<std::string> gate_names() {
  std::vector<std::string> names;
  for (const PaperGate& gate : kGates) names.emplace_back(gate.name);
  return names;
}

class QuantumRandom final : public CircuitSpace, public Notations, public GrowableSpace {
 public:
  struct Limits {
    int qubits;
    std::size_t gates;
    int depth;
    std::optional<CouplingMap> coupling;  ///< nullopt: as in the paper
  };

  explicit QuantumRandom(Limits limits)
      : CircuitSpace(std::string(kName), limits.qubits, decisions_of(limits)),
        limits_(std::move(limits)) {}

  std::vector<bool> active(Choices choices) const override {
    std::vector<bool> result(choices.size(), true);
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      result[3 * i + 2] = kGates[choices[3 * i]].qubits == 2 && !along_ring(choices[3 * i]);
    }
    return result;
  }

  std::optional<std::string> objection(Choices choices) const override {
    if (const auto idle = idle_objection(*this, *this, choices)) return idle;
    std::vector<int> depth(static_cast<std::size_t>(limits_.qubits), 0);
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      const std::vector<int> qubits = qubits_of(choices, i);
      int deepest = 0;
      for (const int q : qubits) deepest = std::max(deepest, depth[static_cast<std::size_t>(q)]);
      for (const int q : qubits) depth[static_cast<std::size_t>(q)] = deepest + 1;
      if (deepest + 1 > limits_.depth) {
        return "the circuit is deeper than " + std::to_string(limits_.depth);
      }
      if (qubits.size() == 2 && limits_.coupling &&
          !limits_.coupling->joins(qubits[0], qubits[1])) {
        return "gate " + std::to_string(i) + " joins qubits " + std::to_string(qubits[0]) +
               " and " + std::to_string(qubits[1]) + ", which the coupling map does not";
      }
    }
    return std::nullopt;
  }

  std::span<const Notation> notations() const override { return quantum_random_notations(); }

  Architecture parse(std::string_view text) const override {
    static const std::vector<std::string> kNames = gate_names();
    Architecture architecture{info().name, {}};
    NotationReader reader(info().name, text);
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      reader.skip_blanks();
      if (i > 0) reader.expect(";");
      reader.skip_blanks();
      const std::size_t begin = reader.position();
      const std::uint16_t gate = reader.choice("gate", kNames);
      reader.expect(":");
      const int qubit = read_qubit(reader);
      std::uint16_t step = 0;
      if (kGates[gate].qubits == 2) {
        reader.expect(":");
        step = step_between(reader, begin, gate, qubit, read_qubit(reader));
      }
      for (const int choice : {static_cast<int>(gate), qubit, static_cast<int>(step)}) {
        architecture.choices.push_back(static_cast<std::uint16_t>(choice));
      }
    }
    reader.skip_blanks();
    reader.expect_end();
    if (const auto reason = objection(architecture.choices)) {
      throw Error(ErrorKind::kUsage, info().name + ": " + *reason);
    }
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text;
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      if (i > 0) text += ';';
      text += kGates[architecture.choices[3 * i]].name;
      for (const int qubit : written_qubits(architecture.choices, i)) {
        text += ':' + std::to_string(qubit);
      }
    }
    return text;
  }

  // The number of gates is fixed: what grows is the number of those on two qubits.
  std::size_t parts(Choices choices) const override {
    std::size_t count = 0;
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      count += kGates[choices[3 * i]].qubits == 2 ? 1 : 0;
    }
    return count;
  }
  std::size_t most_parts() const override { return limits_.gates; }
  std::vector<Architecture> known_designs() const override { return {}; }
  std::optional<Architecture> grown(const Architecture& architecture, Rng& rng) const override {
    return exchanged(architecture, 1, rng);
  }
  std::optional<Architecture> shrunk(const Architecture& architecture, Rng& rng) const override {
    return exchanged(architecture, 2, rng);
  }

 private:
  /// A gate on `qubits` qubits becomes one on 3 - `qubits`; nullopt: the space objected to
  /// every draw.
  std::optional<Architecture> exchanged(const Architecture& architecture, int qubits,
                                        Rng& rng) const {
    constexpr int kDraws = 100;
    for (int draw = 0; draw < kDraws; ++draw) {
      Architecture changed = architecture;
      const std::size_t i = rng.below(limits_.gates);
      const auto kind = static_cast<std::uint16_t>(rng.below(kGates.size()));
      const auto step =
          static_cast<std::uint16_t>(rng.below(static_cast<std::uint64_t>(limits_.qubits - 1)));
      if (kGates[changed.choices[3 * i]].qubits != qubits) continue;
      if (kGates[kind].qubits == qubits) continue;
      changed.choices[3 * i] = kind;
      changed.choices[3 * i + 2] = step;
      make_canonical(*this, changed);
      if (!objection(changed.choices)) return changed;
    }
    return std::nullopt;
  }

  static std::vector<Decision> decisions_of(const Limits& limits) {
    std::vector<std::string> qubits, steps;
    for (int q = 0; q < limits.qubits; ++q) qubits.push_back(std::to_string(q));
    for (int q = 1; q < limits.qubits; ++q) steps.push_back("+" + std::to_string(q));
    std::vector<Decision> decisions;
    for (std::size_t i = 0; i < limits.gates; ++i) {
      const std::string place = "gate_" + std::to_string(i) + "/";
      decisions.push_back({place + "kind", DecisionKind::kOperation, gate_names()});
      decisions.push_back({place + "qubit", DecisionKind::kInput, qubits});
      decisions.push_back({place + "other", DecisionKind::kInput, steps});
    }
    return decisions;
  }

  /// A CNOT that the paper's generator puts on the next qubit.
  bool along_ring(std::uint16_t gate) const { return gate == kCnot && !limits_.coupling; }

  int read_qubit(NotationReader& reader) const {
    return static_cast<int>(reader.integer("a qubit", 0, limits_.qubits - 1));
  }

  std::uint16_t step_between(NotationReader& reader, std::size_t begin, std::uint16_t gate,
                             int qubit, int other) const {
    const int step = (other - qubit + limits_.qubits) % limits_.qubits;
    if (step == 0) reader.refuse_at(begin, "a gate joins two different qubits");
    if (along_ring(gate) && step != 1) {
      reader.refuse_at(begin, "the target of a CNOT is the next qubit of the ring, " +
                                  std::to_string((qubit + 1) % limits_.qubits));
    }
    return static_cast<std::uint16_t>(step - 1);
  }

  std::vector<int> written_qubits(Choices choices, std::size_t i) const {
    std::vector<int> qubits{choices[3 * i + 1]};
    if (kGates[choices[3 * i]].qubits == 2) {
      qubits.push_back((qubits[0] + 1 + choices[3 * i + 2]) % limits_.qubits);
    }
    return qubits;
  }

  /// Of symmetric gates, and with a coupling map of all, the smaller one first.
  std::vector<int> qubits_of(Choices choices, std::size_t i) const {
    std::vector<int> qubits = written_qubits(choices, i);
    if (!along_ring(choices[3 * i])) std::sort(qubits.begin(), qubits.end());
    return qubits;
  }

  void add_gates(Choices choices, WireBuilder& wires) const override {
    for (std::size_t i = 0; i < limits_.gates; ++i) {
      wires.add(kGates[choices[3 * i]].gate, qubits_of(choices, i));
    }
  }

  Limits limits_;
};

RandomOptions read_options(const OptionMap& options) {
  return parse_fields<RandomOptions>(kFields, options, "space 'quantum_random'");
}

std::unique_ptr<SearchSpace> make(const OptionMap& map) {
  const RandomOptions options = read_options(map);
  QuantumRandom::Limits limits{};
  limits.qubits = circuit_qubits(kName, options.qubits, 3);
  limits.gates = static_cast<std::size_t>(options.gates);
  limits.depth = static_cast<int>(options.depth);
  if (options.coupling != "paper") limits.coupling.emplace(options.coupling, limits.qubits);
  return std::make_unique<QuantumRandom>(std::move(limits));
}

}  // namespace

extern constinit const Plugin<SearchSpace> quantum_random_search_space{
    "quantum_random",
    "random quantum circuits of 11 kinds of gates with a limit of depth, as published",
    "Sun, Wu, Ma and Tresp, Quantum Architecture Search with Unsupervised Representation Learning, "
    "Quantum 2025, arXiv 2401.11576",
    [] { return describe_fields<RandomOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<RandomOptions>(kFields, read_options(options));
    },
    make};

}  // namespace nas
