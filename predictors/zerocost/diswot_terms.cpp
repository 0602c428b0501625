#include "predictors/zerocost/diswot_terms.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr double kSmallestNorm = 1e-12;

std::span<const double> row_of(const std::vector<double>& matrix, std::size_t row,
                               std::size_t width) {
  return std::span(matrix).subspan(row * width, width);
}

double square(std::span<const double> row) {
  double sum = 0;
  for (const double value : row) sum += value * value;
  return sum;
}

double length(std::span<const double> row) {
  return std::max(std::sqrt(square(row)), kSmallestNorm);
}

/// What a row g_i g of g g^T is multiplied by, times g_i: sign(g_i) / |g|, unless the row is too
/// short to be normalised.
double row_factor(double g_i, double g_square) {
  return g_i / std::max(std::abs(g_i) * std::sqrt(g_square), kSmallestNorm);
}

}  // namespace

double relation_similarity(const NetworkRelations& teacher, const NetworkRelations& student) {
  NAS_CHECK(teacher.images == student.images, "relations of the same images");
  const std::size_t n = teacher.images;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto t = row_of(teacher.gram, i, n), s = row_of(student.gram, i, n);
    const double t_length = length(t), s_length = length(s);
    for (std::size_t j = 0; j < n; ++j) {
      const double difference = t[j] / t_length - s[j] / s_length;
      sum += difference * difference;
    }
  }
  return -sum / static_cast<double>(n * n);
}

double semantic_similarity(const NetworkRelations& teacher, const NetworkRelations& student) {
  NAS_CHECK(teacher.classes == student.classes && teacher.channels == student.channels,
            "gradients of classifiers of one size");
  const std::size_t width = teacher.channels;
  double sum = 0;
  for (std::size_t k = 0; k < teacher.classes; ++k) {
    const auto t = row_of(teacher.gradients, k, width), s = row_of(student.gradients, k, width);
    const double tt = square(t), ss = square(s);
    double ts = 0;
    for (std::size_t i = 0; i < width; ++i) ts += t[i] * s[i];
    // Row i of a channel matrix is a_i g, so that |A_T - A_S|^2 needs inner products only.
    for (std::size_t i = 0; i < width; ++i) {
      const double a = row_factor(t[i], tt), b = row_factor(s[i], ss);
      sum += a * a * tt + b * b * ss - 2 * a * b * ts;
    }
  }
  return -sum / static_cast<double>(teacher.classes * width);
}

}  // namespace nas
