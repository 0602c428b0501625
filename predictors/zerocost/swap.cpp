#include <array>
#include <bitset>
#include <cmath>

#include "core/ir/cost.h"
#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

struct SwapOptions {
  bool regularised = false;
  double mu = 40;
  double sigma = 40;
};

constexpr std::array kFields = {
    Field<SwapOptions>{"regularised", &SwapOptions::regularised,
                       "multiply by exp(-(P - mu)^2 / sigma), P the parameters"},
    Field<SwapOptions>{"mu", &SwapOptions::mu, "wanted parameters", "thousands", 0},
    Field<SwapOptions>{"sigma", &SwapOptions::sigma, "width of the preference", "thousands squared",
                       1e-9},
};

SwapOptions parse(const OptionMap& options) {
  return parse_fields<SwapOptions>(kFields, options, "proxy 'swap'");
}

constexpr std::size_t kMostImages = 16;

/// Patterns of a neuron over the images (not of an image over the neurons): at most 2^16.
std::size_t distinct_patterns(const Evidence& evidence) {
  std::bitset<std::size_t{1} << kMostImages> seen;
  const auto images = static_cast<std::size_t>(evidence.gaussian_images);
  for (const SignPattern& pattern : evidence.gaussian_patterns) {
    for (std::size_t unit = 0; unit < pattern.units; ++unit) {
      std::size_t code = 0;
      for (std::size_t b = 0; b < images; ++b) {
        const std::uint64_t word = pattern.bits[b * pattern.words + unit / 64];
        code |= static_cast<std::size_t>((word >> (unit % 64)) & 1U) << b;
      }
      seen.set(code);
    }
  }
  return seen.count();
}

class Swap final : public Proxy {
 public:
  explicit Swap(const SwapOptions& options) : options_(options) {}
  std::uint32_t needs() const override { return kNeedsGaussianPatterns; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    scores[0].value = static_cast<double>(distinct_patterns(evidence));
    if (!options_.regularised) return;
    const double off = static_cast<double>(graph_cost(*evidence.graph).params) / 1e3 - options_.mu;
    scores[0].value *= std::exp(-off * off / options_.sigma);
  }

 private:
  SwapOptions options_;
};

}  // namespace

extern constinit const Plugin<Proxy> swap_proxy{
    "swap",
    "number of distinct activation patterns of the neurons over 16 images",
    "Y. Peng et al.: SWAP-NAS: Sample-Wise Activation Patterns for Ultra-fast NAS, ICLR 2024, "
    "arXiv:2403.04161",
    [] { return describe_fields<SwapOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<SwapOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Swap>(parse(options));
    }};

}  // namespace nas
