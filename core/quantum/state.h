#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/quantum/gate_kind.h"
#include "core/util/rng.h"

namespace nas {

/// Memory of a state vector: 16 bytes an amplitude in double, 8 in float.
std::int64_t state_bytes(int qubits, bool single_precision = false);

/// The amplitudes of n qubits, index as in circuit.h (qubit 0 = most significant bit).
///
/// They lie in blocks of 64 bytes of real parts followed by 64 bytes of imaginary parts (8
/// amplitudes in double, 16 in float), which vector instructions read without shuffles. `data()`
/// shows that to the kernels; everyone else uses `at` or `amplitudes`.
template <class Real>
class BasicState {
 public:
  static constexpr std::size_t kLanes = 64 / sizeof(Real);

  /// |0...0>. Throws Error(kUnsupported), before anything is allocated, with the memory that is
  /// needed where it is more than the machine has.
  explicit BasicState(int qubits);
  ~BasicState();
  BasicState(const BasicState& other);
  BasicState(BasicState&& other) noexcept;
  BasicState& operator=(const BasicState& other);
  BasicState& operator=(BasicState&& other) noexcept;

  /// Throws Error(kData) unless there are 2^n amplitudes of norm 1 (within 1e-6).
  static BasicState from(std::span<const Amplitude> amplitudes);

  int qubits() const { return qubits_; }
  std::size_t size() const { return std::size_t{1} << qubits_; }
  Amplitude at(std::size_t index) const {
    const Real* block = data_ + index / kLanes * (2 * kLanes) + index % kLanes;
    return {static_cast<double>(block[0]), static_cast<double>(block[kLanes])};
  }
  void set(std::size_t index, Amplitude value);
  void set_basis(std::size_t index);  ///< the basis state of this index
  std::vector<Amplitude> amplitudes() const;

  /// 2 * kLanes * blocks() numbers, aligned to 64 bytes. Below 3 qubits (4 in float) the lanes past
  /// `size()` are zero, and kernels leave them so.
  Real* data() { return data_; }
  const Real* data() const { return data_; }
  std::size_t blocks() const { return (size() + kLanes - 1) / kLanes; }

 private:
  int qubits_;
  Real* data_;
};

using State = BasicState<double>;
using FloatState = BasicState<float>;

/// <a|b>. Throws Error(kUsage) where the numbers of qubits differ.
template <class Real>
Amplitude inner_product(const BasicState<Real>& a, const BasicState<Real>& b);
/// |<a|b>|^2.
template <class Real>
double fidelity(const BasicState<Real>& a, const BasicState<Real>& b);
/// |amplitude|^2 of every basis state.
template <class Real>
std::vector<double> probabilities(const BasicState<Real>& state);

/// How often measuring all qubits gives each basis state, in `shots` measurements; only indices
/// that came up, ascending.
struct Measured {
  std::uint64_t index = 0;
  std::int64_t count = 0;
};
template <class Real>
std::vector<Measured> sample(const BasicState<Real>& state, std::int64_t shots, Rng& rng);

/// "0110": the basis state as people write it, qubit 0 first.
std::string basis_text(std::uint64_t index, int qubits);

}  // namespace nas
