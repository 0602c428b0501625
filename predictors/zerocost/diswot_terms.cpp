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

double length(std::span<const double> row) {
  double square = 0;
  for (const double value : row) square += value * value;
  return std::max(std::sqrt(square), kSmallestNorm);
}

int sign(double value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
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
    const double t_length = length(t), s_length = length(s);
    // sum over i of |a_i u - b_i v|^2 with signs a, b and directions u, v; a zero entry has sign 0.
    double uu = 0, vv = 0, uv = 0;
    int t_signs = 0, s_signs = 0, agreement = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const double u = t[i] / t_length, v = s[i] / s_length;
      uu += u * u;
      vv += v * v;
      uv += u * v;
      t_signs += sign(t[i]) * sign(t[i]);
      s_signs += sign(s[i]) * sign(s[i]);
      agreement += sign(t[i]) * sign(s[i]);
    }
    sum += t_signs * uu + s_signs * vv - 2 * agreement * uv;
  }
  return -sum / static_cast<double>(teacher.classes * width);
}

}  // namespace nas
