// The circuit of quantum_bench on the kernels of Qulacs (its library csim), one thread, double:
// prints one line "qubits variant seconds" for each measurement, which `quantum_bench --qulacs
// PROGRAM` runs and reads. Not part of the build; against a checkout of Qulacs (MIT), compiled as
// it compiles itself for one thread:
//   g++ -O3 -march=native -D_USE_SIMD -I CHECKOUT/src -I /usr/include/eigen3 qulacs_bench.cpp
//   CHECKOUT/src/csim/*.cpp a.out QUBITS...
// "plain": gate by gate, the calls that its class QuantumCircuit makes. "fused": what its light
// optimiser makes of this circuit, a 4 x 4 matrix for each CNOT and the rotations after it, without
// the time it takes to make them. The classes above csim, which cost more on few qubits, are left
// out.

#include <algorithm>
#include <complex>
#include <csim/update_ops.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

namespace {

constexpr int kRings = 10;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The same angles as quantum_bench's.
double angle(unsigned& index) {
  return 0.1 + 0.37 * static_cast<double>(index++ % 17);
}

void plain(unsigned n, CTYPE* state) {
  const ITYPE dim = ITYPE{1} << n;
  unsigned index = 0;
  for (int ring = 0; ring <= kRings; ++ring) {
    for (unsigned q = 0; q < n; ++q) {
      if (ring > 0) RZ_gate(q, angle(index), state, dim);
      RX_gate(q, angle(index), state, dim);
      if (ring < kRings) RZ_gate(q, angle(index), state, dim);
    }
    if (ring == kRings) break;
    for (unsigned q = 0; q < n; ++q) CNOT_gate(q, (q + 1) % n, state, dim);
  }
}

// A unitary without zeros; which one does not matter to the time.
std::vector<CTYPE> dense(int size) {
  std::vector<CTYPE> matrix(static_cast<std::size_t>(size * size));
  for (int r = 0; r < size; ++r) {
    for (int c = 0; c < size; ++c) {
      const double turn = 2 * 3.14159265358979323846 * r * c / size;
      matrix[static_cast<std::size_t>(r * size + c)] =
          std::polar(1.0, turn) / std::sqrt(static_cast<double>(size));
    }
  }
  return matrix;
}

void fused(unsigned n, CTYPE* state) {
  static const std::vector<CTYPE> two = dense(2), four = dense(4);
  const ITYPE dim = ITYPE{1} << n;
  for (unsigned q = 0; q < n; ++q) single_qubit_dense_matrix_gate(q, two.data(), state, dim);
  for (int ring = 0; ring < kRings; ++ring) {
    for (unsigned q = 0; q < n; ++q) {
      double_qubit_dense_matrix_gate_c(q, (q + 1) % n, four.data(), state, dim);
    }
  }
}

// The fastest of several calls, each repeated until it takes 20 ms.
double fastest(const std::function<void()>& work) {
  // Reading the clock costs as much as a circuit of four qubits: as quantum_bench.
  const double first = thread_seconds();
  work();
  const int batch = std::max(1, static_cast<int>(1e-4 / (thread_seconds() - first)));
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    int calls = 0;
    const double start = thread_seconds();
    double used = 0;
    do {
      for (int i = 0; i < batch; ++i) work();
      calls += batch;
      used = thread_seconds() - start;
    } while (used < 0.02);
    if (used / calls < best) best = used / calls;
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto n = static_cast<unsigned>(std::atoi(argv[i]));
    std::vector<CTYPE> state(std::size_t{1} << n);
    state[0] = 1;
    std::printf("%u plain %.6e\n", n, fastest([&] { plain(n, state.data()); }));
    std::printf("%u fused %.6e\n", n, fastest([&] { fused(n, state.data()); }));
    std::fflush(stdout);
  }
}
