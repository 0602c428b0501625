#include "core/gp/box_search.h"

#include <ceres/ceres.h>
#include <glog/logging.h>

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

// Minimises -f over an unbounded u with x = middle + half * sin(u / half): the bounds are reached
// at a finite u and never left. In the middle u moves as x does: Ceres tries a first step of length
// one, which in angles would jump over most of a likelihood.
class SineBox final : public ceres::FirstOrderFunction {
 public:
  SineBox(std::span<const double> low, std::span<const double> high, const BoxFunction& function)
      : low_(low), high_(high), function_(function) {}

  int NumParameters() const override { return static_cast<int>(low_.size()); }

  bool Evaluate(const double* const u, double* cost, double* gradient) const override {
    const std::vector<double> x = point(u);
    std::vector<double> slope(gradient != nullptr ? x.size() : 0);
    *cost = -function_(x, slope);
    for (std::size_t i = 0; i < slope.size(); ++i) {
      gradient[i] = half(i) > 0 ? -slope[i] * std::cos(u[i] / half(i)) : 0;
      if (!std::isfinite(gradient[i])) return false;
    }
    return std::isfinite(*cost);
  }

  std::vector<double> point(const double* u) const {
    std::vector<double> x(low_.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double swing = half(i) > 0 ? half(i) * std::sin(u[i] / half(i)) : 0;
      x[i] = std::clamp(middle(i) + swing, low_[i], high_[i]);
    }
    return x;
  }

  std::vector<double> unbounded(std::span<const double> x) const {
    std::vector<double> u(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      // At a bound itself the slope by u vanishes, and the climb would never leave it.
      const double sine = half(i) > 0 ? (x[i] - middle(i)) / half(i) : 0;
      u[i] = half(i) * std::asin(std::clamp(sine, -0.999, 0.999));
    }
    return u;
  }

 private:
  double middle(std::size_t i) const { return (low_[i] + high_[i]) / 2; }
  double half(std::size_t i) const { return (high_[i] - low_[i]) / 2; }

  std::span<const double> low_, high_;
  const BoxFunction& function_;
};

// Ceres warns through glog, to stderr, when a line search meets a flat stretch; libraries do not
// print.
void silence_warnings() {
  static const bool silent = [] {
    FLAGS_minloglevel = google::GLOG_ERROR;
    return true;
  }();
  static_cast<void>(silent);
}

std::vector<double> uniform_points(const BoxSearch& search, std::size_t count, Rng& rng) {
  std::vector<double> points(count * search.dimensions);
  for (double& x : points) x = rng.uniform(search.low, search.high);
  return points;
}

}  // namespace

std::vector<double> climb_in_box(std::span<const double> low, std::span<const double> high,
                                 std::span<const double> start, int max_iterations,
                                 const BoxFunction& function, double& value) {
  silence_warnings();
  auto* box = new SineBox(low, high, function);  // owned by the problem
  const ceres::GradientProblem problem(box);
  std::vector<double> u = box->unbounded(start);
  ceres::GradientProblemSolver::Options options;
  options.line_search_direction_type = ceres::LBFGS;
  options.max_num_iterations = max_iterations;
  options.function_tolerance = 1e-9;
  options.logging_type = ceres::SILENT;
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(options, problem, u.data(), &summary);
  std::vector<double> x = box->point(u.data());
  value = function(x, {});
  return x;
}

std::vector<double> maximise_in_box(const BoxSearch& search, const BoxBatch& batch,
                                    const BoxFunction& function, Rng rng) {
  NAS_CHECK(search.dimensions > 0 && search.points > 0, "an empty box search");
  const std::size_t dims = search.dimensions;
  const std::vector<double> points = uniform_points(search, search.points, rng);
  const std::vector<double> values = batch(points);
  const auto best =
      static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
  std::span<const double> row = std::span(points).subspan(best * dims, dims);
  std::vector<double> incumbent(row.begin(), row.end());
  double incumbent_value = values[best];
  const std::vector<double> low(dims, search.low), high(dims, search.high);
  const std::vector<double> starts = uniform_points(search, search.starts, rng);
  for (std::size_t i = 0; i < search.starts; ++i) {
    double value = 0;
    std::vector<double> x =
        climb_in_box(low, high, std::span(starts).subspan(i * dims, dims), 100, function, value);
    if (std::isfinite(value) && value >= incumbent_value) {
      incumbent = std::move(x);
      incumbent_value = value;
    }
  }
  return incumbent;
}

}  // namespace nas
