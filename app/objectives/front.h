#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nas {

/// The Pareto front of a table, and how near another set of points comes to it. Points are merits:
/// finite, larger is better, one value per objective.
class TableFront {
 public:
  /// `points`: all of the table, one dimension. Requires at least one objective.
  explicit TableFront(std::vector<std::vector<double>> points);

  std::span<const std::size_t> front() const { return front_; }  ///< numbers of points, ascending
  /// The part of the box from the worst to the best value of each objective in the table that
  /// `points` dominate. 1 would need one point that is best in everything. NaN in one dimension; 0
  /// for no points.
  double hypervolume(std::span<const std::vector<double>> points) const;
  double hypervolume() const { return hypervolume_; }  ///< of the table's own front

 private:
  std::vector<std::size_t> front_;
  std::vector<double> best_, extent_;
  double hypervolume_ = 0;
};

/// The front of points that come one by one.
class FrontArchive {
 public:
  /// False when a kept point is as good in everything; else keeps it and drops what it beats.
  bool add(std::uint32_t row, std::span<const double> merits);
  const std::vector<std::uint32_t>& rows() const { return rows_; }
  std::span<const std::vector<double>> points() const { return points_; }

 private:
  std::vector<std::uint32_t> rows_;
  std::vector<std::vector<double>> points_;
};

/// The hypervolume in the box of `all` of what was found by each step, the steps before included.
/// An empty step has found nothing.
std::vector<double> hypervolume_so_far(const TableFront& all,
                                       std::span<const std::vector<double>> steps);

}  // namespace nas
