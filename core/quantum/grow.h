#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/quantum/optimise.h"

namespace nas {

/// A circuit of one shape: rotations on every wire, then CNOTs one after the other, each followed
/// by rotations on its two wires. Every circuit of CNOTs and such rotations has it, since rotations
/// in a row are one; the direction of a CNOT has no meaning between free rotations. So its
/// structure is a list of pairs of wires.
struct PairCircuit {
  std::vector<std::pair<int, int>> pairs;
  std::vector<double> angles;
  double value = 0;  ///< of the observable at these angles
};

struct GrowOptions {
  int most_pairs = 20;     ///< CNOTs
  double target = -1e300;  ///< a circuit of this value or less is good enough
  /// Only RY rotations: enough where the observable is real, and half as many angles.
  bool real = true;
  std::vector<std::pair<int, int>> edges;  ///< pairs that CNOTs can join; empty: all
  int kept = 8;                            ///< circuits that are kept of each size
  std::int64_t fits = 20'000;              ///< that are tried
  double seconds = 0;                      ///< of processor time; 0: no limit
  std::uint64_t seed = 0;
};

/// Told of every circuit that is the best of its size so far.
using GrowProgress = std::function<void(const PairCircuit&, std::int64_t fits)>;

/// Keeps the best circuits of each number of CNOTs and makes new ones of them: a CNOT is added to
/// one of the size below, removed from one of the size above, or changed, moved or exchanged in one
/// of its own size; all angles are fitted again, from where they were, near there, or from random
/// ones. A few steps of the fit say whether it is worth its end. Sizes above one that reaches the
/// target are not looked at any more, so that the time goes into smaller circuits. Returns the best
/// of each size, from 0 CNOTs on. A function of its arguments, but for where `seconds` ends it.
std::vector<PairCircuit> grow(const Observable& observable, const GrowOptions& options,
                              const GrowProgress& progress = {});

/// The gates of it. Rotations by 0 are left out.
Circuit to_circuit(const PairCircuit& grown, int qubits, bool real);

/// Removes rotations, smallest loss first, and fits the others again, as long as the value stays at
/// most `limit`. What is left out has the angle 0.
PairCircuit pruned(const Observable& observable, PairCircuit grown, bool real, double limit);

}  // namespace nas
