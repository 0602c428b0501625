#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/session/session.h"
#include "core/api/problem.h"
#include "core/quantum/circuit.h"

namespace nas {

struct GrowthRequest {
  std::string data;  ///< a problem of circuits: "ground_state:h2"
  int most_cnots = 20;
  /// A circuit whose objective is within this of the best possible one is good enough. < 0: none
  /// is, so that the whole front up to `most_cnots` is searched.
  double error = -1;
  std::string coupling = "all";  ///< as the option of space quantum_layered
  std::int64_t fits = 20'000;
  std::int64_t kept = 8;
  double seconds = 0;  ///< of processor time; 0: no limit
  std::uint64_t seed = 0;
};

/// The best circuit of one number of CNOTs.
struct GrownCircuit {
  Circuit circuit;
  std::vector<NamedValue> values;  ///< the problem's metrics
};

struct GrowthReport {
  std::vector<GrownCircuit> front;  ///< ascending by CNOTs; rotations as grown
  /// The smallest circuit that is good enough, else the best one; without the rotations that it
  /// does not need.
  GrownCircuit chosen;
  bool good_enough = false;  ///< `error` is met
  std::int64_t fits = 0;     ///< until the last improvement
  double seconds = 0;        ///< of processor time
};

/// Throws Error(kUsage) where the problem of the data is not one of circuits, and where the
/// coupling map does not fit it.
GrowthReport grow_circuits(Session& session, const GrowthRequest& request);

}  // namespace nas
