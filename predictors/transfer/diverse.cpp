#include "predictors/transfer/diverse.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "predictors/encoding.h"

namespace nas {
namespace {

using Rows = std::vector<std::vector<double>>;

Rows rows_of(std::span<const Subject> subjects) {
  Rows rows;
  for (const Subject& subject : subjects) {
    rows.push_back(one_hot(*subject.space, *subject.architecture));
  }
  return rows;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

std::vector<double> mean_of(const Rows& rows, std::span<const std::size_t> which) {
  std::vector<double> mean(rows.front().size(), 0.0);
  for (const std::size_t row : which) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += rows[row][i] / static_cast<double>(which.size());
    }
  }
  return mean;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  const double product = std::inner_product(a.begin(), a.end(), b.begin(), 0.0),
               lengths = std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                                   std::inner_product(b.begin(), b.end(), b.begin(), 0.0));
  return lengths > 0 ? product / lengths : 0;
}

std::size_t nearest(const Rows& rows, const std::vector<double>& point,
                    std::span<const std::size_t> among) {
  return *std::min_element(among.begin(), among.end(), [&](std::size_t a, std::size_t b) {
    return distance(rows[a], point) < distance(rows[b], point);
  });
}

/// Lloyd's algorithm from `k` different rows.
Rows k_means(const Rows& rows, std::vector<std::size_t> among, std::size_t k, Rng rng) {
  constexpr int kRounds = 20;
  rng.shuffle(std::span(among));
  Rows centres;
  for (std::size_t i = 0; i < k; ++i) centres.push_back(rows[among[i]]);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<std::size_t>> members(k);
    for (const std::size_t row : among) {
      const auto best =
          std::min_element(centres.begin(), centres.end(), [&](const auto& a, const auto& b) {
            return distance(a, rows[row]) < distance(b, rows[row]);
          });
      members[static_cast<std::size_t>(best - centres.begin())].push_back(row);
    }
    for (std::size_t i = 0; i < k; ++i) {
      if (!members[i].empty()) centres[i] = mean_of(rows, members[i]);
    }
  }
  return centres;
}

bool is_among(const Architecture& architecture, std::span<const Subject> subjects) {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const Subject& subject) { return *subject.architecture == architecture; });
}

}  // namespace

std::vector<std::size_t> most_different(std::span<const Subject> candidates,
                                        std::span<const Subject> measured,
                                        std::span<const Architecture> wanted, std::size_t count) {
  const Rows rows = rows_of(candidates);
  std::vector<double> nearest_known(rows.size(), std::numeric_limits<double>::infinity());
  const auto know = [&](const std::vector<double>& point) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      nearest_known[i] = std::min(nearest_known[i], distance(rows[i], point));
    }
  };
  for (const std::vector<double>& row : rows_of(measured)) know(row);
  std::vector<std::size_t> chosen;
  const auto choose = [&](std::size_t i) {
    chosen.push_back(i);
    know(rows[i]);
    nearest_known[i] = -1;  // never again
  };
  count = std::min(count, rows.size());
  for (const Architecture& one : wanted) {
    if (chosen.size() >= count || is_among(one, measured)) continue;
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const Subject& s) { return *s.architecture == one; });
    if (found != candidates.end()) choose(static_cast<std::size_t>(found - candidates.begin()));
  }
  while (chosen.size() < count) {
    const auto farthest = std::max_element(nearest_known.begin(), nearest_known.end());
    choose(static_cast<std::size_t>(farthest - nearest_known.begin()));
  }
  return chosen;
}

std::vector<std::size_t> clustered(std::span<const Subject> candidates,
                                   std::span<const Subject> measured, std::size_t count, Rng rng) {
  const Rows rows = rows_of(candidates);
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_among(*candidates[i].architecture, measured)) left.push_back(i);
  }
  count = std::min(count, left.size());
  std::vector<std::size_t> chosen;
  const auto choose = [&](std::size_t row) {
    chosen.push_back(row);
    std::erase(left, row);
  };
  const std::size_t clusters = (count + 1) / 2;
  for (const std::vector<double>& centre : k_means(rows, left, clusters, rng)) {
    choose(nearest(rows, centre, left));
  }
  if (left.empty()) return chosen;
  const std::vector<double> mean = mean_of(rows, left);
  std::stable_sort(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
    return cosine(rows[a], mean) < cosine(rows[b], mean);
  });
  const std::vector<std::size_t> order = left;
  const std::size_t buckets = count - chosen.size();
  for (std::size_t i = 0; i < buckets; ++i) {
    choose(order[(2 * i + 1) * order.size() / (2 * buckets)]);
  }
  return chosen;
}

}  // namespace nas
