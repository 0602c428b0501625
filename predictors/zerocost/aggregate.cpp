#include "predictors/zerocost/aggregate.h"

#include <cmath>
#include <limits>

#include "core/util/error.h"
#include "core/util/rank_aggregation.h"

namespace nas {

const std::vector<SetScore>& set_scores() {
  static const std::vector<SetScore> kScores = {
      {"az_nas",
       {"az_nas.expressivity", "az_nas.progressivity", "az_nas.trainability", "az_nas.complexity"},
       log_rank_sum},
      {"te_nas", {"te_nas.ntk", "te_nas.regions"}, borda},
      {"vote", {"synflow", "jacov", "snip"}, majority_wins},
  };
  return kScores;
}

std::vector<double> combine(const SetScore& score, std::span<const std::vector<double>> columns) {
  NAS_CHECK(columns.size() == score.inputs.size(), "one column for each input");
  std::vector<double> rows;
  for (std::size_t row = 0; row < columns[0].size(); ++row) {
    for (const std::vector<double>& column : columns) {
      rows.push_back(std::isfinite(column[row]) ? column[row]
                                                : -std::numeric_limits<double>::infinity());
    }
  }
  return score.combine(rows, columns.size());
}

}  // namespace nas
