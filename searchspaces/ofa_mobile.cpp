#include "searchspaces/ofa_mobile.h"

#include <algorithm>
#include <array>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr DecisionId kResolution = 0;
constexpr std::array<std::int64_t, 3> kDepths{2, 3, 4};
constexpr std::array<std::int64_t, 3> kKernels{3, 5, 7};
constexpr std::array<std::int64_t, 3> kExpansions{3, 4, 6};

std::vector<Decision> ofa_decisions(const OfaMobileFamily& family,
                                    const std::vector<std::int64_t>& resolutions) {
  std::vector<Decision> decisions{
      {"resolution", DecisionKind::kResolution, number_names(resolutions)}};
  if (family.elastic_width) {
    std::vector<std::string> names;
    for (const double multiplier : family.multipliers) names.push_back(format_double(multiplier));
    decisions.push_back({"width", DecisionKind::kChannels, std::move(names)});
  }
  const auto add = [&](std::size_t stage, const std::string& name, DecisionKind kind,
                       std::span<const std::int64_t> values) {
    decisions.push_back(
        {"stage_" + std::to_string(stage + 1) + "/" + name, kind, number_names(values)});
  };
  for (std::size_t stage = 0; stage < family.stages.size(); ++stage) {
    if (family.stages[stage].slots > 1) add(stage, "depth", DecisionKind::kDepth, kDepths);
  }
  const auto add_blocks = [&](const std::string& name, DecisionKind kind,
                              std::span<const std::int64_t> values) {
    for (std::size_t stage = 0; stage < family.stages.size(); ++stage) {
      for (std::size_t block = 1; block <= family.stages[stage].slots; ++block) {
        add(stage, "block_" + std::to_string(block) + "/" + name, kind, values);
      }
    }
  };
  add_blocks("kernel", DecisionKind::kKernel, kKernels);
  add_blocks("expansion", DecisionKind::kExpansion, kExpansions);
  return decisions;
}

SpaceInfo ofa_info(const OfaMobileFamily& family, std::string network_settings) {
  SpaceInfo info;
  info.name = family.name;
  info.version = family.version;
  info.default_task.input = {3, 224, 224};
  info.default_task.classes = 1000;
  info.network_settings = std::move(network_settings);
  return info;
}

std::vector<std::size_t> slots_of(const OfaMobileFamily& family) {
  std::vector<std::size_t> slots;
  for (const OfaMobileStage& stage : family.stages) slots.push_back(stage.slots);
  return slots;
}

}  // namespace

std::span<const std::int64_t> ofa_mobile_depths() {
  return kDepths;
}
std::span<const std::int64_t> ofa_mobile_kernels() {
  return kKernels;
}
std::span<const std::int64_t> ofa_mobile_expansions() {
  return kExpansions;
}

std::vector<OfaMobileStage> proxyless_stages() {
  return {{24, 4, 2, false, false}, {40, 4, 2, false, false},  {80, 4, 2, false, false},
          {96, 4, 1, false, false}, {192, 4, 2, false, false}, {320, 1, 1, false, false}};
}

std::vector<std::int64_t> ofa_coarse_resolutions() {
  return {160, 176, 192, 208, 224};
}

OfaMobileDecisions::OfaMobileDecisions(const OfaMobileFamily& family) {
  for (const OfaMobileStage& stage : family.stages) {
    depths += stage.slots > 1 ? 1 : 0;
    slots += stage.slots;
  }
  if (family.elastic_width) ++first_depth;
  first_kernel = first_depth + static_cast<DecisionId>(depths);
  first_expansion = first_kernel + static_cast<DecisionId>(slots);
}

OfaMobileSpace::OfaMobileSpace(OfaMobileFamily family, std::string network_settings,
                               const std::vector<std::int64_t>& resolutions)
    : BlueprintSpace(ofa_info(family, std::move(network_settings)),
                     ofa_decisions(family, resolutions)),
      family_(std::move(family)),
      order_(family_),
      slots_(slots_of(family_)) {}

std::vector<std::size_t> OfaMobileSpace::depths(Choices choices) const {
  std::vector<std::size_t> depths(slots_.stages(), 1);
  for (std::size_t stage = 0; stage < order_.depths; ++stage) {
    depths[stage] = static_cast<std::size_t>(kDepths[choices[order_.first_depth + stage]]);
  }
  return depths;
}

std::vector<bool> OfaMobileSpace::effective(Choices choices) const {
  std::vector<bool> effective(choices.size(), true);
  const std::vector<bool> exist = slots_.existing(depths(choices));
  for (std::size_t slot = 0; slot < exist.size(); ++slot) {
    effective[order_.first_kernel + slot] = exist[slot];
    effective[order_.first_expansion + slot] = exist[slot];
  }
  return effective;
}

void OfaMobileSpace::read_depths(NotationReader& reader, std::span<std::uint16_t> choices) const {
  std::vector<std::string> names = number_names(kDepths);
  // Settings give a depth for a stage of one block too: 1, or whatever was drawn.
  if (slots_.stages() > order_.depths) names.emplace_back("1");
  std::vector<std::uint16_t> given = read_list(reader, "depth", names);
  if (given.size() == slots_.stages()) given.resize(order_.depths);
  if (given.size() != order_.depths) {
    reader.fail(std::string(count_word(order_.depths)) + " depths before, not " +
                std::to_string(given.size()));
  }
  if (std::find(given.begin(), given.end(), kDepths.size()) != given.end()) {
    reader.fail("depths from 2 to 4 before");
  }
  std::copy(given.begin(), given.end(), choices.begin());
}

Architecture OfaMobileSpace::parse(std::string_view text) const {
  Architecture architecture{info().name, std::vector<std::uint16_t>(decisions().size())};
  const std::span<std::uint16_t> choices = architecture.choices;
  NotationReader reader(info().name, text);
  reader.skip_blanks();
  reader.expect("r=");
  choices[kResolution] = reader.choice("resolution", decisions()[kResolution].choices);
  if (family_.elastic_width) {
    reader.expect(";w=");
    choices[order_.width] = reader.choice("width", decisions()[order_.width].choices, ".");
  }
  reader.expect(";d=");
  read_depths(reader, choices.subspan(order_.first_depth, order_.depths));
  const auto read_genes = [&](std::string_view what, DecisionId first) {
    const std::vector<std::uint16_t> list = read_list(reader, what, decisions()[first].choices);
    slots_.fill(reader, list, depths(choices), choices.subspan(first, order_.slots));
  };
  reader.expect(";k=");
  read_genes("kernel", order_.first_kernel);
  reader.expect(";e=");
  read_genes("expansion", order_.first_expansion);
  reader.expect_end();
  make_canonical(*this, architecture);
  return architecture;
}

std::string OfaMobileSpace::text_of(const Architecture& architecture, bool all_slots) const {
  validate(*this, architecture);
  const Choices choices = architecture.choices;
  const std::vector<bool> effect = effective(choices);
  const auto genes = [&](DecisionId first) {
    std::vector<std::uint16_t> list;
    for (std::size_t slot = 0; slot < order_.slots; ++slot) {
      if (all_slots || effect[first + slot]) list.push_back(choices[first + slot]);
    }
    return list_text(decisions()[first].choices, list);
  };
  const Choices depth_choices = choices.subspan(order_.first_depth, order_.depths);
  std::string text = "r=" + decisions()[kResolution].choices[choices[kResolution]];
  if (family_.elastic_width) {
    text += ";w=" + decisions()[order_.width].choices[choices[order_.width]];
  }
  text += ";d=" + list_text(number_names(kDepths), depth_choices);
  for (std::size_t stage = order_.depths; stage < slots_.stages(); ++stage) text += ",1";
  return text + ";k=" + genes(order_.first_kernel) + ";e=" + genes(order_.first_expansion);
}

}  // namespace nas
