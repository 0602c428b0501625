#include "predictors/zerocost/aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/util/error.h"

namespace nas {
namespace {

double orderly(double value) {
  return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
}

std::size_t common_size(std::span<const std::vector<double>> columns) {
  NAS_CHECK(!columns.empty(), "scores of a set need columns");
  for (const auto& column : columns) {
    NAS_CHECK(column.size() == columns[0].size(), "columns of one length");
  }
  return columns[0].size();
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return orderly(values[a]) < orderly(values[b]);
  });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && orderly(values[order[end]]) == orderly(values[order[begin]])) {
      ++end;
    }
    const double rank = static_cast<double>(begin + 1 + end) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

std::vector<double> log_rank_sum(std::span<const std::vector<double>> columns) {
  std::vector<double> sums(common_size(columns), 0);
  for (const auto& column : columns) {
    const std::vector<double> ranks = average_ranks(column);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += std::log(ranks[i] / static_cast<double>(sums.size()));
    }
  }
  return sums;
}

std::vector<double> rank_sum(std::span<const std::vector<double>> columns) {
  std::vector<double> sums(common_size(columns), 0);
  for (const auto& column : columns) {
    const std::vector<double> ranks = average_ranks(column);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += ranks[i];
  }
  return sums;
}

std::vector<double> majority_wins(std::span<const std::vector<double>> columns) {
  const std::size_t n = common_size(columns);
  std::vector<double> wins(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      std::size_t better = 0;
      for (const auto& column : columns) better += orderly(column[i]) > orderly(column[j]) ? 1 : 0;
      wins[2 * better > columns.size() ? i : j] += 1;
    }
  }
  return wins;
}

const std::vector<SetScore>& set_scores() {
  static const std::vector<SetScore> kScores = {
      {"az_nas",
       {"az_nas.expressivity", "az_nas.progressivity", "az_nas.trainability", "az_nas.complexity"},
       log_rank_sum},
      {"te_nas", {"te_nas.ntk", "te_nas.regions"}, rank_sum},
      {"vote", {"synflow", "jacov", "snip"}, majority_wins},
  };
  return kScores;
}

}  // namespace nas
