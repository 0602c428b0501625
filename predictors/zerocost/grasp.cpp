#include <array>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct GraspOptions {
  bool exact = false;
};

constexpr std::array kFields = {
    Field<GraspOptions>{"exact", &GraspOptions::exact,
                        "differentiate layers in front of batch normalisation twice too, instead "
                        "of taking |g|^2, which is equal up to the epsilon of the normalisation"},
};

GraspOptions parse(const OptionMap& options) {
  return parse_fields<GraspOptions>(kFields, options, "proxy 'grasp'");
}

/// -<w, H g> of one batch.
double gradient_flow(const LayerEvidence& layer) {
  double sum = 0;
  for (std::size_t i = 0; i < layer.hessian_gradient.size(); ++i) {
    sum -= static_cast<double>(layer.weights[i]) * static_cast<double>(layer.hessian_gradient[i]);
  }
  return sum;
}

double squared_norm(const std::vector<float>& gradient) {
  double sum = 0;
  for (const float g : gradient) sum += static_cast<double>(g) * static_cast<double>(g);
  return sum;
}

/// Temperature 1, one iteration, the same batch in both passes. The sign is that of the proxy's
/// code, opposite to the pruning criterion's.
class Grasp final : public Proxy {
 public:
  explicit Grasp(const GraspOptions& options) : exact_(options.exact) {}
  std::uint32_t needs() const override {
    return kNeedsWeights | kNeedsGradients | kNeedsHessian | (exact_ ? kNeedsFullHessian : 0U);
  }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (const LayerEvidence& layer : evidence.layers) {
      const bool by_norm = layer.layer.normalised && !exact_;
      const double value =
          by_norm ? mean_over_batches(evidence, layer, squared_norm)
                  : gradient_flow(layer) / static_cast<double>(evidence.averaged_batches);
      scores[0].layers.push_back(value);
      scores[0].value += value;
    }
  }

 private:
  bool exact_;
};

}  // namespace

extern constinit const Plugin<Proxy> grasp_proxy{
    "grasp",
    "minus sum of weight x (Hessian x gradient); ranks only, values reach 1e6",
    "C. Wang, G. Zhang, R. Grosse: GraSP, ICLR 2020, arXiv:2002.07376; as a proxy: Abdelfattah et "
    "al., ICLR 2021, arXiv:2101.08134",
    [] { return describe_fields<GraspOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<GraspOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Grasp>(parse(options));
    }};

}  // namespace nas
