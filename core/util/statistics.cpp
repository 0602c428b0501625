#include "core/util/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>

#include "core/util/error.h"

namespace nas {
namespace {

void require_no_nan(std::span<const double> values, const char* what) {
  if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
    throw Error(ErrorKind::kNumeric, std::string(what) + ": a value is NaN");
  }
}

void require_pairs(std::span<const double> x, std::span<const double> y, const char* what) {
  NAS_CHECK(x.size() == y.size(), std::string(what) + " needs pairs");
  require_no_nan(x, what);
  require_no_nan(y, what);
}

// Pairs of equal neighbours in a sorted sequence: sum of t (t - 1) / 2 over runs of length t.
template <class Equal>
std::int64_t tied_pairs(std::size_t count, Equal equal) {
  std::int64_t pairs = 0;
  std::int64_t run = 1;
  for (std::size_t i = 1; i < count; ++i) {
    run = equal(i - 1, i) ? run + 1 : 1;
    pairs += run - 1;
  }
  return pairs;
}

// Sorts `values` ascending and returns how many pairs stood in the wrong order.
std::int64_t sort_counting_inversions(std::span<double> values, std::span<double> scratch) {
  if (values.size() < 2) return 0;
  const std::size_t middle = values.size() / 2;
  std::int64_t inversions =
      sort_counting_inversions(values.first(middle), scratch.first(middle)) +
      sort_counting_inversions(values.subspan(middle), scratch.subspan(middle));
  std::size_t left = 0;
  std::size_t right = middle;
  for (double& slot : scratch) {
    const bool take_right =
        left == middle || (right < values.size() && values[right] < values[left]);
    if (take_right) inversions += static_cast<std::int64_t>(middle - left);
    slot = values[take_right ? right++ : left++];
  }
  std::copy(scratch.begin(), scratch.end(), values.begin());
  return inversions;
}

double largest_size(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// Finite, but with squares that are not.
bool is_huge(std::span<const double> values) {
  const double largest = largest_size(values);
  return largest > 1e150 && std::isfinite(largest);
}

std::vector<double> scaled_down(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  const double largest = largest_size(values);
  if (largest > 0) {
    for (double& value : result) value /= largest;
  }
  return result;
}

void require_points(Points points, const char* what) {
  for (const std::vector<double>& point : points) {
    NAS_CHECK(point.size() == points.front().size(), "points of unequal dimension");
    require_no_nan(point, what);
  }
}

std::vector<std::size_t> sorted_by_coordinates(Points points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  return order;
}

// Sweeps along the first coordinate: a point is on the front if its second one is a new minimum.
std::vector<std::size_t> pareto_front_2d(Points points) {
  std::vector<std::size_t> front;
  double lowest = std::numeric_limits<double>::infinity();
  for (const std::size_t i : sorted_by_coordinates(points)) {
    const bool first = front.empty();
    const bool equal_to_last = !first && points[i] == points[front.back()];
    if (!first && !equal_to_last && points[i][1] >= lowest) continue;
    lowest = points[i][1];
    front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

struct Corner {
  double x, y;
};

// Area dominated by `corners`, which are sorted by x.
double area(std::span<const Corner> corners, double reference_x, double reference_y) {
  double total = 0;
  double lowest = reference_y;
  for (const Corner& corner : corners) {
    if (corner.y >= lowest) continue;
    total += (reference_x - corner.x) * (lowest - corner.y);
    lowest = corner.y;
  }
  return total;
}

// Slabs along the third coordinate; within a slab the dominated area is constant.
double volume(Points points, std::span<const std::size_t> inside,
              std::span<const double> reference) {
  std::vector<std::size_t> by_depth(inside.begin(), inside.end());
  std::stable_sort(by_depth.begin(), by_depth.end(),
                   [&](std::size_t a, std::size_t b) { return points[a][2] < points[b][2]; });
  std::vector<Corner> corners;
  double total = 0;
  for (std::size_t i = 0; i < by_depth.size(); ++i) {
    const std::vector<double>& point = points[by_depth[i]];
    const Corner corner{point[0], point[1]};
    corners.insert(std::upper_bound(corners.begin(), corners.end(), corner,
                                    [](const Corner& a, const Corner& b) { return a.x < b.x; }),
                   corner);
    const double next = i + 1 < by_depth.size() ? points[by_depth[i + 1]][2] : reference[2];
    if (next > point[2]) total += (next - point[2]) * area(corners, reference[0], reference[1]);
  }
  return total;
}

// Slabs along the last coordinate; within a slab the hypervolume of the other coordinates is
// constant.
double volume_of_slabs(Points points, std::vector<std::size_t> inside,
                       std::span<const double> reference) {
  const std::size_t last = reference.size() - 1;
  std::stable_sort(inside.begin(), inside.end(),
                   [&](std::size_t a, std::size_t b) { return points[a][last] < points[b][last]; });
  std::vector<std::vector<double>> slab;  // the front of what reaches into the slab
  double total = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const std::vector<double>& point = points[inside[i]];
    std::vector<double> shadow(point.begin(), point.end() - 1);
    const auto covered = [](const std::vector<double>& a, const std::vector<double>& b) {
      return a == b || dominates(a, b);
    };
    if (std::none_of(slab.begin(), slab.end(), [&](const auto& o) { return covered(o, shadow); })) {
      std::erase_if(slab, [&](const auto& other) { return covered(shadow, other); });
      slab.push_back(std::move(shadow));
    }
    const double next = i + 1 < inside.size() ? points[inside[i + 1]][last] : reference[last];
    if (next > point[last]) {
      total += (next - point[last]) * hypervolume(slab, reference.first(last));
    }
  }
  return total;
}

}  // namespace

std::optional<double> pearson(std::span<const double> x, std::span<const double> y) {
  require_pairs(x, y, "Pearson correlation");
  if (x.size() < 2) return std::nullopt;
  if (is_huge(x) || is_huge(y)) return pearson(scaled_down(x), scaled_down(y));
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x;
    const double dy = y[i] - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (!std::isfinite(xx) || !std::isfinite(yy)) {
    throw Error(ErrorKind::kNumeric, "Pearson correlation: a value is infinite");
  }
  const auto constant = [](std::span<const double> v) {
    return std::all_of(v.begin(), v.end(), [&](double value) { return value == v.front(); });
  };
  if (constant(x) || constant(y) || xx == 0 || yy == 0) return std::nullopt;
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

std::optional<double> spearman(std::span<const double> x, std::span<const double> y) {
  require_pairs(x, y, "Spearman correlation");
  return pearson(average_ranks(x), average_ranks(y));
}

std::optional<double> kendall_tau_b(std::span<const double> x, std::span<const double> y) {
  require_pairs(x, y, "Kendall correlation");
  const std::size_t n = x.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return x[a] != x[b] ? x[a] < x[b] : y[a] < y[b]; });
  const auto same_x = [&](std::size_t i, std::size_t j) { return x[order[i]] == x[order[j]]; };
  const auto same = [&](std::size_t i, std::size_t j) {
    return same_x(i, j) && y[order[i]] == y[order[j]];
  };
  const std::int64_t tied_x = tied_pairs(n, same_x);
  const std::int64_t tied_both = tied_pairs(n, same);

  std::vector<double> sorted(n);
  for (std::size_t i = 0; i < n; ++i) sorted[i] = y[order[i]];
  std::vector<double> scratch(n);
  const std::int64_t discordant = sort_counting_inversions(sorted, scratch);
  const std::int64_t tied_y =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return sorted[i] == sorted[j]; });

  const auto count = static_cast<std::int64_t>(n);
  const std::int64_t pairs = count * (count - 1) / 2;
  if (pairs == tied_x || pairs == tied_y) return std::nullopt;  // also fewer than two pairs
  const std::int64_t difference = pairs - tied_x - tied_y + tied_both - 2 * discordant;
  // One square root of the product: exactly 1 when the two sides agree.
  return static_cast<double>(difference) /
         std::sqrt(static_cast<double>(pairs - tied_x) * static_cast<double>(pairs - tied_y));
}

std::vector<double> average_ranks(std::span<const double> values) {
  require_no_nan(values, "ranks");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = (static_cast<double>(begin + 1) + static_cast<double>(end)) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

double ndcg(std::span<const double> relevance, std::span<const double> score, std::size_t k) {
  require_pairs(relevance, score, "NDCG");
  if (std::any_of(relevance.begin(), relevance.end(), [](double r) { return r < 0; })) {
    throw Error(ErrorKind::kNumeric, "NDCG: a relevance is negative, must be >= 0");
  }
  const std::size_t count = std::min(k, relevance.size());
  const auto gain_sorted_by = [&](std::span<const double> key) {
    std::vector<std::size_t> order(key.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key[a] > key[b]; });
    double gain = 0;
    for (std::size_t i = 0; i < count; ++i) {
      gain += (std::exp2(relevance[order[i]]) - 1) / std::log2(static_cast<double>(i) + 2);
    }
    return gain;
  };
  const double ideal = gain_sorted_by(relevance);
  return ideal > 0 ? gain_sorted_by(score) / ideal : 0;
}

double mean(std::span<const double> values) {
  NAS_CHECK(!values.empty(), "mean of no values");
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sample_deviation(std::span<const double> values) {
  const double centre = mean(values);
  if (values.size() == 1) return 0;
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double quantile(std::vector<double> values, double q) {
  NAS_CHECK(!values.empty(), "quantile of no values");
  NAS_CHECK(q >= 0 && q <= 1, "quantile outside [0, 1]");
  require_no_nan(values, "quantile");
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const std::size_t high = std::min(low + 1, values.size() - 1);
  const double part = at - std::floor(at);
  return part == 0 ? values[low] : values[low] + part * (values[high] - values[low]);
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t d = 0; d < a.size(); ++d) {
    if (a[d] > b[d]) return false;
    better = better || a[d] < b[d];
  }
  return better;
}

std::vector<std::size_t> pareto_front(Points points) {
  require_points(points, "Pareto front");
  if (!points.empty() && points.front().size() == 2) return pareto_front_2d(points);
  // What dominates a point comes before it in this order, and is itself on the front or dominated
  // by a point of the front.
  std::vector<std::size_t> front;
  for (const std::size_t i : sorted_by_coordinates(points)) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return dominates(points[other], points[i]);
    });
    if (!beaten) front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

double hypervolume(Points points, std::span<const double> reference) {
  if (reference.size() < 2) {
    throw Error(ErrorKind::kUnsupported, "hypervolume in " + std::to_string(reference.size()) +
                                             " dimensions; two or more are possible");
  }
  require_points(points, "hypervolume");
  NAS_CHECK(points.empty() || points.front().size() == reference.size(),
            "reference point of another dimension than the points");
  std::vector<std::size_t> inside;
  for (const std::size_t i : sorted_by_coordinates(points)) {
    bool within = true;
    for (std::size_t d = 0; d < reference.size(); ++d) within &= points[i][d] < reference[d];
    if (within) inside.push_back(i);
  }
  if (reference.size() > 3) return volume_of_slabs(points, inside, reference);
  if (reference.size() == 3) return volume(points, inside, reference);
  std::vector<Corner> corners;
  for (const std::size_t i : inside) corners.push_back({points[i][0], points[i][1]});
  return area(corners, reference[0], reference[1]);
}

}  // namespace nas
