#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/quantum/pauli_sum.h"
#include "core/quantum/state.h"

namespace nas {

/// A Hermitian operator O, ready to be applied many times. Const methods are safe from several
/// threads.
class Observable {
 public:
  /// Terms with equal flip mask (x) are one pass over the state.
  explicit Observable(const PauliSum& sum);
  /// weight * |target><target|: fidelity with a state is the expectation of weight 1.
  static Observable projector(const State& target, double weight = 1);
  /// A diagonal operator: `values[i]` belongs to basis state i. Throws Error(kUsage) unless there
  /// are 2^n of them.
  static Observable diagonal(std::vector<double> values);

  int qubits() const { return qubits_; }
  double expectation(const State& state) const;  ///< <state|O|state>
  /// out <- O state; returns the expectation. Throws Error(kUsage) where the numbers of qubits
  /// differ.
  double apply(const State& state, State& out) const;
  std::size_t passes() const { return flips_.size(); }

 private:
  /// (O psi)_i += (re_i + i im_i) psi_(i xor mask), over one flip mask.
  struct Flip {
    std::uint64_t mask = 0;
    std::vector<double> re, im;    ///< as long as the state; im empty where all is real
    std::vector<PauliTerm> terms;  ///< instead of tables, where those would need much memory
  };
  Observable() = default;
  void apply_terms(const Flip& flip, const State& state, State& out, bool add) const;

  int qubits_ = 0;
  std::vector<Flip> flips_;
  std::shared_ptr<const State> target_;  ///< of a projector
  double weight_ = 1;
};

double expectation(const State& state, const PauliSum& sum);

}  // namespace nas
