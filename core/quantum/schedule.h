#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/quantum/plan.h"

namespace nas {

/// One merged gate within a block: places are bits of the block's index.
struct Step {
  std::uint32_t merged = 0;
  std::array<int, 2> bits{};   ///< of the targets
  std::uint64_t controls = 0;  ///< within the block
  std::uint64_t outer = 0;     ///< controls among the bits that number the blocks (of the state)
};

/// Steps that run on one block after the other. A block consists of the amplitudes that differ in
/// `bits` alone.
struct Sweep {
  std::vector<int> bits;  ///< of the state's index, ascending; bit i of a block is bits[i]
  std::vector<Step> steps;
  bool in_place = true;  ///< `bits` are the lowest: a block is contiguous

  int contiguous() const;  ///< how many of the lowest bits belong to the block
};

/// Distributes merged gates over sweeps: each takes what it can without overtaking a gate on the
/// same qubit, as long as the targets fit into `block_bits` bits.
std::vector<Sweep> schedule(std::span<const Merged> gates, int qubits, int block_bits);

}  // namespace nas
