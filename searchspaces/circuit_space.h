#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/search_space.h"
#include "core/ir/arch_builder.h"

namespace nas {

/// Which qubits of a device a two-qubit gate can join.
class CouplingMap {
 public:
  /// "all", "line", "ring", "star", "t5" (0-1, 1-2, 1-3, 3-4), "h7" (two T's of seven qubits), or
  /// edges "0-1+1-2+2-3". Throws Error(kUsage): an unknown name, a qubit that is missing, a map
  /// that falls into parts, which would cut the circuit.
  CouplingMap(std::string_view text, int qubits);

  bool joins(int a, int b) const;
  /// Both directions of every edge, ascending: (0, 1), (0, 3), (1, 0), ...
  const std::vector<std::pair<int, int>>& directed() const { return directed_; }

 private:
  std::vector<std::pair<int, int>> directed_;
};

/// Wires on which gates are put one after the other.
class WireBuilder {
 public:
  explicit WireBuilder(int qubits);
  /// "rx" on {0}, "cx" on {control, target}.
  void add(std::string_view gate, std::span<const int> qubits);
  ArchGraph finish();

 private:
  ArchBuilder builder_;
  std::vector<Value> wires_;
};

/// A space of circuits on a number of qubits that its options fix. Circuits are built directly, so
/// there is no blueprint; what they can share are angles (core/api/shared_angles.h).
class CircuitSpace : public SearchSpace, public ConditionalDecisions {
 public:
  const SpaceInfo& info() const final { return info_; }
  std::span<const Decision> decisions() const final { return decisions_; }
  Task settle(const Task& task) const final;
  std::optional<Blueprint> blueprint(const Task& task) const final;
  ArchGraph build(const Architecture& architecture, const Task& task) const final;

 protected:
  CircuitSpace(std::string name, int qubits, std::vector<Decision> decisions);
  int qubits() const { return info_.default_task.qubits; }
  virtual void add_gates(Choices choices, WireBuilder& wires) const = 0;

 private:
  SpaceInfo info_;
  std::vector<Decision> decisions_;
};

/// Throws Error(kUsage) unless in [fewest, 24]; says the memory of a state of more.
int circuit_qubits(std::string_view space, std::int64_t qubits, int fewest);

}  // namespace nas
