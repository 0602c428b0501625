#include <memory>
#include <string>

#include "searchspaces/notations.h"
#include "searchspaces/ofa_mobile.h"

// The MobileNetV3 space of Once-for-All: five stages of two to four inverted residual blocks, each
// with its own kernel and expansion ratio, and an input resolution.
//
// The text has the genes of all 20 slots: those without effect are kept (evolution carries them).
// Absent slots of a shorter text get the smallest kernel and ratio.

namespace nas {
namespace {

OfaMobileFamily make_family(double multiplier) {
  return {.name = "ofa_mobilenetv3",
          .multipliers = {multiplier},
          .stages = {{24, 4, 2, false, false},
                     {40, 4, 2, false, true},
                     {80, 4, 2, true, false},
                     {112, 4, 1, true, true},
                     {160, 4, 2, true, true}},
          .stem_width = 16,
          .first_width = 16,
          .final_width = 960,
          .feature_width = 1280};
}

struct OfaOptions {
  std::string width_multiplier = "1.0";
  std::string grid = "fine";
};
constexpr Field<OfaOptions> kFields[] = {
    {.name = "width_multiplier",
     .member = &OfaOptions::width_multiplier,
     .meaning = "factor of all channel counts, which are rounded to multiples of 8",
     .source = "arXiv 1908.09791, released supernets",
     .choices = "1.0|1.2"},
    {.name = "grid",
     .member = &OfaOptions::grid,
     .meaning = "resolutions to choose from: fine has every fourth from 128 to 260; coarse has "
                "160, 176, 192, 208 and 224, as the published latency table knows them",
     .source = kOfaGridSource,
     .choices = "fine|coarse"}};

OfaOptions parse_options(const OptionMap& options) {
  return parse_fields<OfaOptions>(kFields, options, "space 'ofa_mobilenetv3'");
}

class OfaMobileNetV3 final : public OfaMobileSpace,
                             public ActiveDecisions,
                             public IsomorphismKeys,
                             public Notations {
 public:
  explicit OfaMobileNetV3(const OfaOptions& options)
      : OfaMobileSpace(make_family(options.width_multiplier == "1.2" ? 1.2 : 1.0),
                       options.width_multiplier == "1.0"
                           ? ""
                           : "; space.width_multiplier=" + options.width_multiplier,
                       options.grid == "fine" ? ofa_resolutions() : ofa_coarse_resolutions()) {}

  std::vector<bool> active(Choices choices) const override { return effective(choices); }
  std::string format(const Architecture& architecture) const override {
    return text_of(architecture, true);
  }
  /// The text with the genes of existing blocks only, as published networks are given.
  std::string isomorphism_key(const Architecture& architecture) const override {
    return text_of(architecture, false);
  }
  std::span<const Notation> notations() const override { return ofa_mobilenetv3_notations(); }
};

}  // namespace

extern constinit const Plugin<SearchSpace> ofa_mobilenetv3_search_space{
    "ofa_mobilenetv3",
    "elastic depth, kernel, width and resolution of MobileNetV3; 2.2 x 10^19 networks for each "
    "resolution",
    "Cai, Gan, Wang, Zhang and Han, Once-for-All: Train One Network and Specialize it for "
    "Efficient "
    "Deployment, ICLR 2020, arXiv 1908.09791",
    [] { return describe_fields<OfaOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<OfaOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<OfaMobileNetV3>(parse_options(options));
    }};

}  // namespace nas
