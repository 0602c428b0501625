// Processor seconds of a state-vector simulation: the circuit of 41 n gates of quantum-simbench (RX
// RZ, CNOT ring, 9 x (RZ RX RZ, CNOT ring), RZ RX), double, one thread, at each number of qubits.
//
//   quantum_bench [--qulacs PROGRAM] [QUBITS...]        default 4 8 12 16 20
//
// "whole": from the list of gates to the state, merging included; "again": new angles on a circuit
// that was made ready before, as a fit does; "run": equal angles. "plain loop": each gate a 2 x 2
// matrix on std::complex, as anyone writes it. PROGRAM: benchmarks/peer/qulacs_bench.cpp.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "benchmarks/plain_simulator.h"
#include "core/quantum/fit.h"
#include "core/quantum/hamiltonians.h"
#include "core/quantum/simulator.h"
#include "core/util/rng.h"
#include "core/util/text.h"

using namespace nas;

namespace {

constexpr int kRounds = 7;
constexpr double kLeastSeconds = 0.01;
constexpr double kBetweenReadings = 1e-4;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The fastest of several rounds: other work on the machine only slows.
template <class Work>
double fastest(Work work) {
  // Reading the clock costs as much as a circuit of four qubits.
  const double first = thread_seconds();
  work();
  const int batch = std::max(1, static_cast<int>(kBetweenReadings / (thread_seconds() - first)));
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = thread_seconds();
    double used = 0;
    int calls = 0;
    do {
      for (int i = 0; i < batch; ++i) work();
      calls += batch;
      used = thread_seconds() - start;
    } while (used < kLeastSeconds);
    best = round == 0 ? used / calls : std::min(best, used / calls);
  }
  return best;
}

Circuit benchmark_circuit(int qubits) {
  Circuit circuit(qubits);
  unsigned index = 0;
  const auto angle = [&index] { return 0.1 + 0.37 * static_cast<double>(index++ % 17); };
  const auto rotate = [&](const char* kinds) {
    for (int q = 0; q < qubits; ++q) {
      for (const char* kind = kinds; *kind != 0; ++kind) {
        circuit.add(*kind == 'X' ? "RX" : "RZ", {q}, {angle()});
      }
    }
  };
  const auto ring = [&] {
    for (int q = 0; q < qubits; ++q) circuit.add("CNOT", {q, (q + 1) % qubits});
  };
  rotate("XZ");
  ring();
  for (int layer = 0; layer < 9; ++layer) {
    rotate("ZXZ");
    ring();
  }
  rotate("ZX");
  return circuit;
}

std::vector<PlainGate> plain_gates(const Circuit& circuit) {
  std::vector<PlainGate> gates;
  for (const Gate& gate : circuit.gates()) {
    const bool controlled = gate.kind->controls > 0;
    gates.push_back({gate.qubits[controlled ? 1 : 0], controlled ? gate.qubits[0] : -1,
                     gate.kind->name == "RZ", gate.angles[0]});
  }
  return gates;
}

std::map<std::string, double> qulacs_seconds(const std::string& program, int qubits) {
  std::map<std::string, double> seconds;
  if (program.empty()) return seconds;
  FILE* pipe = popen((program + " " + std::to_string(qubits)).c_str(), "r");
  if (pipe == nullptr) return seconds;
  char variant[64];
  int n = 0;
  double value = 0;
  while (std::fscanf(pipe, "%d %63s %lf", &n, variant, &value) == 3) seconds[variant] = value;
  pclose(pipe);
  return seconds;
}

void print(const char* what, double seconds, double beside) {
  std::printf("  %-34s %11.3e s", what, seconds);
  if (beside > 0) std::printf("   %6.2f x", beside / seconds);
  std::printf("\n");
}

/// Bytes read and written a second by a copy of this many bytes.
double copy_rate(std::size_t bytes) {
  std::vector<char> from(bytes, 1), to(bytes, 2);
  const double seconds = fastest([&] {
    std::memcpy(to.data(), from.data(), bytes);
    std::swap(from[0], to[0]);
  });
  return 2 * static_cast<double>(bytes) / seconds;
}

void measure(int qubits, const std::string& qulacs) {
  const Circuit circuit = benchmark_circuit(qubits);
  State state(qubits);
  std::printf("%d qubits, %zu gates\n", qubits, circuit.gates().size());
  const auto peer = qulacs_seconds(qulacs, qubits);
  const auto peer_of = [&](const char* variant) {
    const auto found = peer.find(variant);
    return found == peer.end() ? 0.0 : found->second;
  };
  std::vector<std::complex<double>> plain(state.size());
  plain[0] = 1;
  const std::vector<PlainGate> gates = plain_gates(circuit);
  print("plain loop", fastest([&] { plain_loop(qubits, gates, plain); }), 0);
  struct Variant {
    const char* name;
    SimulatorOptions options;
    const char* peer;
  };
  const Variant variants[] = {
      {"gate by gate, no blocks", {.fusion = Fusion::kNone, .block_bits = 40}, "plain"},
      {"gate by gate, run", {.fusion = Fusion::kNone}, "plain"},
      {"runs merged, run", {.fusion = Fusion::kRuns}, "fused"},
      {"runs and pairs merged, run", {.fusion = Fusion::kPairs}, "fused"},
  };
  for (const Variant& variant : variants) {
    const Simulator simulator(circuit, variant.options);
    print(variant.name, fastest([&] { simulator.apply(state); }), peer_of(variant.peer));
  }
  Simulator chosen(circuit);
  const std::vector<double> angles = circuit.angles();
  const double again = fastest([&] {
    chosen.bind(angles);
    chosen.apply(state);
  });
  print("again (new angles)", again, peer_of("fused"));
  FloatState single(qubits);
  print("again, single precision", fastest([&] {
          chosen.bind(angles);
          chosen.apply(single);
        }),
        0);
  print("whole, gate by gate",
        fastest([&] { Simulator(circuit, {.fusion = Fusion::kNone}).apply(state); }),
        peer_of("plain"));
  print("whole, merged", fastest([&] { Simulator(circuit).apply(state); }), peer_of("fused"));
  for (const auto& [variant, seconds] : peer) print(("Qulacs " + variant).c_str(), seconds, 0);
  if (qubits >= 18) {
    const double rate = copy_rate(std::size_t{16} << qubits);
    const double moved = static_cast<double>(chosen.bytes_moved());
    std::printf(
        "  %.0f MB moved in %zu passes; a copy of the state's size moves %.1f GB/s: %.0f %% of the "
        "time\n",
        moved / 1e6, chosen.passes(), rate / 1e9, 100 * moved / rate / again);
  }
}

/// All derivatives of 8 qubits and 50 parameters in forward passes, and a whole fit.
void measure_gradient() {
  Circuit circuit(8);
  Rng rng({.seed = 1});
  while (circuit.parameters() < 50) {
    for (int q = 0; q < 8 && circuit.parameters() < 50; ++q) {
      circuit.add(q % 2 == 0 ? "RY" : "RZ", {q}, {rng.uniform(0, 6)});
    }
    for (int q = 0; q < 8; ++q) circuit.add("CNOT", {q, (q + 1) % 8});
  }
  const std::vector<double> angles = circuit.angles();
  std::vector<double> gradient(angles.size());
  CircuitObjective objective(circuit, Observable(transverse_ising(8, 1, 1)));
  Simulator simulator(circuit);
  State state(8);
  // In turns, so that other work on the machine slows both.
  double forward = 1, value = 1, all = 1;
  for (int round = 0; round < kRounds; ++round) {
    forward = std::min(forward, fastest([&] {
                         simulator.bind(angles);
                         state.set_basis(0);
                         simulator.apply(state);
                       }));
    value = std::min(value, fastest([&] { objective.value(angles); }));
    all = std::min(all, fastest([&] { objective.value_and_gradient(angles, gradient); }));
  }
  std::printf("8 qubits, 50 parameters, %zu gates\n", circuit.gates().size());
  print("forward pass", forward, 0);
  print("energy", value, 0);
  print("energy and all derivatives", all, 0);
  std::printf("  all derivatives cost %.2f forward passes, %.2f energies\n", all / forward,
              all / value);
  const double fit = fastest([&] { fit_adagrad(objective, angles, {.tolerance = 0}); });
  print("fit of 100 steps", fit, 0);
}

}  // namespace

int main(int argc, char** argv) {
  std::string qulacs;
  std::vector<int> sizes;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--qulacs" && i + 1 < argc) {
      qulacs = argv[++i];
    } else if (const auto size = parse_int(argv[i]); size && *size >= 2 && *size <= 28) {
      sizes.push_back(static_cast<int>(*size));
    } else {
      std::fprintf(stderr, "usage: quantum_bench [--qulacs PROGRAM] [QUBITS...]   2 to 28\n");
      return 2;
    }
  }
  if (sizes.empty()) sizes = {4, 8, 12, 16, 20};
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // large sizes take minutes: lines as they come
  std::printf("instructions: %s; processor seconds; x: Qulacs' time over ours\n",
              Simulator::instructions().c_str());
  for (const int size : sizes) measure(size, qulacs);
  measure_gradient();
}
