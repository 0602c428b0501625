#include "searchspaces/circuit_space.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Edges = std::vector<std::pair<int, int>>;

Edges all_edges(int n) {
  Edges edges;
  for (int a = 0; a < n; ++a) {
    for (int b = a + 1; b < n; ++b) edges.emplace_back(a, b);
  }
  return edges;
}

Edges line_edges(int n) {
  Edges edges;
  for (int a = 0; a + 1 < n; ++a) edges.emplace_back(a, a + 1);
  return edges;
}

Edges ring_edges(int n) {
  Edges edges = line_edges(n);
  if (n > 2) edges.emplace_back(0, n - 1);
  return edges;
}

Edges star_edges(int n) {
  Edges edges;
  for (int b = 1; b < n; ++b) edges.emplace_back(0, b);
  return edges;
}

// Layouts of IBM's devices of five and seven qubits.
Edges t5_edges(int) {
  return {{0, 1}, {1, 2}, {1, 3}, {3, 4}};
}
Edges h7_edges(int) {
  return {{0, 1}, {1, 2}, {1, 3}, {3, 5}, {4, 5}, {5, 6}};
}

struct NamedMap {
  std::string_view name;
  Edges (*edges)(int qubits);
  int qubits;  ///< 0: any number
};
constexpr std::array<NamedMap, 6> kMaps{{{"all", all_edges, 0},
                                         {"line", line_edges, 0},
                                         {"ring", ring_edges, 0},
                                         {"star", star_edges, 0},
                                         {"t5", t5_edges, 5},
                                         {"h7", h7_edges, 7}}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::kUsage, "coupling = " + printable(text) + ": " + why);
}

Edges read_edges(std::string_view text, int qubits) {
  Edges edges;
  for (const std::string& word : split(text, '+')) {
    const std::vector<std::string> ends = split(word, '-');
    const auto a = ends.size() == 2 ? parse_int(ends[0]) : std::nullopt;
    const auto b = ends.size() == 2 ? parse_int(ends[1]) : std::nullopt;
    if (!a || !b) {
      refuse(text, "expected all, line, ring, star, t5, h7 or edges such as 0-1+1-2, not '" +
                       printable(word) + "'");
    }
    for (const std::int64_t end : {*a, *b}) {
      if (end < 0 || end >= qubits) {
        refuse(text, "there is no qubit " + std::to_string(end) + " among " +
                         std::to_string(qubits) + ", which are numbered from 0");
      }
    }
    if (*a == *b) refuse(text, "'" + word + "' joins a qubit with itself");
    edges.emplace_back(static_cast<int>(*a), static_cast<int>(*b));
  }
  return edges;
}

Edges edges_of(std::string_view text, int qubits) {
  for (const NamedMap& map : kMaps) {
    if (map.name != text) continue;
    if (map.qubits != 0 && map.qubits != qubits) {
      refuse(text, "the map has " + std::to_string(map.qubits) + " qubits, the circuits have " +
                       std::to_string(qubits));
    }
    return map.edges(qubits);
  }
  return read_edges(text, qubits);
}

/// A qubit that no chain of edges joins with qubit 0; -1: there is none.
int unreached(const Edges& edges, int qubits) {
  std::vector<bool> reached(static_cast<std::size_t>(qubits), false);
  reached[0] = true;
  for (int round = 0; round < qubits; ++round) {
    for (const auto& [a, b] : edges) {
      const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
      if (reached[i] || reached[j]) reached[i] = reached[j] = true;
    }
  }
  const auto found = std::find(reached.begin(), reached.end(), false);
  return found == reached.end() ? -1 : static_cast<int>(found - reached.begin());
}

}  // namespace

CouplingMap::CouplingMap(std::string_view text, int qubits) {
  const Edges edges = edges_of(text, qubits);
  const int lost = unreached(edges, qubits);
  if (lost >= 0) {
    refuse(text, "it cuts the circuit: no chain of pairs joins qubit 0 with qubit " +
                     std::to_string(lost));
  }
  for (const auto& [a, b] : edges) {
    directed_.emplace_back(a, b);
    directed_.emplace_back(b, a);
  }
  std::sort(directed_.begin(), directed_.end());
  directed_.erase(std::unique(directed_.begin(), directed_.end()), directed_.end());
}

bool CouplingMap::joins(int a, int b) const {
  return std::binary_search(directed_.begin(), directed_.end(), std::pair(a, b));
}

WireBuilder::WireBuilder(int qubits) {
  for (int qubit = 0; qubit < qubits; ++qubit) {
    wires_.push_back(builder_.input({Element::kQubit, {}}));
  }
}

void WireBuilder::add(std::string_view gate, std::span<const int> qubits) {
  std::vector<Value> inputs;
  for (const int qubit : qubits) inputs.push_back(wires_[static_cast<std::size_t>(qubit)]);
  const Value made = builder_.GraphSink::add("gate_" + std::string(gate), inputs);
  std::uint32_t port = 0;
  for (const int qubit : qubits) wires_[static_cast<std::size_t>(qubit)] = {made.node, port++};
}

ArchGraph WireBuilder::finish() {
  for (std::size_t qubit = 0; qubit < wires_.size(); ++qubit) {
    builder_.output("q" + std::to_string(qubit), wires_[qubit]);
  }
  return builder_.finish();
}

CircuitSpace::CircuitSpace(std::string name, int qubits, std::vector<Decision> decisions)
    : decisions_(std::move(decisions)) {
  info_.name = std::move(name);
  info_.version = "1";
  info_.default_task = circuit_task(qubits);
}

Task CircuitSpace::settle(const Task& task) const {
  const auto fail = [this](const std::string& why) {
    throw Error(ErrorKind::kUsage, "space '" + info_.name + "': " + why);
  };
  const std::string own = std::to_string(qubits());
  if (task.qubits == 0) {
    fail(
        "its architectures are quantum circuits, not networks; they are judged by problems such as "
        "--data ground_state:h2 (docs/quantum.md)");
  }
  if (task.qubits != qubits()) {
    fail("its circuits have " + own + " qubits, not the " + std::to_string(task.qubits) +
         " that are asked for: --space-option qubits=" + std::to_string(task.qubits));
  }
  if (task != circuit_task(task.qubits)) {
    fail(
        "its circuits have no input, classes, embedding, width, depth, skeleton or auxiliary head; "
        "options of the space say their size");
  }
  return task;
}

std::optional<Blueprint> CircuitSpace::blueprint(const Task& task) const {
  (void)settle(task);
  return std::nullopt;
}

ArchGraph CircuitSpace::build(const Architecture& architecture, const Task& task) const {
  validate(*this, architecture);
  (void)settle(task);
  WireBuilder wires(qubits());
  add_gates(architecture.choices, wires);
  return wires.finish();
}

int circuit_qubits(std::string_view space, std::int64_t qubits, int fewest) {
  constexpr int kMost = 24;
  if (qubits >= fewest && qubits <= kMost) return static_cast<int>(qubits);
  std::string why = "space '" + std::string(space) + "': qubits = " + std::to_string(qubits) +
                    ", must be in [" + std::to_string(fewest) + ", " + std::to_string(kMost) + "]";
  if (qubits > kMost) {
    why += ": one state of " + std::to_string(qubits) + " qubits takes " +
           format_short(std::ldexp(16, static_cast<int>(qubits) - 30)) + " GiB";
  }
  throw Error(ErrorKind::kUsage, why);
}

}  // namespace nas
