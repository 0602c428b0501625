#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/api/subject.h"
#include "core/util/rng.h"

namespace nas {

// Which networks to measure when only their difference counts. Subjects are architectures of one
// space, compared by their one-hot choices.

/// Positions of `count` candidates (all, if there are fewer): first the wanted ones that are among
/// them and not measured, then each time the one whose nearest neighbour among the measured and the
/// chosen is farthest.
std::vector<std::size_t> most_different(std::span<const Subject> candidates,
                                        std::span<const Subject> measured,
                                        std::span<const Architecture> wanted, std::size_t count);

/// The sampler of NASFLAT (Akhauri, Abdelfattah, MLSys 2024): half are nearest to the centres of
/// k-means; the others are one from each bucket of equal size by cosine similarity to the mean.
/// Measured ones are not chosen again.
std::vector<std::size_t> clustered(std::span<const Subject> candidates,
                                   std::span<const Subject> measured, std::size_t count, Rng rng);

}  // namespace nas
