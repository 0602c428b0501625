#include "predictors/gennape/spectrum.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace nas {

Spectrum spectrum_of(const CompGraph& graph) {
  const auto size = static_cast<Eigen::Index>(graph.nodes.size());
  std::vector<double> degree(graph.nodes.size());
  for (const auto& [from, to] : graph.edges) {
    degree[from] += 1;
    degree[to] += 1;
  }
  Eigen::MatrixXd laplacian = Eigen::MatrixXd::Identity(size, size);
  for (const auto& [from, to] : graph.edges) {
    const double value = -1 / std::sqrt(degree[from] * degree[to]);
    laplacian(from, to) = value;
    laplacian(to, from) = value;
  }
  Spectrum spectrum;
  spectrum.fill(2);
  if (size == 0) return spectrum;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(laplacian, Eigen::EigenvaluesOnly);
  const std::size_t known = std::min(kSpectrumSize, graph.nodes.size());
  for (std::size_t i = 0; i < known; ++i) {
    spectrum[i] = solver.eigenvalues()[static_cast<Eigen::Index>(i)];
  }
  return spectrum;
}

double spectral_distance(const Spectrum& a, const Spectrum& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kSpectrumSize; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

}  // namespace nas
