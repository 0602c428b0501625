#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "searchspaces/blueprint_space.h"
#include "searchspaces/mobile_blocks.h"
#include "searchspaces/notations.h"
#include "searchspaces/ofa_parts.h"

// The ResNet50-D space of Once-for-All (the released code, OFAResNets): bottlenecks of elastic
// depth, expansion ratio and width, and an input resolution.
//
// Text: "r=224;d=2,2,2,2,2;w=2,2,2,2,2,2;e=<ratios>". d[0] is 2 where the stem has its middle
// convolution and 0 where not; the others are blocks beyond the least of their stage (2, 2, 4, 2).
// w are indices into the width multipliers 0.65, 0.8 and 1: middle of the stem, its output, four
// stages. e are the ratios of the existing blocks; a list of all 18 slots is read as well, without
// what has no effect.

namespace nas {
namespace {

constexpr std::size_t kStages = 4;
constexpr std::array<std::int64_t, 2> kStemDepths{0, 2};
constexpr std::array<std::int64_t, 3> kExtraBlocks{0, 1, 2};
constexpr std::array<std::size_t, kStages> kBaseDepths{2, 2, 4, 2};
constexpr std::array<std::size_t, kStages> kSlots{4, 4, 6, 4};
constexpr std::size_t kAllSlots = 18;
constexpr std::array<std::int64_t, kStages> kWidths{256, 512, 1024, 2048};
constexpr std::int64_t kStemWidth = 64;
constexpr std::array<double, 3> kMultipliers{0.65, 0.8, 1.0};
constexpr std::array<double, 3> kRatios{0.2, 0.25, 0.35};

// The order of the decisions.
constexpr DecisionId kResolution = 0;
constexpr DecisionId kStemDepth = 1;
constexpr DecisionId kFirstDepth = 2;
constexpr DecisionId kStemMiddleWidth = kFirstDepth + kStages;
constexpr DecisionId kStemOutWidth = kStemMiddleWidth + 1;
constexpr DecisionId kFirstWidth = kStemOutWidth + 1;
constexpr std::size_t kWidthCount = 2 + kStages;
constexpr DecisionId kFirstRatio = kFirstWidth + kStages;
constexpr DecisionId kDecisions = kFirstRatio + kAllSlots;

const std::vector<std::string>& ratio_names() {
  static const std::vector<std::string> kNames{"0.2", "0.25", "0.35"};
  return kNames;
}
const std::vector<std::string>& multiplier_names() {
  static const std::vector<std::string> kNames{"0.65", "0.8", "1"};
  return kNames;
}

/// Those that the published predictor knows, or every fourth.
std::vector<std::int64_t> resolutions(bool fine) {
  if (fine) return ofa_resolutions();
  return {128, 144, 160, 176, 192, 224, 240, 256};
}

std::vector<Decision> resnet_decisions(bool fine) {
  std::vector<Decision> decisions{
      {"resolution", DecisionKind::kResolution, number_names(resolutions(fine))},
      {"stem/depth", DecisionKind::kDepth, number_names(kStemDepths)}};
  const auto stage_name = [](std::size_t stage) { return "stage_" + std::to_string(stage + 1); };
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    decisions.push_back(
        {stage_name(stage) + "/depth", DecisionKind::kDepth, number_names(kExtraBlocks)});
  }
  decisions.push_back({"stem/middle_width", DecisionKind::kChannels, multiplier_names()});
  decisions.push_back({"stem/width", DecisionKind::kChannels, multiplier_names()});
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    decisions.push_back(
        {stage_name(stage) + "/width", DecisionKind::kChannels, multiplier_names()});
  }
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    for (std::size_t block = 1; block <= kSlots[stage]; ++block) {
      decisions.push_back({stage_name(stage) + "/block_" + std::to_string(block) + "/expansion",
                           DecisionKind::kExpansion, ratio_names()});
    }
  }
  return decisions;
}

SpaceInfo resnet_info() {
  SpaceInfo info;
  info.name = "ofa_resnet50";
  info.version = "1";
  info.default_task.input = {3, 224, 224};
  info.default_task.classes = 1000;
  return info;
}

struct ResnetOptions {
  std::string grid = "fine";
};
constexpr Field<ResnetOptions> kFields[] = {
    {.name = "grid",
     .member = &ResnetOptions::grid,
     .meaning = "resolutions to choose from: fine has every fourth from 128 to 260; coarse has "
                "128, 144, 160, 176, 192, 224, 240 and 256, as the published predictor knows them",
     .source = kOfaGridSource,
     .choices = "fine|coarse"}};

ResnetOptions parse_options(const OptionMap& options) {
  return parse_fields<ResnetOptions>(kFields, options, "space 'ofa_resnet50'");
}

/// One entry a multiplier.
std::vector<std::int64_t> widths_of(std::int64_t base) {
  std::vector<std::int64_t> widths;
  for (const double multiplier : kMultipliers) widths.push_back(scaled_channels(base, multiplier));
  return widths;
}

class Network {
 public:
  Blueprint describe(const Task& task) {
    Value x = add_stem(builder_.input({Element::kFloat, task.input}));
    std::size_t slot = 0;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      const Scope scope(builder_, "stage_" + std::to_string(stage + 1));
      for (std::size_t block = 0; block < kSlots[stage]; ++block, ++slot) {
        x = add_slot(x, stage, block, slot);
      }
    }
    const Scope scope(builder_, "head");
    x = builder_.add("global_avg_pool", {x});
    builder_.output("logits", builder_.add("linear", {x}, {{"out_features", task.classes}}));
    return builder_.finish();
  }

 private:
  static ElasticValue width(DecisionId decision, std::int64_t base) {
    return ElasticValue::of(decision, std::span<const std::int64_t>(widths_of(base)));
  }

  Value add_stem(Value x) {
    const Scope scope(builder_, "stem");
    const ElasticValue middle =
        width(kStemMiddleWidth, kStemWidth).map_int([](std::int64_t channels) {
          return make_divisible(static_cast<double>(channels / 2));
        });
    const auto conv = [&](const std::string& name, Value from, const ElasticValue& channels,
                          int stride) {
      const Scope part(builder_, name);
      return add_conv_norm(builder_, from, {channels, 3, stride, "relu"});
    };
    x = conv("first", x, middle, 2);
    const Value before = x;
    x = builder_.choose(choice_of(kStemDepth, 2),
                        {[&] { return before; },
                         [&] {
                           return builder_.add("add", {before, conv("middle", before, middle, 1)});
                         }});
    x = conv("last", x, width(kStemOutWidth, kStemWidth), 1);
    return builder_.add("max_pool", {x}, {{"kernel", 3}, {"stride", 2}, {"padding", 1}});
  }

  Value add_slot(Value x, std::size_t stage, std::size_t block, std::size_t slot) {
    const auto build = [&] {
      const Scope scope(builder_, "block_" + std::to_string(block + 1));
      return add_block(x, stage, block, slot);
    };
    if (block < kBaseDepths[stage]) return build();
    const std::int64_t extra = static_cast<std::int64_t>(block - kBaseDepths[stage]);
    const ElasticValue present =
        ElasticValue::of(kFirstDepth + static_cast<DecisionId>(stage),
                         std::span<const std::int64_t>(kExtraBlocks))
            .map_int([extra](std::int64_t more) { return std::int64_t{more > extra}; });
    return builder_.choose(present, {[&] { return x; }, build});
  }

  /// Expansion ratios are relative to the width of the output.
  Value add_block(Value x, std::size_t stage, std::size_t block, std::size_t slot) {
    const auto out_decision = kFirstWidth + static_cast<DecisionId>(stage);
    const ElasticValue out = width(out_decision, kWidths[stage]);
    const std::vector<std::int64_t> widths = widths_of(kWidths[stage]);
    constexpr auto kChoices = static_cast<std::uint16_t>(kRatios.size());
    const ElasticValue middle = ElasticValue::of(
        {out_decision, kFirstRatio + static_cast<DecisionId>(slot)}, {kChoices, kChoices},
        [&](Choices choices) {
          // Python's round; no product lies half way between two whole numbers.
          const double channels = static_cast<double>(widths[choices[0]]) * kRatios[choices[1]];
          return AttrValue(make_divisible(std::round(channels)));
        });
    const int stride = block == 0 && stage > 0 ? 2 : 1;
    const auto conv = [&](const std::string& name, Value from, const ConvNorm& settings) {
      const Scope scope(builder_, name);
      return add_conv_norm(builder_, from, settings);
    };
    Value inner = conv("reduce", x, {middle, 1, 1, "relu"});
    inner = conv("spatial", inner, {middle, 3, stride, "relu"});
    inner = conv("expand", inner, {out, 1, 1});
    Value shortcut = x;
    if (block == 0) {
      if (stride > 1) {
        shortcut = builder_.add("avg_pool", {x},
                                {{"kernel", stride}, {"stride", stride}, {"ceil_mode", true}});
      }
      shortcut = conv("shortcut", shortcut, {out, 1, 1});
    }
    return builder_.add("relu", {builder_.add("add", {inner, shortcut})});
  }

  BlueprintBuilder builder_;
};

class OfaResnet50 final : public BlueprintSpace, public ConditionalDecisions, public Notations {
 public:
  explicit OfaResnet50(const ResnetOptions& options)
      : BlueprintSpace(resnet_info(), resnet_decisions(options.grid == "fine")),
        slots_({kSlots.begin(), kSlots.end()}) {}

  std::vector<bool> active(Choices choices) const override {
    std::vector<bool> active(kDecisions, true);
    const std::vector<bool> exist = slots_.existing(depths(choices));
    std::copy(exist.begin(), exist.end(), active.begin() + kFirstRatio);
    return active;
  }

  std::optional<std::string> objection(Choices choices) const override {
    return idle_objection(*this, *this, choices);
  }

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(kDecisions)};
    const std::span<std::uint16_t> choices = architecture.choices;
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    reader.expect("r=");
    choices[kResolution] = reader.choice("resolution", decisions()[kResolution].choices);
    reader.expect(";d=");
    choices[kStemDepth] = reader.choice("depth of the stem", decisions()[kStemDepth].choices);
    reader.skip_blanks();
    reader.expect(",");
    read_all(reader, "depth", decisions()[kFirstDepth].choices,
             choices.subspan(kFirstDepth, kStages));
    reader.expect(";w=");
    static const std::vector<std::string> kIndices{"0", "1", "2"};
    read_all(reader, "width", kIndices, choices.subspan(kStemMiddleWidth, kWidthCount));
    reader.expect(";e=");
    slots_.fill(reader, read_list(reader, "expansion ratio", ratio_names()), depths(choices),
                choices.subspan(kFirstRatio, kAllSlots));
    reader.expect_end();
    make_canonical(*this, architecture);
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    const Choices choices = architecture.choices;
    const std::vector<bool> effect = active(choices);
    std::vector<std::uint16_t> ratios;
    for (std::size_t slot = 0; slot < kAllSlots; ++slot) {
      if (effect[kFirstRatio + slot]) ratios.push_back(choices[kFirstRatio + slot]);
    }
    static const std::vector<std::string> kIndices{"0", "1", "2"};
    return "r=" + decisions()[kResolution].choices[choices[kResolution]] +
           ";d=" + decisions()[kStemDepth].choices[choices[kStemDepth]] + "," +
           list_text(decisions()[kFirstDepth].choices, choices.subspan(kFirstDepth, kStages)) +
           ";w=" + list_text(kIndices, choices.subspan(kStemMiddleWidth, kWidthCount)) +
           ";e=" + list_text(ratio_names(), ratios);
  }

  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }

  Task task_of(const Architecture& architecture, const Task& task) const override {
    return ofa_task(*this, architecture, task);
  }

  std::span<const Notation> notations() const override { return ofa_resnet50_notations(); }

 private:
  static std::vector<std::size_t> depths(Choices choices) {
    std::vector<std::size_t> depths;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      depths.push_back(kBaseDepths[stage] +
                       static_cast<std::size_t>(kExtraBlocks[choices[kFirstDepth + stage]]));
    }
    return depths;
  }

  static void read_all(NotationReader& reader, std::string_view what,
                       std::span<const std::string> names, std::span<std::uint16_t> choices) {
    const std::vector<std::uint16_t> given = read_list(reader, what, names);
    if (given.size() != choices.size()) {
      reader.fail(std::string(count_word(choices.size())) + " " + std::string(what) +
                  "s before, not " + std::to_string(given.size()));
    }
    std::copy(given.begin(), given.end(), choices.begin());
  }

  Blueprint describe(const Task& settled) const override { return Network().describe(settled); }

  StageSlots slots_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> ofa_resnet50_search_space{
    "ofa_resnet50",
    "elastic depth, width, expansion and resolution of ResNet50-D; 2.5 x 10^12 networks for each "
    "resolution",
    "Cai, Gan, Wang, Zhang and Han, Once-for-All: Train One Network and Specialize it for "
    "Efficient Deployment, ICLR 2020, arXiv 1908.09791",
    [] { return describe_fields<ResnetOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<ResnetOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<OfaResnet50>(parse_options(options));
    }};

}  // namespace nas
