#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/int8/program.h"
#include "core/ir/arch_graph.h"

namespace nas {

struct RowWiseOptions {
  std::int64_t rows = 1;  ///< tokens that are computed at a time, >= 1
};

/// Neighbouring steps that run together, a few rows of tokens at a time. What others read of them
/// is whole, what they make for each other has the rows in hand only.
struct RowRegion {
  std::size_t first = 0, last = 0;  ///< steps of the program
  std::int64_t tokens = 0;          ///< rows in all; 0: one step that does not work row by row
  std::int64_t whole_bytes = 0;     ///< tensors that stand whole while the region runs
  std::int64_t row_bytes = 0;       ///< what is there of inner tensors at most
  std::int64_t factor_bytes = 0;    ///< the largest weights that one step copies from flash
  std::int64_t bytes() const { return whole_bytes + row_bytes + factor_bytes; }
};

struct RowWisePlan {
  std::vector<RowRegion> regions;  ///< in order, all steps
  std::size_t peak = 0;            ///< the first region with the most bytes
  std::int64_t sram_bytes() const { return regions[peak].bytes(); }
};

/// Memory of a network as the operator library of MCUFormer runs it (Liang et al. 2023, section
/// 3.3; the engine is not released): layers with what stands between them run for a few rows at a
/// time, so that the hidden tensor of an MLP and the scores of an attention are never whole; a
/// result overwrites what only the same row of it reads; the weights of the layer in hand are in
/// SRAM, of a window of several rows one row at a time, and of a constant that has a row for each
/// token (embeddings of relative positions) those of the rows in hand. Steps are divided into
/// regions so that the largest takes the fewest bytes. Bytes are those that are live, not places.
/// Throws Error(kUsage) for options out of range and a program without steps.
RowWisePlan plan_row_wise(const MicroProgram& program, const RowWiseOptions& options = {});

/// What flash holds of a network whose engine looks embeddings of positions up in their tables: a
/// byte for each number of a tensor, and for each bias its 4 bytes and 4 of its channel's scale. A
/// program has an embedding for each pair of tokens instead.
std::int64_t parameter_flash_bytes(const ArchGraph& graph);

/// Whether a program has attention, for which these operators are made: a product of two computed
/// matrices behind a softmax.
bool has_attention(const MicroProgram& program);

}  // namespace nas
