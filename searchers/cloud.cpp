#include "searchers/cloud.h"

#include <algorithm>
#include <cmath>

#include "core/api/operation_graph.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "searchers/score_pool.h"

namespace nas {
namespace {

/// Columns side by side.
struct ColumnStack {
  std::size_t width = 0;
  std::vector<float> values;

  void add(std::size_t rows, std::size_t more, const auto& value) {
    std::vector<float> wider(rows * (width + more));
    for (std::size_t row = 0; row < rows; ++row) {
      float* to = wider.data() + row * (width + more);
      std::copy_n(values.data() + row * width, width, to);
      for (std::size_t k = 0; k < more; ++k) {
        to[width + k] = static_cast<float>(value(row * more + k));
      }
    }
    values = std::move(wider);
    width += more;
  }
};

}  // namespace

Cloud Cloud::of(const SearchSetup& setup, std::string_view features, std::size_t most,
                std::string_view who) {
  static const std::vector<std::string> kOwn{"counts", "pairs"};
  StructureParts parts{.counts = false, .pairs = false};
  std::vector<std::string> scores;
  for (const std::string& word : split(features, '+')) {
    const std::string name(trim(word));
    if (name == "counts") {
      parts.counts = true;
    } else if (name == "pairs") {
      parts.pairs = true;
    } else {
      const std::vector<std::string> named = scores_named(setup.scores, name, kOwn, who);
      scores.insert(scores.end(), named.begin(), named.end());
    }
  }
  std::vector<Architecture> pool = study_pool(setup, most);
  ColumnStack points;
  if (parts.counts || parts.pairs) {
    const FeatureRows rows = structure_features(operation_graphs(setup.space, pool), parts);
    points.add(pool.size(), rows.width(), [&](std::size_t i) { return rows.values[i]; });
  }
  if (!scores.empty()) {
    const std::vector<double> values = setup.scores->scores(pool, scores);
    points.add(pool.size(), scores.size(), [&](std::size_t i) { return values[i]; });
  }
  return {std::move(pool), points.width, std::move(points.values)};
}

Cloud::Cloud(std::vector<Architecture> architectures, std::size_t width, std::vector<float> points)
    : architectures_(std::move(architectures)),
      width_(width),
      points_(std::move(points)),
      marked_(architectures_.size(), false) {
  NAS_CHECK(points_.size() == architectures_.size() * width_, "a point for each architecture");
  for (float& value : points_) {
    if (!std::isfinite(value)) value = 0;
  }
  for (std::size_t row = 0; row < size(); ++row) {
    rows_.emplace(architectures_[row].choices, row);
  }
}

std::optional<std::size_t> Cloud::find(const Architecture& architecture) const {
  const auto found = rows_.find(architecture.choices);
  if (found == rows_.end()) return std::nullopt;
  return found->second;
}

void Cloud::squared_distances(std::span<const float> from, std::vector<float>& distances) const {
  distances.resize(size());
  constexpr std::size_t kLanes = 8;  // partial sums that a compiler can keep side by side
  for (std::size_t row = 0; row < size(); ++row) {
    const float* at = points_.data() + row * width_;
    float sums[kLanes] = {};
    std::size_t k = 0;
    for (; k + kLanes <= width_; k += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const float step = at[k + lane] - from[k + lane];
        sums[lane] += step * step;
      }
    }
    for (; k < width_; ++k) sums[0] += (at[k] - from[k]) * (at[k] - from[k]);
    distances[row] =
        ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  }
}

double Cloud::median_squared_distance(Rng rng) const {
  constexpr std::size_t kPairs = 2000;
  if (size() < 2) return 1;
  std::vector<double> distances;
  for (std::size_t i = 0; i < kPairs; ++i) {
    const std::size_t a = rng.below(size());
    const std::size_t b = (a + 1 + rng.below(size() - 1)) % size();
    double sum = 0;
    for (std::size_t k = 0; k < width_; ++k) {
      const double step = static_cast<double>(point(a)[k]) - static_cast<double>(point(b)[k]);
      sum += step * step;
    }
    distances.push_back(sum);
  }
  return median(distances);
}

void Cloud::mark(std::size_t row) {
  if (marked_[row]) return;
  marked_[row] = true;
  ++marks_;
}

std::optional<std::size_t> Cloud::nearest_unmarked(std::span<const float> to) const {
  std::vector<float> distances;
  squared_distances(to, distances);
  std::optional<std::size_t> best;
  for (std::size_t row = 0; row < size(); ++row) {
    if (!marked_[row] && (!best || distances[row] < distances[*best])) best = row;
  }
  return best;
}

std::size_t Cloud::draw_unmarked(Rng& rng) const {
  std::size_t left = rng.below(unmarked());
  for (std::size_t row = 0;; ++row) {
    if (marked_[row]) continue;
    if (left == 0) return row;
    --left;
  }
}

std::optional<Proposal> propose_beyond_pool(Proposals& proposals, Rng rng) {
  if (proposals.exhausted()) return std::nullopt;
  Proposal proposal{proposals.draw_new(rng), "random: the pool is used up"};
  proposals.note(proposal.architecture);
  return proposal;
}

}  // namespace nas
