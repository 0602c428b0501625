#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// Sum over the weights of mean|g| / deviation(g), over the batches; weights whose gradient does
/// not vary are left out.
double signal_to_noise(const std::vector<std::vector<float>>& gradients) {
  const auto batches = static_cast<double>(gradients.size());
  double sum = 0;
  for (std::size_t i = 0; i < gradients[0].size(); ++i) {
    double mean = 0;
    double magnitude = 0;
    double squares = 0;
    for (const std::vector<float>& gradient : gradients) {
      const auto g = static_cast<double>(gradient[i]);
      mean += g / batches;
      magnitude += std::abs(g) / batches;
    }
    for (const std::vector<float>& gradient : gradients) {
      const double off = static_cast<double>(gradient[i]) - mean;
      squares += off * off / batches;
    }
    if (squares > 0) sum += magnitude / std::sqrt(squares);
  }
  return sum;
}

class Zico final : public Proxy {
 public:
  std::uint32_t needs() const override { return kNeedsGradients | kNeedsTwoBatches; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (const LayerEvidence& layer : evidence.layers) {
      const double sum = signal_to_noise(layer.gradients);
      const double value = sum > 0 ? std::log(sum) : 0;
      scores[0].layers.push_back(value);
      scores[0].value += value;
    }
  }
};

}  // namespace

extern constinit const Plugin<Proxy> zico_proxy{
    "zico",
    "mean over deviation of the gradients of several batches, logarithms of layer sums",
    "G. Li, Y. Yang, K. Bhardwaj, R. Marculescu: ZiCo, ICLR 2023, arXiv:2301.11300",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Zico>};

}  // namespace nas
