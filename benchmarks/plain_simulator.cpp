#include "benchmarks/plain_simulator.h"

#include <cmath>

namespace nas {
namespace {

using Complex = std::complex<double>;

void rotate(const PlainGate& gate, std::size_t t, std::vector<Complex>& state) {
  const double c = std::cos(gate.angle / 2), s = std::sin(gate.angle / 2);
  const Complex a(c, gate.about_z ? -s : 0), b(0, gate.about_z ? 0 : -s);
  const Complex d = std::conj(a);
  for (std::size_t high = 0; high < state.size(); high += 2 * t) {
    Complex* __restrict low = state.data() + high;
    Complex* __restrict up = low + t;
    for (std::size_t i = 0; i < t; ++i) {
      const Complex x = low[i], y = up[i];
      low[i] = a * x + b * y;
      up[i] = b * x + d * y;
    }
  }
}

void controlled_flip(std::size_t c, std::size_t t, std::vector<Complex>& state) {
  for (std::size_t high = 0; high < state.size(); high += 2 * t) {
    for (std::size_t i = high; i < high + t; ++i) {
      if ((i & c) != 0) std::swap(state[i], state[i + t]);
    }
  }
}

}  // namespace

void plain_loop(int qubits, const std::vector<PlainGate>& gates, std::vector<Complex>& state) {
  for (const PlainGate& gate : gates) {
    const std::size_t t = std::size_t{1} << (qubits - 1 - gate.target);
    if (gate.control >= 0) {
      controlled_flip(std::size_t{1} << (qubits - 1 - gate.control), t, state);
    } else {
      rotate(gate, t, state);
    }
  }
}

}  // namespace nas
