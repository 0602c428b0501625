#include <array>
#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct GradSignOptions {
  std::string over = "mean";
};

constexpr std::array kFields = {
    Field<GradSignOptions>{"over", &GradSignOptions::over,
                           "\"mean\" over all weights as the released code; \"sum\" as the paper's "
                           "formula. Layers that no output needs change the mean only",
                           "", -std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::infinity(), "GradSign, released code",
                           "mean|sum"},
};

GradSignOptions parse(const OptionMap& options) {
  return parse_fields<GradSignOptions>(kFields, options, "proxy 'gradsign'");
}

class GradSign final : public Proxy {
 public:
  explicit GradSign(const GradSignOptions& options) : mean_(options.over == "mean") {}
  std::uint32_t needs() const override { return kNeedsSampleSigns; }
  bool sees_dead_nodes() const override { return mean_; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    std::size_t weights = 0;
    for (const LayerEvidence& layer : evidence.layers) {
      double sum = 0;
      for (const float sign : layer.sample_signs) sum += static_cast<double>(std::abs(sign));
      scores[0].layers.push_back(sum);
      scores[0].value += sum;
      weights += layer.sample_signs.size();
    }
    if (!mean_) return;
    for (double& layer : scores[0].layers) layer /= static_cast<double>(weights);
    scores[0].value /= static_cast<double>(weights);
  }

 private:
  bool mean_;
};

}  // namespace

extern constinit const Plugin<Proxy> gradsign_proxy{
    "gradsign",
    "how many images agree on the sign of each weight's gradient",
    "Z. Zhang, Z. Jia: GradSign: Model Performance Inference with Theoretical Insights, ICLR 2022, "
    "arXiv:2110.08616",
    [] { return describe_fields<GradSignOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<GradSignOptions>(kFields, parse(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<GradSign>(parse(options));
    }};

}  // namespace nas
