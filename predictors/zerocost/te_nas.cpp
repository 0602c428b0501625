#include <array>
#include <cmath>
#include <map>

#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

struct TeNasOptions {
  std::int64_t images = 16;
};

constexpr std::array kFields = {
    Field<TeNasOptions>{"images", &TeNasOptions::images,
                        "images of the tangent kernel, at most those of the batch; each costs a "
                        "backward pass. Published comparisons on full networks take 64",
                        "", 2, 4096},
};

TeNasOptions parse(const OptionMap& options) {
  return parse_fields<TeNasOptions>(kFields, options, "proxy 'te_nas'");
}

/// The code replaces an undefined condition number by 1e5.
double condition_number(const Evidence& evidence) {
  constexpr double kUndefined = 1e5;
  for (const double value : evidence.tangent_kernel) {
    if (!std::isfinite(value)) return kUndefined;
  }
  const auto values = symmetric_eigenvalues(evidence.tangent_kernel, evidence.kernel_images);
  const double ratio = values.back() / values.front();
  return std::isfinite(ratio) ? ratio : kUndefined;
}

/// Images with different ReLU patterns.
std::size_t distinct_regions(const Evidence& evidence) {
  std::map<std::vector<std::uint64_t>, std::size_t> regions;
  for (std::size_t b = 0; b < static_cast<std::size_t>(evidence.batch); ++b) {
    std::vector<std::uint64_t> signs;
    for (const SignPattern& pattern : evidence.noise_patterns) {
      const auto begin = pattern.bits.begin() + static_cast<std::ptrdiff_t>(b * pattern.words);
      signs.insert(signs.end(), begin, begin + static_cast<std::ptrdiff_t>(pattern.words));
    }
    ++regions[std::move(signs)];
  }
  return regions.size();
}

class TeNas final : public Proxy {
 public:
  explicit TeNas(const TeNasOptions& options) : options_(options) {}
  std::uint32_t needs() const override { return kNeedsTangentKernel | kNeedsNoisePatterns; }
  std::int64_t kernel_images() const override { return options_.images; }
  std::vector<std::string> outputs() const override { return {"ntk", "regions"}; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    scores[0].value = -condition_number(evidence);
    const std::size_t regions = distinct_regions(evidence);
    scores[1].value = static_cast<double>(regions);
    if (regions == static_cast<std::size_t>(evidence.batch)) {
      scores[1].note = "saturated: every image has its own region; take a smaller network";
    }
  }

 private:
  TeNasOptions options_;
};

}  // namespace

extern constinit const Plugin<Proxy> te_nas_proxy{
    "te_nas",
    "condition of the tangent kernel, and number of linear regions (ranks are added)",
    "W. Chen, X. Gong, Z. Wang: Neural Architecture Search on ImageNet in Four GPU Hours, ICLR "
    "2021, arXiv:2102.11535",
    [] { return describe_fields<TeNasOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<TeNasOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<TeNas>(parse(options));
    }};

}  // namespace nas
