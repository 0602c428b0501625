#include "core/quantum/schedule.h"

#include "core/quantum/qubit_bit.h"

#include <algorithm>
#include <bit>

namespace nas {
namespace {

// Blocks are copied in runs of at least 2^kRunBits amplitudes (1 KiB), which memory likes.
constexpr int kRunBits = 6;

std::uint64_t target_bits(const Merged& gate, int qubits) {
  std::uint64_t bits = 0;
  for (int i = 0; i < gate.targets; ++i) {
    bits |= qubit_bit(gate.target[static_cast<std::size_t>(i)], qubits);
  }
  return bits;
}

std::uint64_t control_bits(const Merged& gate, int qubits) {
  std::uint64_t bits = 0;
  for (int i = 0; i < gate.controls; ++i) {
    bits |= qubit_bit(gate.control[static_cast<std::size_t>(i)], qubits);
  }
  return bits;
}

// Bit i of the result is bit bits[i] of `mask`.
std::uint64_t gathered(std::uint64_t mask, std::span<const int> bits) {
  if (bits.back() + 1 == static_cast<int>(bits.size())) {  // the lowest bits stay where they are
    return mask & ((std::uint64_t{2} << bits.back()) - 1);
  }
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) result |= (mask >> bits[i] & 1) << i;
  return result;
}

Sweep make_sweep(std::span<const Merged> gates, std::span<const std::uint32_t> taken, int qubits,
                 std::uint64_t active) {
  Sweep sweep;
  for (int bit = 0; bit < qubits; ++bit) {
    if ((active >> bit & 1) != 0) sweep.bits.push_back(bit);
  }
  sweep.in_place = (active & (active + 1)) == 0;
  sweep.steps.reserve(taken.size());
  for (const std::uint32_t index : taken) {
    const Merged& gate = gates[index];
    Step& step = sweep.steps.emplace_back();
    step.merged = index;
    for (int i = 0; i < gate.targets; ++i) {
      const auto k = static_cast<std::size_t>(i);
      step.bits[k] = std::countr_zero(gathered(qubit_bit(gate.target[k], qubits), sweep.bits));
    }
    const std::uint64_t controls = control_bits(gate, qubits);
    step.controls = gathered(controls, sweep.bits);
    step.outer = controls & ~active;
  }
  return sweep;
}

}  // namespace

int Sweep::contiguous() const {
  int count = 0;
  while (count < static_cast<int>(bits.size()) && bits[static_cast<std::size_t>(count)] == count) {
    ++count;
  }
  return count;
}

std::vector<Sweep> schedule(std::span<const Merged> gates, int qubits, int block_bits) {
  std::vector<std::uint32_t> waiting(gates.size()), taken, left;
  for (std::size_t i = 0; i < gates.size(); ++i) waiting[i] = static_cast<std::uint32_t>(i);
  const std::uint64_t all = (std::uint64_t{1} << qubits) - 1;
  if (qubits <= block_bits) return {make_sweep(gates, waiting, qubits, all)};

  std::vector<Sweep> sweeps;
  while (!waiting.empty()) {
    std::uint64_t active = (std::uint64_t{1} << kRunBits) - 1, blocked = 0;
    taken.clear();
    left.clear();
    for (const std::uint32_t index : waiting) {
      const std::uint64_t targets = target_bits(gates[index], qubits);
      const std::uint64_t touched = targets | control_bits(gates[index], qubits);
      const bool fits = std::popcount(active | targets) <= block_bits;
      if (fits && (touched & blocked) == 0) {
        active |= targets;
        taken.push_back(index);
      } else {
        blocked |= touched;
        left.push_back(index);
      }
    }
    for (int bit = 0; std::popcount(active) < block_bits; ++bit) active |= std::uint64_t{1} << bit;
    sweeps.push_back(make_sweep(gates, taken, qubits, active));
    waiting.swap(left);
  }
  return sweeps;
}

}  // namespace nas
