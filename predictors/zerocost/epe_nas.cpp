#include <cmath>
#include <map>

#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

constexpr double kShift = 1e-5;
constexpr std::int64_t kManyClasses = 100;

/// Rows of one class after the other, classes ascending.
std::map<std::int64_t, std::vector<float>> by_class(const std::vector<float>& jacobian,
                                                    const std::vector<std::int64_t>& labels) {
  std::map<std::int64_t, std::vector<float>> rows;
  const std::size_t width = jacobian.size() / labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::vector<float>& of_class = rows[labels[i]];
    of_class.insert(of_class.end(), jacobian.begin() + static_cast<std::ptrdiff_t>(i * width),
                    jacobian.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  }
  return rows;
}

double class_score(const std::vector<double>& correlations, bool many) {
  double sum = 0;
  for (const double r : correlations) sum += std::log(std::abs(r) + kShift);
  return many ? sum / static_cast<double>(correlations.size()) : sum;
}

/// More than 100 classes: differences between classes instead of sums; a class seen once is left
/// out there (the code's division fails on it).
double batch_score(const std::vector<float>& jacobian, const std::vector<std::int64_t>& labels,
                   std::int64_t classes) {
  const bool many = classes > kManyClasses;
  const auto width = static_cast<std::int64_t>(jacobian.size() / labels.size());
  std::vector<double> scores;
  double total = 0;
  for (const auto& [label, rows] : by_class(jacobian, labels)) {
    const std::int64_t images = static_cast<std::int64_t>(rows.size()) / width;
    if (many && images < 2) continue;
    scores.push_back(class_score(row_correlations(rows, images), many));
    total += std::abs(scores.back());
  }
  if (!many) return total;
  total = 0;
  for (const double a : scores) {
    for (const double b : scores) total += std::abs(a - b);
  }
  return total / static_cast<double>(std::max<std::size_t>(scores.size(), 1));
}

class EpeNas final : public Proxy {
 public:
  std::uint32_t needs() const override { return kNeedsJacobian; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (std::size_t b = 0; b < evidence.jacobians.size(); ++b) {
      scores[0].value += batch_score(evidence.jacobians[b], evidence.labels[b], evidence.classes) /
                         static_cast<double>(evidence.averaged_batches);
    }
  }
};

}  // namespace

extern constinit const Plugin<Proxy> epe_nas_proxy{
    "epe_nas",
    "correlations of the input gradients within each class",
    "V. Lopes, S. Alirezazadeh, L. A. Alexandre: EPE-NAS, ICANN 2021, arXiv:2102.08099",
    no_fields,
    resolve_no_options,
    make_simple_proxy<EpeNas>};

}  // namespace nas
