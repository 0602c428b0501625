#include <memory>
#include <string>

#include "searchspaces/notations.h"
#include "searchspaces/ofa_mobile.h"

// The ProxylessNAS space of Once-for-All at its released width multiplier of 1.3: five stages of
// two to four inverted residual blocks and a last block of its own, which always exists.
//
// The text has the existing blocks only; a list of 21 slots, as the released code samples, is read
// without the genes that have no effect.

namespace nas {
namespace {

OfaMobileFamily make_family() {
  return {.name = "ofa_proxyless",
          .multipliers = {1.3},
          .stages = proxyless_stages(),
          .stem_width = 32,
          .first_width = 16,
          .final_width = 0,
          .feature_width = 1280};
}

struct ProxylessOptions {
  std::string grid = "fine";
};
constexpr Field<ProxylessOptions> kFields[] = {
    {.name = "grid",
     .member = &ProxylessOptions::grid,
     .meaning = "resolutions to choose from: fine has every fourth from 128 to 260; coarse has "
                "160, 176, 192, 208 and 224",
     .source = kOfaGridSource,
     .choices = "fine|coarse"}};

ProxylessOptions parse_options(const OptionMap& options) {
  return parse_fields<ProxylessOptions>(kFields, options, "space 'ofa_proxyless'");
}

class OfaProxyless final : public ProxylessTrunkSpace, public Notations {
 public:
  explicit OfaProxyless(const ProxylessOptions& options)
      : ProxylessTrunkSpace(make_family(), "",
                            options.grid == "fine" ? ofa_resolutions() : ofa_coarse_resolutions()) {
  }

  std::span<const Notation> notations() const override { return ofa_proxyless_notations(); }
};

}  // namespace

extern constinit const Plugin<SearchSpace> ofa_proxyless_search_space{
    "ofa_proxyless",
    "elastic depth, kernel, width and resolution on the widths of ProxylessNAS times 1.3; 2 x "
    "10^20 networks for each resolution",
    "Cai, Gan, Wang, Zhang and Han, Once-for-All: Train One Network and Specialize it for "
    "Efficient Deployment, ICLR 2020, arXiv 1908.09791",
    [] { return describe_fields<ProxylessOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<ProxylessOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<OfaProxyless>(parse_options(options));
    }};

}  // namespace nas
