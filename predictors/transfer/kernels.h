#pragma once

#include <cstddef>
#include <vector>

#include "predictors/transfer/evidence_gp.h"
#include "predictors/transfer/subject_blocks.h"

namespace nas {

// What the predictor `transfer` thinks may explain a new device.
//
// Prior knowledge: what other devices say about every network (a model of each, fitted on its own
// measurements), and what the network is made of. Which of these explain the new device is asked of
// the measurements: kernels
//   K = 20 + w S S'/n + (1 - w) X X'/d,    w in {1, .9, .7, .4, .1, 0}
// (S: standardised predictions of the n source models) with noise in {.003 .. 1} are weighted by
// their evidence (EvidenceGp). X in spaces with cells: counts of operations, or partly or wholly
// counts of the operations that the output needs and their additions, since compilers remove
// others; or counts compared by distance. X elsewhere: 0.6 costs (dense and depthwise MACs,
// parameters, activations, kernels, MACs) + 0.4 counts.
// docs/reproduction.md has the figures; the counts of needed operations are what lifts devices
// behind a compiler (edge TPU, edge GPU), compared with counts alone or with all of the live
// encoding.

/// The block of source predictions, behind those of the subjects.
inline constexpr std::size_t kSources = SubjectBlocks::kBlocks;

struct TransferSetting {
  bool cells = false;    ///< the space has cells
  bool sources = false;  ///< some device is known
  bool live = false;     ///< the live encoding is tried too
};

/// The parts of every kernel: each block linear, then each block by distance. `scale`: of all
/// blocks, kSources the last.
std::vector<KernelPart> transfer_parts(const BlockScale& scale);
/// The place of a block among the parts.
std::size_t transfer_part(std::size_t block, bool distance);

/// All kernels with all noises.
std::vector<KernelVariant> transfer_variants(const TransferSetting& setting);
/// The one kernel that chooses what to measure: half sources, half structure.
KernelVariant transfer_design(const TransferSetting& setting);

}  // namespace nas
