#include "predictors/transfer/ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "core/util/error.h"

namespace nas {

double LinearModel::predict(std::span<const double> row) const {
  double sum = intercept;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * row[i];
  return sum;
}

std::vector<LinearModel> fit_ridge(std::span<const double> rows, std::size_t width,
                                   std::span<const double> targets,
                                   std::span<const double> penalties) {
  NAS_CHECK(rows.size() == width * targets.size() && !targets.empty(), "one row for each target");
  using Matrix = Eigen::MatrixXd;
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(targets.size());
  Matrix x = Eigen::Map<const RowMajor>(rows.data(), n, static_cast<Eigen::Index>(width));
  Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(targets.data(), n);
  const Eigen::RowVectorXd centre = x.colwise().mean();
  const double level = y.mean();
  x.rowwise() -= centre;
  y.array() -= level;
  Matrix squares = Matrix::Zero(x.cols(), x.cols());
  squares.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose());
  const Eigen::VectorXd moments = x.transpose() * y;
  std::vector<LinearModel> models;
  for (const double penalty : penalties) {
    Matrix a = squares.selfadjointView<Eigen::Lower>();
    a.diagonal().array() += penalty;
    const Eigen::VectorXd w = a.ldlt().solve(moments);
    models.push_back({{w.data(), w.data() + w.size()}, level - centre.dot(w)});
  }
  return models;
}

}  // namespace nas
