#include "hwmodels/non_negative_fit.h"

#include <cmath>
#include <optional>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// By elimination with pivots; nullopt for a singular matrix.
std::optional<std::vector<double>> solve(Matrix a, std::vector<double> b) {
  constexpr double kSingular = 1e-12;  // columns have length 1
  const std::size_t n = b.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    if (std::abs(a[pivot][column]) < kSingular) return std::nullopt;
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t i = column; i < n; ++i) a[row][i] -= factor * a[column][i];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t i = row + 1; i < n; ++i) b[row] -= a[row][i] * b[i];
    b[row] /= a[row][row];
  }
  return b;
}

/// A'A and A'b of columns that are scaled to length 1.
struct Normal {
  std::vector<double> lengths;
  Matrix products;
  std::vector<double> targets;
};

Normal normal_equations(std::span<const double> rows, std::size_t width,
                        std::span<const double> targets) {
  Normal normal{std::vector<double>(width, 0), Matrix(width, std::vector<double>(width, 0)),
                std::vector<double>(width, 0)};
  for (std::size_t row = 0; row < targets.size(); ++row) {
    const std::span<const double> a = rows.subspan(row * width, width);
    for (std::size_t i = 0; i < width; ++i) {
      for (std::size_t j = 0; j < width; ++j) normal.products[i][j] += a[i] * a[j];
      normal.targets[i] += a[i] * targets[row];
    }
  }
  for (std::size_t i = 0; i < width; ++i) normal.lengths[i] = std::sqrt(normal.products[i][i]);
  for (std::size_t i = 0; i < width; ++i) {
    const double length = normal.lengths[i];
    if (length > 0) normal.targets[i] /= length;
    for (std::size_t j = 0; j < width; ++j) {
      const double both = length * normal.lengths[j];
      if (both > 0) normal.products[i][j] /= both;
    }
  }
  return normal;
}

}  // namespace

std::vector<double> fit_non_negative(std::span<const double> rows, std::size_t width,
                                     std::span<const double> targets) {
  constexpr std::size_t kMostUnknowns = 10;
  NAS_CHECK(width >= 1 && width <= kMostUnknowns && rows.size() == width * targets.size(),
            "a fit of few unknowns");
  const Normal normal = normal_equations(rows, width, targets);
  std::vector<double> best(width, 0);
  double least = 0;  // |A x - b|^2 - |b|^2
  for (std::size_t subset = 1; subset < std::size_t{1} << width; ++subset) {
    std::vector<std::size_t> chosen;
    bool empty = false;
    for (std::size_t i = 0; i < width; ++i) {
      if ((subset >> i & 1U) == 0) continue;
      empty = empty || normal.lengths[i] == 0;
      chosen.push_back(i);
    }
    if (empty) continue;
    Matrix a(chosen.size(), std::vector<double>(chosen.size()));
    std::vector<double> b(chosen.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      b[i] = normal.targets[chosen[i]];
      for (std::size_t j = 0; j < chosen.size(); ++j) {
        a[i][j] = normal.products[chosen[i]][chosen[j]];
      }
    }
    const auto solution = solve(a, b);
    if (!solution) continue;
    double value = 0;
    bool negative = false;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      negative = negative || (*solution)[i] < 0;
      value -= (*solution)[i] * b[i];  // at a stationary point x'A'A x = x'A'b
    }
    if (negative || value >= least) continue;
    least = value;
    best.assign(width, 0);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      best[chosen[i]] = (*solution)[i] / normal.lengths[chosen[i]];
    }
  }
  return best;
}

}  // namespace nas
