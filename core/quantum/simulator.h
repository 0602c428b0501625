#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/quantum/circuit.h"
#include "core/quantum/state.h"

namespace nas {

class CircuitPlan;

/// How gates are merged before they run.
enum class Fusion {
  kAuto,   ///< by the number of qubits, as measured by benchmarks/quantum_bench
  kNone,   ///< each gate by itself
  kRuns,   ///< runs of one-qubit gates on a qubit become one gate
  kPairs,  ///< and gates around a two-qubit gate become one 4 x 4 block where that costs less
};

constexpr int kThreadedQubits = 18;
struct SimulatorOptions {
  Fusion fusion = Fusion::kAuto;
  /// Several gates run on a block of 2^block_bits amplitudes, which fits a cache, before the next
  /// block; 0: chosen. At least 8.
  int block_bits = 0;
  /// For circuits of `kThreadedQubits` and more; smaller ones run on the calling thread.
  int threads = 1;
};

/// A circuit made ready to run, many times and with changing angles: what is merged with what
/// depends on its gates only, so `bind` is all that new angles cost. Const methods are safe from
/// several threads.
class Simulator {
 public:
  explicit Simulator(const Circuit& circuit, const SimulatorOptions& options = {});
  ~Simulator();
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;

  int qubits() const;
  std::size_t parameters() const;
  /// Sets all angles, in program order. Throws Error(kUsage) on a wrong number, Error(kNumeric) on
  /// a value that is not finite.
  void bind(std::span<const double> angles);

  /// state <- U state. Throws Error(kUsage) where the numbers of qubits differ.
  void apply(State& state) const;
  void apply(FloatState& state) const;

  std::size_t passes() const;        ///< merged gates
  std::int64_t bytes_moved() const;  ///< read and written past the cache blocks, in double
  /// The vector instructions the kernels run with here: "avx512", "avx2" or "baseline".
  static std::string instructions();

 private:
  friend class CircuitObjective;
  const CircuitPlan& plan() const;
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

/// U |0...0>.
State simulate(const Circuit& circuit, const SimulatorOptions& options = {});
FloatState simulate_float(const Circuit& circuit, const SimulatorOptions& options = {});

/// The circuit as a matrix, column by column: `result[column * 2^n + row]`. For tests and small
/// circuits. Throws Error(kUnsupported) above 12 qubits.
std::vector<Amplitude> unitary(const Circuit& circuit);

}  // namespace nas
