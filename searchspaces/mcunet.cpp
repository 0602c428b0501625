#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/notations.h"
#include "searchspaces/ofa_mobile.h"

// The space of TinyNAS (Lin, Chen, Lin, Cohn, Gan and Han, MCUNet, NeurIPS 2020, arXiv 2007.10319,
// section 3.1): the ProxylessNAS trunk with a width multiplier and a resolution for the whole
// network, and elastic kernels, expansions and depths. Nine widths times twelve resolutions are
// 108 spaces; an option that fixes both picks one of them.

namespace nas {
namespace {

constexpr std::array kWidths{0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
constexpr std::array<std::int64_t, 12> kResolutions{48,  64,  80,  96,  112, 128,
                                                    144, 160, 176, 192, 208, 224};
constexpr std::string_view kSource = "arXiv 2007.10319, section 3.1";

struct McunetOptions {
  std::string width = "all";
  std::string resolution = "all";
  bool feature_mix = true;
  std::string halvings = "auto";
};
constexpr Field<McunetOptions> kFields[] = {
    {.name = "width",
     .member = &McunetOptions::width,
     .meaning = "multiplier of all widths: one of them, or all to choose from",
     .source = kSource,
     .choices = "all|0.2|0.3|0.4|0.5|0.6|0.7|0.8|0.9|1"},
    {.name = "resolution",
     .member = &McunetOptions::resolution,
     .meaning = "pixels of a side of the input: one of them, or all to choose from",
     .source = kSource,
     .choices = "all|48|64|80|96|112|128|144|160|176|192|208|224"},
    {.name = "feature_mix",
     .member = &McunetOptions::feature_mix,
     .meaning = "the last 1x1 convolution, which takes much of the flash of a small network",
     .source = "code of MCUNet"},
    {.name = "halvings",
     .member = &McunetOptions::halvings,
     .meaning = "how often the image is halved. auto is 5, but not below 4 pixels for images below "
                "48. 4 leaves out the stem's halving, 3 that of the last stage too, 2 one more: "
                "for images of 32 pixels",
     .source = "auto: arXiv 2007.10319; fewer: our choice",
     .choices = "auto|5|4|3|2"}};

McunetOptions parse_options(const OptionMap& options) {
  return parse_fields<McunetOptions>(kFields, options, "space 'mcunet'");
}

std::vector<double> widths(const McunetOptions& options) {
  if (options.width != "all") return {parse_double(options.width).value()};
  return {kWidths.begin(), kWidths.end()};
}

std::vector<std::int64_t> resolutions(const McunetOptions& options) {
  if (options.resolution != "all") return {parse_int(options.resolution).value()};
  return {kResolutions.begin(), kResolutions.end()};
}

/// As part of a network's settings: what is at its default is left out, so that hashes and texts of
/// earlier versions stay.
std::string network_settings(const McunetOptions& options) {
  std::string settings;
  if (!options.feature_mix) settings += "; space.feature_mix=false";
  if (options.halvings != "auto") settings += "; space.halvings=" + options.halvings;
  return settings;
}

OfaMobileFamily make_family(const McunetOptions& options) {
  return {.name = "mcunet",
          .multipliers = widths(options),
          .elastic_width = true,
          .stages = proxyless_stages(),
          .stem_width = 32,
          .first_width = 16,
          .final_width = 0,
          .feature_width = options.feature_mix ? 1280 : 0,
          .version = "2",
          .smallest_side = kResolutions.front(),
          .halvings = options.halvings == "auto"
                          ? std::nullopt
                          : std::optional<int>(parse_int(options.halvings).value())};
}

class Mcunet final : public ProxylessTrunkSpace, public Notations {
 public:
  explicit Mcunet(const McunetOptions& options)
      : ProxylessTrunkSpace(make_family(options), network_settings(options), resolutions(options)) {
  }
  std::span<const Notation> notations() const override { return mcunet_notations(); }
};

}  // namespace

extern constinit const Plugin<SearchSpace> mcunet_search_space{
    "mcunet",
    "width, resolution, elastic depth, kernel and expansion on the ProxylessNAS trunk, for "
    "microcontrollers; 2 x 10^22 networks",
    "Lin, Chen, Lin, Cohn, Gan and Han, MCUNet: Tiny Deep Learning on IoT Devices, NeurIPS 2020, "
    "arXiv 2007.10319",
    [] { return describe_fields<McunetOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<McunetOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<Mcunet>(parse_options(options));
    }};

}  // namespace nas
