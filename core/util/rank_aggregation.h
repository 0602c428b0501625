#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace nas {

// Several scores of the same items, made one. Scores are row-major items x count, larger is better,
// infinities allowed; Error(kNumeric) for NaN or a size that is not a multiple of `count`. The
// results depend on the whole set of items.

/// For each item the number of others it beats by the majority of the scores that tell the two
/// apart (Copeland); a draw is half a win. Quadratic in the items.
/// Zero-Cost Proxies for Lightweight NAS (2021), the "vote" of synflow, jacob_cov and snip.
std::vector<double> majority_wins(std::span<const double> scores, std::size_t count);

/// Sum over the scores of the item's rank from 1 (worst), ties averaged (Borda).
std::vector<double> borda(std::span<const double> scores, std::size_t count);

/// Sum over the scores of ln(rank / items): an item that is bad at one thing is bad.
/// AZ-NAS (2024), arXiv 2403.19232, eq. 9.
std::vector<double> log_rank_sum(std::span<const double> scores, std::size_t count);

/// The part of all pairs with different truth that the score orders as the truth does; a pair of
/// equal scores counts half. nullopt when all truths are equal. O(n log n).
std::optional<double> pair_accuracy(std::span<const double> truth, std::span<const double> score);

}  // namespace nas
