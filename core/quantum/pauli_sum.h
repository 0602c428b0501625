#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantum/gate_kind.h"

namespace nas {

/// weight * P. Bit n - 1 - q of a mask belongs to qubit q of n, as in the index of a state:
/// P |i> = i^{number of Y} (-1)^{popcount(i & z)} |i xor x>; Y has both bits.
struct PauliTerm {
  double weight = 0;
  std::uint64_t x = 0;
  std::uint64_t z = 0;
  friend bool operator==(const PauliTerm&, const PauliTerm&) = default;
};

/// A Hermitian operator as a sum of Pauli strings with real weights.
class PauliSum {
 public:
  /// Throws Error(kUsage) unless 1 <= qubits <= Circuit::kMaxQubits.
  explicit PauliSum(int qubits);

  /// Adds weight * string, where character k acts on qubit k: "ZZI" is Z on qubits 0 and 1 of 3. An
  /// equal string's weight is added to. Throws Error(kData) on a string of another length or other
  /// letters than I, X, Y, Z; Error(kNumeric) on a weight above 1e100 in size or not a number.
  void add(double weight, std::string_view string);
  /// The same in the sparse form: "Z0 Z1", "X3", "" or "I" for the identity.
  void add_sparse(double weight, std::string_view factors);
  void add(const PauliTerm& term);

  /// A table with the columns pauli and weight, with or without this heading ("ZZI,0.5"), or lines
  /// "weight pauli" ("0.5 ZZI", "# ..." is a comment); the first string decides how many qubits
  /// there are. Throws Error(kData) naming the line: a string of another length, a weight with an
  /// imaginary part (the sum is not Hermitian).
  static PauliSum parse(const std::string& text, std::string_view source);

  int qubits() const { return qubits_; }
  const std::vector<PauliTerm>& terms() const { return terms_; }  ///< in order of first appearance
  std::string string_of(const PauliTerm& term) const;
  std::string to_csv() const;  ///< what `parse` reads
  bool is_diagonal() const;    ///< only I and Z
  double weight_sum() const;   ///< sum of |weight|, an upper bound of every |eigenvalue|
  PauliSum scaled(double factor, double offset = 0) const;  ///< factor * this + offset * I

 private:
  int qubits_;
  std::vector<PauliTerm> terms_;
};

}  // namespace nas
