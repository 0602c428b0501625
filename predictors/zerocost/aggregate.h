#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// A score that architectures have only within a set, made of other scores of each.
struct SetScore {
  std::string_view name;            ///< "az_nas"
  std::vector<std::string> inputs;  ///< names of scores
  /// Row-major architectures x inputs; see core/util/rank_aggregation.h.
  std::vector<double> (*combine)(std::span<const double> scores, std::size_t count);
};

/// "az_nas" (sum of log-ranks), "te_nas" (sum of ranks), "vote" (majority of three proxies).
const std::vector<SetScore>& set_scores();

/// One value an architecture from columns in the order of `inputs`, all of one length. What is not
/// finite ranks last.
std::vector<double> combine(const SetScore& score, std::span<const std::vector<double>> columns);

}  // namespace nas
