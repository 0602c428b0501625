#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace nas {

/// One gate for `plain_loop`: a CNOT, or a rotation about X or Z.
struct PlainGate {
  int target = 0;
  int control = -1;  ///< of a CNOT
  bool about_z = false;
  double angle = 0;
};

/// A state-vector simulator as everyone writes it: each gate a 2 x 2 matrix on std::complex, no
/// merging, a kernel of its own only for CNOT; compiled with -O3 -march=native -ffast-math.
void plain_loop(int qubits, const std::vector<PlainGate>& gates,
                std::vector<std::complex<double>>& state);

}  // namespace nas
