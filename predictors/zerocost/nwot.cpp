#include <array>
#include <cmath>

#include "predictors/zerocost/kernels.h"
#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

struct NwotOptions {
  std::string relus = "all";
};

constexpr std::array kFields = {
    Field<NwotOptions>{"relus", &NwotOptions::relus,
                       "\"all\" ReLUs of the network, as NAS-Bench-Suite-Zero counts; \"used\" "
                       "only those that an output needs, as the original does",
                       "", -std::numeric_limits<double>::infinity(),
                       std::numeric_limits<double>::infinity(), "NAS-Bench-Suite-Zero", "all|used"},
};

NwotOptions parse(const OptionMap& options) {
  return parse_fields<NwotOptions>(kFields, options, "proxy 'nwot'");
}

class Nwot final : public Proxy {
 public:
  explicit Nwot(const NwotOptions& options) : all_(options.relus == "all") {}
  std::uint32_t needs() const override {
    return all_ ? kNeedsPatterns | kNeedsDeadNodes : std::uint32_t{kNeedsPatterns};
  }
  bool sees_dead_nodes() const override { return all_; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    const auto n = static_cast<std::size_t>(evidence.batch);
    for (const std::vector<SignPattern>& patterns : evidence.patterns) {
      // Counts of equal bits: exact in double.
      std::vector<double> kernel(n * n, 0);
      for (const SignPattern& pattern : patterns) {
        if (all_ || pattern.live) add_agreement(pattern, evidence.batch, kernel);
      }
      scores[0].value += log_abs_determinant(kernel, evidence.batch) /
                         static_cast<double>(evidence.averaged_batches);
    }
    if (!std::isfinite(scores[0].value)) scores[0].note = "images with equal ReLU patterns";
  }

 private:
  bool all_;
};

}  // namespace

extern constinit const Plugin<Proxy> nwot_proxy{
    "nwot",
    "how different the ReLU patterns of different images are",
    "J. Mellor, J. Turner, A. Storkey, E. Crowley: Neural Architecture Search without Training, "
    "ICML 2021, arXiv:2006.04647",
    [] { return describe_fields<NwotOptions>(kFields); },
    [](const OptionMap& options) { return fields_to_map<NwotOptions>(kFields, parse(options)); },
    [](const OptionMap& options) -> std::unique_ptr<Proxy> {
      return std::make_unique<Nwot>(parse(options));
    }};

}  // namespace nas
