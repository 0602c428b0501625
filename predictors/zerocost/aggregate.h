#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

// Scores of a set of architectures from several scores of each: they exist only within a set.
// Values that are not finite rank last, equal among each other.

/// Average ranks, 1 = worst; ties share their mean.
std::vector<double> average_ranks(std::span<const double> values);

/// Sum over the columns of ln(rank / n): AZ-NAS (CVPR 2024), VKDNW (CVPR 2025).
std::vector<double> log_rank_sum(std::span<const std::vector<double>> columns);

/// Sum of the ranks: TE-NAS (ICLR 2021).
std::vector<double> rank_sum(std::span<const std::vector<double>> columns);

/// How many others an architecture beats by the majority of the columns (a difference of 0 counts
/// as negative): the vote of Abdelfattah et al. (ICLR 2021) as a score.
std::vector<double> majority_wins(std::span<const std::vector<double>> columns);

/// A score of a set that follows from others, and how.
struct SetScore {
  std::string_view name;  ///< "az_nas"
  std::vector<std::string> inputs;
  std::vector<double> (*combine)(std::span<const std::vector<double>> columns);
};
/// "az_nas", "te_nas", "vote".
const std::vector<SetScore>& set_scores();

}  // namespace nas
