#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/quantum/optimise.h"

namespace nas {

/// A circuit of one shape: rotations on every wire, then CNOTs one after the other, each followed by
/// rotations on its two wires. Every circuit of CNOTs and such rotations has it, since rotations in a
/// row are one; the direction of a CNOT has no meaning between free rotations. So its structure is a
/// list of pairs of wires.
struct PairCircuit {
  std::vector<std::pair<int, int>> pairs;
  std::vector<double> angles;
  double value = 0;  ///< of the observable at these angles
};

struct GrowOptions {
  int most_pairs = 20;  ///< CNOTs
  double target = -1e300;  ///< a circuit of this value or less ends the growth
  /// Only RY rotations: enough where the observable is real, and half as many angles.
  bool real = true;
  std::vector<std::pair<int, int>> edges;  ///< pairs that CNOTs can join; empty: all
  int beam = 8;            ///< circuits that are kept of each size
  double seconds = 60;     ///< of processor time; what is found by then is kept
  std::uint64_t seed = 0;
};

/// Told of the best circuit of each size, when it is done with.
using GrowProgress = std::function<void(const PairCircuit&)>;

/// Grows circuits by one CNOT at a time: each of the best circuits of a size gets every pair at several
/// places, all angles are fitted again for a few steps, the best of them to the end; then pairs are
/// changed, moved and exchanged while that helps. Returns the best circuit of each size, from 0 CNOTs
/// on. A function of its arguments but for where the time ends it.
std::vector<PairCircuit> grow(const Observable& observable, const GrowOptions& options,
                              const GrowProgress& progress = {});

/// The gates of it. Rotations by 0 are left out.
Circuit to_circuit(const PairCircuit& grown, int qubits, bool real);

/// Removes rotations, smallest loss first, and fits the others again, as long as the value stays at
/// most `limit`. What is left out has the angle 0.
PairCircuit pruned(const Observable& observable, PairCircuit grown, bool real, double limit);

}  // namespace nas
