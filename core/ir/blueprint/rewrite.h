#pragma once

#include "core/ir/blueprint/blueprint.h"

namespace nas {

// Rewrites of a space's graph for its supernet. Each is a pure function; decisions and selectors
// stay what they are, so `resolve` and `mixture` take the same choices before and after.

/// Partial channels (Xu et al., PC-DARTS, ICLR 2020, section 3.1; the released code): only the
/// first C / `share` of the C channels go through an open choice, whose alternatives are built that
/// much narrower. The others pass by (through a 2x2 max pooling where the choice halves the image),
/// are concatenated after them, and a channel shuffle of `share` groups lets all channels take part
/// over consecutive layers. 1 changes nothing. Throws Error(kUnsupported), naming the place, where
/// alternatives read several tensors or change the number of channels, and Error(kUsage) where
/// `share` does not divide channels.
Blueprint partial_channels(const Blueprint& blueprint, std::int64_t share);

/// Without scale and shift in the batch normalisations of the parts that hold open choices: those
/// of the alternatives and of the rest of their cell ("cells.3/..."), not of stem, head or what
/// stands between cells (released code of DARTS and of NAS-Bench-201).
Blueprint without_affine(const Blueprint& blueprint);

/// A batch normalisation without scale and shift after every pooling that is an alternative, as the
/// supernet of DARTS has it; derived networks do not.
Blueprint normalised_pools(const Blueprint& blueprint);

/// Edge normalisation (PC-DARTS, section 3.2): a sum of at least two open choices becomes a node of
/// the operation "mix", whose weights are set from outside.
Blueprint edge_normalised(const Blueprint& blueprint);

}  // namespace nas
