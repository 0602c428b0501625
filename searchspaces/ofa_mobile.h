#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/decision_effects.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/ofa_parts.h"

// The spaces of inverted residual blocks of Once-for-All (MobileNetV3, ProxylessNAS), which differ
// in a table only.

namespace nas {

struct OfaMobileStage {
  std::int64_t width;
  std::size_t slots;  ///< 1: of depth 1, no decision; such stages come last
  int stride;
  bool hard_swish;
  bool squeeze_excite;
};

/// One supernet.
struct OfaMobileFamily {
  std::string_view name;
  /// Of all widths; several only where the width is elastic.
  std::vector<double> multipliers;
  bool elastic_width = false;  ///< the multiplier is a decision, even if there is but one
  std::vector<OfaMobileStage> stages;
  std::int64_t stem_width;
  std::int64_t first_width;    ///< of the first block
  std::int64_t final_width;    ///< MobileNetV3's last expansion; 0: ReLU6, the ends of ProxylessNAS
  std::int64_t feature_width;  ///< of the last mix; 0: without (ends of ProxylessNAS only)
  std::string_view version = "1";
  /// Images with a shorter side are not halved below 4 pixels; 0: every image is halved five times.
  std::int64_t smallest_side = 0;
  /// How often every image is halved (ends of ProxylessNAS only). Fewer than five leave the stem at
  /// stride 1, then the last stages. Nothing: as `smallest_side` says.
  std::optional<int> halvings;
};

std::span<const std::int64_t> ofa_mobile_depths();
std::span<const std::int64_t> ofa_mobile_kernels();
std::span<const std::int64_t> ofa_mobile_expansions();

/// The decisions of a family in their order: resolution, width where it is elastic, depths by stage
/// of several slots, kernels by slot, expansion ratios by slot.
struct OfaMobileDecisions {
  explicit OfaMobileDecisions(const OfaMobileFamily& family);
  DecisionId width = 1;  ///< of a family with elastic width
  DecisionId first_depth = 1;
  DecisionId first_kernel = 0;
  DecisionId first_expansion = 0;
  std::size_t depths = 0;
  std::size_t slots = 0;
};

/// The network with its decisions open (ofa_mobile_network.cpp).
Blueprint describe_ofa_mobile(const OfaMobileFamily& family, const Task& settled);

/// Text: "r=224;d=2,3,4,2,3;k=<kernels>;e=<ratios>", stage by stage, with "w=0.5;" before the
/// depths where the width is elastic. A stage of depth d uses its first d slots. Lists of all slots
/// and of the existing blocks only are read.
class OfaMobileSpace : public BlueprintSpace {
 public:
  Architecture parse(std::string_view text) const override;
  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }
  Task task_of(const Architecture& architecture, const Task& task) const override {
    return ofa_task(*this, architecture, task);
  }

 protected:
  /// `network_settings` as in SpaceInfo.
  OfaMobileSpace(OfaMobileFamily family, std::string network_settings,
                 const std::vector<std::int64_t>& resolutions);

  /// By decision: a slot beyond its stage's depth has no effect.
  std::vector<bool> effective(Choices choices) const;
  /// The text with the genes of all slots, or of the existing blocks only.
  std::string text_of(const Architecture& architecture, bool all_slots) const;

 private:
  std::vector<std::size_t> depths(Choices choices) const;  ///< of all stages
  void read_depths(NotationReader& reader, std::span<std::uint16_t> choices) const;
  Blueprint describe(const Task& settled) const override {
    return describe_ofa_mobile(family_, settled);
  }

  OfaMobileFamily family_;
  OfaMobileDecisions order_;
  StageSlots slots_;
};

/// The stages of ProxylessNAS, at a width multiplier of 1.
std::vector<OfaMobileStage> proxyless_stages();

/// A space on the trunk of ProxylessNAS. Its text has the existing blocks only, and the gene of a
/// block that does not exist is one choice.
class ProxylessTrunkSpace : public OfaMobileSpace, public ConditionalDecisions {
 public:
  std::vector<bool> active(Choices choices) const override { return effective(choices); }
  std::optional<std::string> objection(Choices choices) const override {
    return idle_objection(*this, *this, choices);
  }
  std::string format(const Architecture& architecture) const override {
    return text_of(architecture, false);
  }

 protected:
  using OfaMobileSpace::OfaMobileSpace;
};

/// The resolutions that the published latency table and predictor of MobileNetV3 know.
std::vector<std::int64_t> ofa_coarse_resolutions();

}  // namespace nas
