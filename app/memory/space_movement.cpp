#include "app/memory/space_movement.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {
namespace {

double length_of(const MovementAxis& axis) {
  return std::max(axis.choices.back() - axis.choices.front(), 1e-9);
}

double nearest_choice(const MovementAxis& axis, double value) {
  return *std::ranges::min_element(axis.choices, {},
                                   [value](double choice) { return std::abs(choice - value); });
}

/// Solves the symmetric system a x = b, with a little of the identity so that it has a solution.
std::vector<double> solved(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t size = b.size();
  constexpr double kRidge = 1e-9;
  for (std::size_t i = 0; i < size; ++i) a[i][i] += kRidge;
  for (std::size_t pivot = 0; pivot < size; ++pivot) {
    for (std::size_t row = pivot + 1; row < size; ++row) {
      const double factor = a[row][pivot] / a[pivot][pivot];
      for (std::size_t column = pivot; column < size; ++column) {
        a[row][column] -= factor * a[pivot][column];
      }
      b[row] -= factor * b[pivot];
    }
  }
  for (std::size_t row = size; row-- > 0;) {
    for (std::size_t column = row + 1; column < size; ++column)
      b[row] -= a[row][column] * b[column];
    b[row] /= a[row][row];
  }
  return b;
}

/// Slopes of the plane through some points, by axis, for one of the axis' own units.
std::vector<double> slopes(const std::vector<MovementPoint>& points,
                           const std::vector<MovementAxis>& axes, double MovementPoint::*value) {
  const std::size_t count = axes.size();
  // Around the means, so that only slopes are asked for.
  std::vector<double> centre(count, 0);
  double middle = 0;
  for (const MovementPoint& point : points) {
    for (std::size_t i = 0; i < count; ++i) centre[i] += point.at[i] / length_of(axes[i]);
    middle += point.*value;
  }
  const auto size = static_cast<double>(points.size());
  for (double& one : centre) one /= size;
  middle /= size;
  std::vector<std::vector<double>> a(count, std::vector<double>(count, 0));
  std::vector<double> b(count, 0);
  for (const MovementPoint& point : points) {
    std::vector<double> x;
    for (std::size_t i = 0; i < count; ++i) {
      x.push_back(point.at[i] / length_of(axes[i]) - centre[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) a[i][j] += x[i] * x[j];
      b[i] += x[i] * (point.*value - middle);
    }
  }
  std::vector<double> result = solved(std::move(a), std::move(b));
  for (std::size_t i = 0; i < count; ++i) result[i] /= length_of(axes[i]);
  return result;
}

std::vector<MovementPoint> nearest_points(const std::vector<double>& at,
                                          std::vector<MovementPoint> points,
                                          const std::vector<MovementAxis>& axes, bool normalised,
                                          std::size_t count) {
  const auto distance = [&](const MovementPoint& point) {
    double sum = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const double difference = (point.at[i] - at[i]) / (normalised ? length_of(axes[i]) : 1);
      sum += difference * difference;
    }
    return sum;
  };
  std::ranges::stable_sort(points, {}, distance);
  points.resize(std::min(points.size(), count));
  return points;
}

MovementRule rule_of(const std::string& name) {
  if (name == "corrected") return MovementRule::kCorrected;
  if (name == "published") return MovementRule::kPublished;
  throw Error(ErrorKind::kUsage, "rule = '" + name + "', expected corrected or published");
}

void check(const std::vector<MovementAxis>& axes, const MovementOptions& options) {
  if (options.points < 1 || options.rounds < 0 || options.neighbours < 1 || axes.empty()) {
    throw Error(ErrorKind::kUsage,
                "a movement needs an axis, points >= 1, rounds >= 0 and neighbours >= 1");
  }
}

}  // namespace

std::vector<double> moved_point(const std::vector<double>& at,
                                const std::vector<MovementPoint>& measured,
                                const std::vector<MovementAxis>& axes, MovementRule rule,
                                std::size_t neighbours) {
  const bool corrected = rule == MovementRule::kCorrected;
  const auto near = nearest_points(at, measured, axes, corrected, neighbours);
  const std::vector<double> error = slopes(near, axes, &MovementPoint::error);
  const std::vector<double> memory = slopes(near, axes, &MovementPoint::illegal_share);
  std::vector<double> moved;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const MovementAxis& axis = axes[i];
    const double by_error = error[i] / axis.error_scale, by_memory = memory[i] / axis.memory_scale;
    const double units = corrected ? -std::trunc(by_error + by_memory)
                                   : std::floor(by_error) + std::floor(by_memory);
    const double to = at[i] + axis.step * units;
    moved.push_back(
        nearest_choice(axis, std::clamp(to, axis.choices.front(), axis.choices.back())));
  }
  return moved;
}

std::vector<MovementVisit> move_space(
    const std::vector<MovementAxis>& axes, const MovementOptions& options,
    const std::function<MovementPoint(const std::vector<double>& at, std::int64_t visit)>&
        measure) {
  check(axes, options);
  const MovementRule rule = rule_of(options.rule);
  Rng rng({.seed = options.seed, .purpose = Purpose::kSample});
  std::vector<std::vector<double>> points;
  for (std::int64_t i = 0; i < options.points; ++i) {
    std::vector<double>& point = points.emplace_back();
    for (const MovementAxis& axis : axes)
      point.push_back(axis.choices[rng.below(axis.choices.size())]);
  }
  std::vector<MovementVisit> visits;
  std::map<std::vector<double>, std::int64_t> times;
  std::map<std::vector<double>, MovementPoint> latest;
  for (std::int64_t round = 0; round <= options.rounds; ++round) {
    for (std::vector<double>& point : points) {
      if (round > 0) {
        std::vector<MovementPoint> measured;
        for (const auto& [at, known] : latest) measured.push_back(known);
        point =
            moved_point(point, measured, axes, rule, static_cast<std::size_t>(options.neighbours));
      }
      const MovementPoint found = measure(point, times[point]++);
      visits.push_back({round, found});
      latest[point] = found;
    }
  }
  return visits;
}

std::size_t best_visit(const std::vector<MovementVisit>& visits) {
  const auto best = std::ranges::min_element(visits, {}, [](const MovementVisit& visit) {
    return visit.point.error + visit.point.illegal_share;
  });
  return static_cast<std::size_t>(best - visits.begin());
}

}  // namespace nas
