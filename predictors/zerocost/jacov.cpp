#include <array>
#include <cmath>

#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

struct JacovOptions {
  bool skip_null = false;
};

constexpr std::array kFields = {
    Field<JacovOptions>{"skip_null", &JacovOptions::skip_null,
                        "leave eigenvalues below 1e-8 out: each of them contributes about -1e5, "
                        "which makes the published score bimodal"},
};

JacovOptions parse(const OptionMap& options) {
  return parse_fields<JacovOptions>(kFields, options, "proxy 'jacov'");
}

constexpr double kShift = 1e-5;
constexpr double kNull = 1e-8;

/// At most about -batch: the size of the batch shifts the scale.
double spectrum_score(const std::vector<double>& correlations, std::int64_t batch, bool skip_null) {
  for (const double value : correlations) {
    // A constant row: the original fails too.
    if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  }
  double score = 0;
  for (const double v : symmetric_eigenvalues(correlations, batch)) {
    if (skip_null && v < kNull) continue;
    score -= std::log(v + kShift) + 1 / (v + kShift);
  }
  return score;
}

class Jacov final : public Proxy {
 public:
  explicit Jacov(const JacovOptions& options) : options_(options) {}
  std::uint32_t needs() const override { return kNeedsJacobian; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (const std::vector<float>& jacobian : evidence.jacobians) {
      scores[0].value += spectrum_score(row_correlations(jacobian, evidence.batch), evidence.batch,
                                        options_.skip_null) /
                         static_cast<double>(evidence.averaged_batches);
    }
    if (std::isnan(scores[0].value)) scores[0].note = "an image whose input gradient is constant";
  }

 private:
  JacovOptions options_;
};

}  // namespace

extern constinit const Plugin<Proxy> jacov_proxy{
    "jacov",
    "how uncorrelated the input gradients of different images are",
    "J. Mellor, J. Turner, A. Storkey, E. Crowley: Neural Architecture Search without Training "
    "(first version), 2020, arXiv:2006.04647",
    [] { return describe_fields<JacovOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<JacovOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Jacov>(parse(options));
    }};

}  // namespace nas
