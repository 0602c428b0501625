#include <array>
#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct SynflowOptions {
  bool log = false;
};

constexpr std::array kFields = {
    Field<SynflowOptions>{"log", &SynflowOptions::log,
                          "natural logarithm of the sum, as NAS-Bench-Suite-Zero stores it"},
};

SynflowOptions parse(const OptionMap& options) {
  return parse_fields<SynflowOptions>(kFields, options, "proxy 'synflow'");
}

class Synflow final : public Proxy {
 public:
  explicit Synflow(const SynflowOptions& options) : options_(options) {}
  std::uint32_t needs() const override { return kNeedsFlow; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (const LayerEvidence& layer : evidence.layers) {
      scores[0].layers.push_back(layer.flow);
      scores[0].value += layer.flow;
    }
    // NASLib leaves 0 as it is.
    if (options_.log && scores[0].value > 0) scores[0].value = std::log(scores[0].value);
  }

 private:
  SynflowOptions options_;
};

}  // namespace

extern constinit const Plugin<Proxy> synflow_proxy{
    "synflow",
    "sum of |weight x gradient| of the network made positive, without data and BN",
    "H. Tanaka, D. Kunin, D. Yamins, S. Ganguli: SynFlow, NeurIPS 2020, arXiv:2006.05467; as a "
    "proxy: Abdelfattah et al., ICLR 2021, arXiv:2101.08134",
    [] { return describe_fields<SynflowOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<SynflowOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Synflow>(parse(options));
    }};

}  // namespace nas
