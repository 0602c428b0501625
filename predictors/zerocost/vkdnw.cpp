#include <algorithm>
#include <cmath>
#include <limits>

#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

/// Linear interpolation between order statistics of ascending values.
double quantile(const std::vector<double>& values, double fraction) {
  const double at = fraction * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

/// Entropy of the nine deciles of the spectrum, normalised to sum 1.
double decile_entropy(std::vector<double> eigenvalues) {
  for (double& v : eigenvalues) v = std::max(v, 0.0);
  double total = 0;
  for (int d = 1; d <= 9; ++d) total += quantile(eigenvalues, d / 10.0);
  if (!(total > 0)) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (int d = 1; d <= 9; ++d) {
    const double p = quantile(eigenvalues, d / 10.0) / total;
    if (p > 0) sum -= p * std::log(p);
  }
  return sum;
}

class Vkdnw final : public Proxy {
 public:
  std::uint32_t needs() const override { return kNeedsFisherMatrix; }
  std::vector<std::string> outputs() const override { return {"entropy", "single"}; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    const bool finite = std::all_of(evidence.fisher_matrix.begin(), evidence.fisher_matrix.end(),
                                    [](double value) { return std::isfinite(value); });
    scores[0].value =
        finite
            ? decile_entropy(symmetric_eigenvalues(evidence.fisher_matrix, evidence.fisher_tensors))
            : std::numeric_limits<double>::quiet_NaN();
    scores[1].value = static_cast<double>(evidence.parameter_tensors) + scores[0].value;
  }
};

}  // namespace

extern constinit const Plugin<Proxy> vkdnw_proxy{
    "vkdnw",
    "entropy of the spectrum of a small Fisher matrix; \"single\" adds the tensor count",
    "O. Tybl, L. Neumann: Training-free Neural Architecture Search through Variance of Knowledge "
    "of Deep Network Weights, CVPR 2025",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Vkdnw>};

}  // namespace nas
