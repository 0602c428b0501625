#include "app/objectives/front.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/util/statistics.h"

namespace nas {

TableFront::TableFront(std::vector<std::vector<double>> points) {
  if (points.empty()) return;
  best_ = points.front();
  std::vector<double> worst = points.front();
  for (const std::vector<double>& point : points) {
    for (std::size_t d = 0; d < best_.size(); ++d) {
      best_[d] = std::max(best_[d], point[d]);
      worst[d] = std::min(worst[d], point[d]);
    }
  }
  for (std::size_t d = 0; d < best_.size(); ++d) extent_.push_back(best_[d] - worst[d]);
  std::vector<std::vector<double>> turned = points;  // pareto_front minimises
  for (std::vector<double>& point : turned) {
    for (double& value : point) value = -value;
  }
  front_ = pareto_front(turned);
  std::vector<std::vector<double>> own;
  for (const std::size_t i : front_) own.push_back(std::move(points[i]));
  hypervolume_ = hypervolume(own);
}

bool FrontArchive::add(std::uint32_t row, std::span<const double> merits) {
  const auto covers = [](std::span<const double> a, std::span<const double> b) {
    for (std::size_t d = 0; d < a.size(); ++d) {
      if (a[d] < b[d]) return false;
    }
    return true;
  };
  for (const std::vector<double>& point : points_) {
    if (covers(point, merits)) return false;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (covers(merits, points_[i])) continue;
    if (kept != i) {
      points_[kept] = std::move(points_[i]);
      rows_[kept] = rows_[i];
    }
    ++kept;
  }
  points_.resize(kept);
  rows_.resize(kept);
  points_.emplace_back(merits.begin(), merits.end());
  rows_.push_back(row);
  return true;
}

double TableFront::hypervolume(std::span<const std::vector<double>> points) const {
  if (best_.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  std::vector<std::vector<double>> scaled;
  for (const std::vector<double>& point : points) {
    std::vector<double>& distances =
        scaled.emplace_back();  // from the best, as parts of the extent
    for (std::size_t d = 0; d < point.size(); ++d) {
      distances.push_back(extent_[d] > 0 ? (best_[d] - point[d]) / extent_[d] : 0);
    }
  }
  const std::vector<double> corner(best_.size(), 1.0);
  return nas::hypervolume(scaled, corner);
}

std::vector<double> hypervolume_so_far(const TableFront& all,
                                       std::span<const std::vector<double>> steps) {
  FrontArchive found;
  std::vector<double> volumes;
  double volume = 0;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const bool news =
        !steps[step].empty() && found.add(static_cast<std::uint32_t>(step), steps[step]);
    if (news) volume = all.hypervolume(found.points());
    volumes.push_back(volume);
  }
  return volumes;
}

}  // namespace nas
