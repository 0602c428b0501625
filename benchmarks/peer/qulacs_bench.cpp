// The circuit of quantum_bench on Qulacs, one thread, double: prints one line "qubits variant
// seconds" for each measurement, which `quantum_bench --qulacs PROGRAM` runs and reads. Not part of
// the build; against a checkout of Qulacs (MIT) that was built with -O3 -march=native and its SIMD
// on, without OpenMP:
//   g++ -O3 -march=native -I CHECKOUT/src qulacs_bench.cpp -lcppsim_static -lcsim_static
//   qulacs_bench QUBITS...
// Variants: "plain", "fused" (light optimisation, its time included) and "fused_run" (without it).

#include <cppsim/circuit.hpp>
#include <cppsim/circuit_optimizer.hpp>
#include <cppsim/gate_factory.hpp>
#include <cppsim/state.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The same angles as quantum_bench's.
double angle(unsigned& index) {
  return 0.1 + 0.37 * static_cast<double>(index++ % 17);
}

void build(QuantumCircuit& circuit, unsigned n) {
  unsigned index = 0;
  const auto rings = [&] {
    for (unsigned q = 0; q < n; ++q) circuit.add_CNOT_gate(q, (q + 1) % n);
  };
  for (unsigned q = 0; q < n; ++q) {
    circuit.add_RX_gate(q, angle(index));
    circuit.add_RZ_gate(q, angle(index));
  }
  rings();
  for (int layer = 0; layer < 9; ++layer) {
    for (unsigned q = 0; q < n; ++q) {
      circuit.add_RZ_gate(q, angle(index));
      circuit.add_RX_gate(q, angle(index));
      circuit.add_RZ_gate(q, angle(index));
    }
    rings();
  }
  for (unsigned q = 0; q < n; ++q) {
    circuit.add_RZ_gate(q, angle(index));
    circuit.add_RX_gate(q, angle(index));
  }
}

// The fastest of several calls, each repeated until it takes 20 ms.
double fastest(const std::function<void()>& work) {
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    int calls = 0;
    const double start = thread_seconds();
    double used = 0;
    do {
      work();
      ++calls;
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
    QuantumCircuit circuit(n);
    build(circuit, n);
    QuantumState state(n);
    state.set_zero_state();
    std::printf("%u plain %.6e\n", n, fastest([&] { circuit.update_quantum_state(&state); }));
    std::printf("%u fused %.6e\n", n, fastest([&] {
                  QuantumCircuit* copy = circuit.copy();
                  QuantumCircuitOptimizer().optimize_light(copy);
                  copy->update_quantum_state(&state);
                  delete copy;
                }));
    QuantumCircuit* fused = circuit.copy();
    QuantumCircuitOptimizer().optimize_light(fused);
    std::printf("%u fused_run %.6e\n", n, fastest([&] { fused->update_quantum_state(&state); }));
    delete fused;
    std::fflush(stdout);
  }
}
