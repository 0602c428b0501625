#pragma once

#include "core/quantum/observable.h"

namespace nas {

/// The smallest eigenvalue, by Lanczos with full reorthogonalisation: as good as rounding allows
/// (1e-10 of molecules of 8 qubits) where the Krylov space spans 2^n or converges within 300
/// vectors. Memory: one state for each of them. Throws Error(kUnsupported) above 16 qubits.
double ground_energy(const Observable& observable);

}  // namespace nas
