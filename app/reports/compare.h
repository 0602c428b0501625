#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "app/session/session.h"
#include "core/api/search_space.h"

namespace nas {

struct DecisionDifference {
  std::string decision, a, b;
};

/// A stored value of both; absent where one was not measured.
struct MeasuredDifference {
  std::string name;
  std::optional<double> a, b;
};

/// What separates two architectures of a space.
struct ArchitectureDifference {
  std::vector<DecisionDifference> decisions;
  std::vector<DecisionDifference> same_decisions;
  bool same_function = false;  ///< equal digest
  GraphCost cost_a, cost_b;
  std::int64_t macs_a = 0, macs_b = 0;  ///< in the space's published convention
  std::int64_t peak_bytes_a = 0, peak_bytes_b = 0;
  bool circuits = false;  ///< both are; then they have these costs, and neither MACs nor memory
  CircuitCost circuit_a, circuit_b;
  std::vector<MeasuredDifference> measured;  ///< set by whoever knows the store
  std::vector<std::string> only_a, only_b;   ///< nodes "path: operation {attributes} : type"
};
/// What separates two networks, whatever they are of: no decisions, MACs by our own count.
ArchitectureDifference compare_networks(const ArchGraph& a, const ArchGraph& b);
/// Each is built for its own task: two trials may have been judged as other networks.
ArchitectureDifference compare_architectures(const SearchSpace& space, const Architecture& a,
                                             const Task& task_a, const Architecture& b,
                                             const Task& task_b);

/// A row for each decision, cost, measured value and (with `layers`) node that differs; below,
/// those that agree. Columns: part (decision, cost, measured, node), name, a, b, difference,
/// percent.
Table difference_table(const ArchitectureDifference& difference, bool layers = false);

}  // namespace nas
