#include "core/quantum/simulator.h"

#include <algorithm>
#include <barrier>
#include <bit>
#include <cstring>
#include <optional>
#include <thread>

#include "core/quantum/plan.h"
#include "core/quantum/schedule.h"
#include "core/util/error.h"

namespace nas {
namespace {

// Where 4 x 4 blocks begin to pay, and what a block of amplitudes is (2^15 are 512 KiB: half a
// level-2 cache). Measured with benchmarks/quantum_bench.
constexpr int kPairsFrom = 12;
constexpr int kBlockBits = 15;
constexpr int kLeastBlockBits = 8;
constexpr int kUnitaryQubits = 12;
constexpr std::size_t kFewBlocks = 4;  // of lanes: states that registers hold

template <class Real>
constexpr std::size_t kBlockReals = 2 * BasicState<Real>::kLanes;

Fusion chosen(Fusion fusion, int qubits) {
  if (fusion != Fusion::kAuto) return fusion;
  return qubits >= kPairsFrom ? Fusion::kPairs : Fusion::kRuns;
}

template <class Real>
void run_step(const Kernels<Real>& kernel, const Step& step, const BoundMatrix& matrix, Real* data,
              std::uint64_t blocks) {
  using Routine = BoundMatrix::Routine;
  if (matrix.routine == Routine::kOne) {
    if (matrix.shape == Shape::kIdentity) return;
    kernel.one[static_cast<std::size_t>(matrix.shape)](data, blocks,
                                                       {matrix.at, step.bits[0], step.controls});
    return;
  }
  const TwoBits gate = {matrix.at, step.bits[0], step.bits[1]};
  const auto routine = matrix.routine == Routine::kTwo           ? kernel.two
                       : matrix.routine == Routine::kTwoDiagonal ? kernel.two_diagonal
                                                                 : kernel.swap;
  routine(data, blocks, gate);
}

// Spreads the bits of a block's number over the places that `mask` leaves free.
std::uint64_t spread(std::uint64_t number, std::uint64_t mask) {
  std::uint64_t result = 0;
  for (std::uint64_t bit = 1; number != 0; bit <<= 1) {
    if ((mask & bit) != 0) continue;
    if ((number & 1) != 0) result |= bit;
    number >>= 1;
  }
  return result;
}

// Runs a sweep's steps on blocks [begin, end) of its blocks.
template <class Real>
class SweepRunner {
 public:
  SweepRunner(const CircuitPlan& plan, const Sweep& sweep, Real* state)
      : plan_(plan), sweep_(sweep), state_(state), run_bits_(sweep.contiguous()) {
    for (const int bit : sweep.bits) active_ |= std::uint64_t{1} << bit;
  }

  void run(std::uint64_t begin, std::uint64_t end, std::optional<BasicState<Real>>& buffer) {
    const int bits = static_cast<int>(sweep_.bits.size());
    if (!sweep_.in_place && (!buffer || buffer->qubits() != bits)) buffer.emplace(bits);
    const std::size_t reals = (std::size_t{2} << bits);
    for (std::uint64_t number = begin; number < end; ++number) {
      const std::uint64_t base = spread(number, active_);
      if (sweep_.in_place) {
        steps(state_ + 2 * base, std::max(reals, kBlockReals<Real>), base);
        continue;
      }
      move(base, buffer->data(), true);
      steps(buffer->data(), reals, base);
      move(base, buffer->data(), false);
    }
  }

 private:
  void steps(Real* data, std::size_t reals, std::uint64_t base) const {
    const std::uint64_t blocks = reals / kBlockReals<Real>;
    for (const Step& step : sweep_.steps) {
      if ((base & step.outer) != step.outer) continue;
      run_step(kernels_, step, plan_.bound(step.merged), data, blocks);
    }
  }

  // Copies the block's runs of neighbours into the buffer, or back.
  void move(std::uint64_t base, Real* buffer, bool in) const {
    const std::size_t run = std::size_t{2} << run_bits_;
    const std::uint64_t above = active_ & ~((std::uint64_t{1} << run_bits_) - 1);
    const std::uint64_t count = std::uint64_t{1}
                                << (static_cast<int>(sweep_.bits.size()) - run_bits_);
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      Real* far = state_ + 2 * (base | at);
      Real* near = buffer + i * run;
      std::memcpy(in ? near : far, in ? far : near, run * sizeof(Real));
      at = (at - above) & above;  // the next number within the bits of `above`
    }
  }

  const Kernels<Real>& kernels_ = kernels<Real>();
  const CircuitPlan& plan_;
  const Sweep& sweep_;
  Real* state_;
  int run_bits_;
  std::uint64_t active_ = 0;
};

}  // namespace

struct Simulator::Plan {
  Plan(const Circuit& circuit, const SimulatorOptions& options)
      : gates(circuit, chosen(options.fusion, circuit.qubits())), threads(options.threads) {
    const int bits = options.block_bits == 0 ? kBlockBits : options.block_bits;
    sweeps = schedule(gates.merged(), circuit.qubits(), std::max(bits, kLeastBlockBits));
    collect_few();
  }

  void bind(std::span<const double> angles) {
    gates.bind(angles);
    collect_few();
  }

  /// What kernels of small states run at once; nothing where a gate has two targets.
  void collect_few() {
    few.clear();
    // In float a block has the most lanes.
    if (std::size_t{1} << gates.qubits() > kFewBlocks * FloatState::kLanes) return;
    if (sweeps.size() != 1) return;
    for (const Step& step : sweeps[0].steps) {
      const BoundMatrix& matrix = gates.bound(step.merged);
      if (matrix.routine != BoundMatrix::Routine::kOne) {
        few.clear();
        return;
      }
      if (matrix.shape == Shape::kIdentity) continue;
      few.push_back({{matrix.at, step.bits[0], step.controls}, matrix.shape});
    }
  }

  template <class Real>
  void apply(BasicState<Real>& state) const {
    if (state.qubits() != gates.qubits()) {
      throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(gates.qubits()) +
                                         " qubits, the state " + std::to_string(state.qubits()));
    }
    if (!few.empty() && state.blocks() <= kFewBlocks) {
      kernels<Real>().few[std::bit_width(state.blocks()) - 1](state.data(), few.data(), few.size());
      return;
    }
    const bool alone = threads <= 1 || state.qubits() < kThreadedQubits;
    if (alone) {
      std::optional<BasicState<Real>> buffer;
      for (const Sweep& sweep : sweeps) {
        SweepRunner<Real>(gates, sweep, state.data()).run(0, blocks_of(sweep), buffer);
      }
      return;
    }
    std::barrier together(threads);
    const auto work = [&](int thread) {
      std::optional<BasicState<Real>> buffer;
      for (const Sweep& sweep : sweeps) {
        const std::uint64_t blocks = blocks_of(sweep), number = static_cast<std::uint64_t>(thread);
        const auto parts = static_cast<std::uint64_t>(threads);
        SweepRunner<Real>(gates, sweep, state.data())
            .run(blocks * number / parts, blocks * (number + 1) / parts, buffer);
        together.arrive_and_wait();
      }
    };
    std::vector<std::jthread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
    work(0);
  }

  std::uint64_t blocks_of(const Sweep& sweep) const {
    return std::uint64_t{1} << (gates.qubits() - static_cast<int>(sweep.bits.size()));
  }

  CircuitPlan gates;
  std::vector<Sweep> sweeps;
  std::vector<FewStep> few;  ///< of all sweeps; empty: they run one by one
  int threads;
};

Simulator::Simulator(const Circuit& circuit, const SimulatorOptions& options)
    : plan_(std::make_unique<Plan>(circuit, options)) {}
Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;

int Simulator::qubits() const {
  return plan_->gates.qubits();
}
std::size_t Simulator::parameters() const {
  return plan_->gates.parameters();
}
void Simulator::bind(std::span<const double> angles) {
  plan_->bind(angles);
}
void Simulator::apply(State& state) const {
  plan_->apply(state);
}
void Simulator::apply(FloatState& state) const {
  plan_->apply(state);
}
std::size_t Simulator::passes() const {
  return plan_->gates.merged().size();
}
std::int64_t Simulator::bytes_moved() const {
  return static_cast<std::int64_t>(plan_->sweeps.size()) * 2 * state_bytes(qubits());
}
std::string Simulator::instructions() {
  return double_kernels().name;
}
const CircuitPlan& Simulator::plan() const {
  return plan_->gates;
}

State simulate(const Circuit& circuit, const SimulatorOptions& options) {
  State state(circuit.qubits());
  Simulator(circuit, options).apply(state);
  return state;
}

FloatState simulate_float(const Circuit& circuit, const SimulatorOptions& options) {
  FloatState state(circuit.qubits());
  Simulator(circuit, options).apply(state);
  return state;
}

std::vector<Amplitude> unitary(const Circuit& circuit) {
  if (circuit.qubits() > kUnitaryQubits) {
    throw Error(ErrorKind::kUnsupported, "the matrix of " + std::to_string(circuit.qubits()) +
                                             " qubits is too large: at most " +
                                             std::to_string(kUnitaryQubits));
  }
  const Simulator simulator(circuit);
  State state(circuit.qubits());
  std::vector<Amplitude> columns;
  columns.reserve(state.size() * state.size());
  for (std::size_t column = 0; column < state.size(); ++column) {
    state.set_basis(column);
    simulator.apply(state);
    for (std::size_t row = 0; row < state.size(); ++row) columns.push_back(state.at(row));
  }
  return columns;
}

}  // namespace nas
