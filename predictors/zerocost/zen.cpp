#include <array>
#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct ZenOptions {
  std::string variance = "running";
};

constexpr std::array kFields = {
    Field<ZenOptions>{"variance", &ZenOptions::variance,
                      "\"running\": what the layers hold after two passes with their momentum, as "
                      "in the released code; \"exact\": the variance of the batches",
                      "", -std::numeric_limits<double>::infinity(),
                      std::numeric_limits<double>::infinity(), "Zen-NAS, released code",
                      "running|exact"},
};

ZenOptions parse(const OptionMap& options) {
  return parse_fields<ZenOptions>(kFields, options, "proxy 'zen'");
}

class Zen final : public Proxy {
 public:
  explicit Zen(const ZenOptions& options) : running_(options.variance == "running") {}
  std::uint32_t needs() const override { return kNeedsGaussianNet; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    scores[0].value = std::log(evidence.zen_response);
    for (const auto& [running, exact] : evidence.zen_variances) {
      const double variance = running_ ? running : exact;
      // A layer that receives only zeros has no exact variance to rescale.
      if (variance > 0) scores[0].value += std::log(variance) / 2;
    }
  }

 private:
  bool running_;
};

}  // namespace

extern constinit const Plugin<Proxy> zen_proxy{
    "zen",
    "response of a network of N(0,1) weights to a small change of noise, rescaled by BN",
    "M. Lin et al.: Zen-NAS, ICCV 2021, arXiv:2102.01063",
    [] { return describe_fields<ZenOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<ZenOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Zen>(parse(options));
    }};

}  // namespace nas
