#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// The MobileNetV3 space of Once-for-All (Cai, Gan, Wang, Zhang and Han, ICLR 2020, arXiv
// 1908.09791; the released code): five stages of two to four inverted residual blocks, each with
// its own kernel and expansion ratio, and an input resolution.
//
// Text: "r=224;d=2,3,4,2,3;k=<20 kernels>;e=<20 ratios>", stage by stage, four slots a stage. A
// stage of depth d uses its first d slots; the genes of the others are kept (evolution carries
// them) but have no effect. Lists with only the existing blocks, as published networks are given,
// are read as well; absent slots then get the smallest kernel and ratio.
//
// The resolution decides the height and width of the input exactly when the task leaves the input
// at the space's default (3x224x224); a task with another input (CIFAR images) is obeyed, and the
// resolution has no effect.

namespace nas {

namespace {

constexpr std::size_t kStages = 5;
constexpr std::size_t kSlotsPerStage = 4;
constexpr std::size_t kSlots = kStages * kSlotsPerStage;
constexpr std::array<std::int64_t, 3> kDepths{2, 3, 4};
constexpr std::array<std::int64_t, 3> kKernels{3, 5, 7};
constexpr std::array<std::int64_t, 3> kExpansions{3, 4, 6};
// Training used multiples of 4 from 128 to 224; published specialised networks go up to 260.
constexpr std::int64_t kMinResolution = 128;
constexpr std::int64_t kMaxResolution = 260;
constexpr std::int64_t kResolutionStep = 4;

// The order of the decisions: resolution, depths by stage, kernels by slot, expansion ratios by
// slot.
constexpr DecisionId kResolution = 0;
constexpr DecisionId kFirstDepth = 1;
constexpr DecisionId kFirstKernel = kFirstDepth + kStages;
constexpr DecisionId kFirstExpansion = kFirstKernel + kSlots;
constexpr DecisionId kDecisions = kFirstExpansion + kSlots;

struct Stage {
  std::int64_t width;
  int stride;
  bool hard_swish;
  bool squeeze_excite;
};
constexpr std::array<Stage, kStages> kStageTable{{{24, 2, false, false},
                                                  {40, 2, false, true},
                                                  {80, 2, true, false},
                                                  {112, 1, true, true},
                                                  {160, 2, true, true}}};
constexpr std::int64_t kStemWidth = 16;
constexpr std::int64_t kFinalWidth = 960;
constexpr std::int64_t kFeatureWidth = 1280;

/// The nearest multiple of 8, at least 8 and never below 90 % of the value.
std::int64_t make_divisible(double value) {
  auto rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(value + 4) / 8 * 8);
  if (static_cast<double>(rounded) < 0.9 * value) rounded += 8;
  return rounded;
}

std::vector<std::int64_t> resolutions() {
  std::vector<std::int64_t> sizes;
  for (std::int64_t r = kMinResolution; r <= kMaxResolution; r += kResolutionStep)
    sizes.push_back(r);
  return sizes;
}

std::vector<Decision> ofa_decisions() {
  std::vector<Decision> decisions{
      {"resolution", DecisionKind::kResolution, number_names(resolutions())}};
  const auto add = [&](std::size_t stage, const std::string& name, DecisionKind kind,
                       std::span<const std::int64_t> values) {
    decisions.push_back(
        {"stage_" + std::to_string(stage + 1) + "/" + name, kind, number_names(values)});
  };
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    add(stage, "depth", DecisionKind::kDepth, kDepths);
  }
  const auto block = [](std::size_t slot) {
    return "block_" + std::to_string(slot % kSlotsPerStage + 1);
  };
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    add(slot / kSlotsPerStage, block(slot) + "/kernel", DecisionKind::kKernel, kKernels);
  }
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    add(slot / kSlotsPerStage, block(slot) + "/expansion", DecisionKind::kExpansion, kExpansions);
  }
  return decisions;
}

SpaceInfo ofa_info(const std::string& width_multiplier) {
  SpaceInfo info;
  info.name = "ofa_mobilenetv3";
  info.version = "1";
  info.default_task.input = {3, 224, 224};
  info.default_task.classes = 1000;
  if (width_multiplier != "1.0") {
    info.network_settings = "; space.width_multiplier=" + width_multiplier;
  }
  return info;
}

struct OfaOptions {
  std::string width_multiplier = "1.0";
};
constexpr Field<OfaOptions> kFields[] = {
    {.name = "width_multiplier",
     .member = &OfaOptions::width_multiplier,
     .meaning = "factor of all channel counts, which are rounded to multiples of 8",
     .source = "arXiv 1908.09791, released supernets",
     .choices = "1.0|1.2"}};

OfaOptions parse_options(const OptionMap& options) {
  return parse_fields<OfaOptions>(kFields, options, "space 'ofa_mobilenetv3'");
}

/// Describes the network for one input.
class Network {
 public:
  Network(BlueprintBuilder& builder, double multiplier)
      : builder_(builder), multiplier_(multiplier) {}

  void describe(const Task& task) {
    Value x = add_stem(builder_.input({Element::kFloat, task.input}));
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      const Scope scope(builder_, "stage_" + std::to_string(stage + 1));
      x = add_stage(x, stage);
    }
    builder_.output("logits", add_head(x, task.classes));
  }

 private:
  std::int64_t width(std::int64_t base) const {
    return make_divisible(static_cast<double>(base) * multiplier_);
  }

  Value add_stem(Value image) {
    channels_ = width(kStemWidth);
    Value x = image;
    {
      const Scope scope(builder_, "stem");
      x = conv(x, channels_, {.kernel = 3, .stride = 2});
      x = builder_.add("hswish", {builder_.add("batch_norm", {x})});
    }
    const Scope scope(builder_, "first_block");
    const Value inner = builder_.add(
        "mbconv", {x}, {{"mid_channels", 0}, {"out_channels", channels_}, {"kernel", 3}});
    return builder_.add("add", {x, inner});
  }

  Value add_stage(Value x, std::size_t stage) {
    for (std::size_t block = 0; block < kSlotsPerStage; ++block) {
      const Scope scope(builder_, "block_" + std::to_string(block + 1));
      const auto depth = static_cast<DecisionId>(kFirstDepth + stage);
      if (block < static_cast<std::size_t>(kDepths[0])) {
        x = add_block(x, stage, block);
        continue;
      }
      const ElasticValue present = ElasticValue::of(depth, std::span<const std::int64_t>(kDepths))
                                       .map_int([&](std::int64_t d) {
                                         return std::int64_t{static_cast<std::size_t>(d) > block};
                                       });
      const Value before = x;
      x = builder_.choose(
          present, {[&] { return before; }, [&] { return add_block(before, stage, block); }});
    }
    return x;
  }

  Value add_block(Value x, std::size_t stage, std::size_t block) {
    const Stage& settings = kStageTable[stage];
    const std::int64_t out = width(settings.width);
    const std::int64_t in = block == 0 ? channels_ : out;
    const auto slot = static_cast<DecisionId>(stage * kSlotsPerStage + block);
    const ElasticValue kernel =
        ElasticValue::of(kFirstKernel + slot, std::span<const std::int64_t>(kKernels));
    const ElasticValue mid =
        ElasticValue::of(kFirstExpansion + slot, std::span<const std::int64_t>(kExpansions))
            .map_int([in](std::int64_t ratio) {
              return make_divisible(static_cast<double>(in * ratio));
            });
    const ElasticValue hidden =
        settings.squeeze_excite
            ? mid.map_int([](std::int64_t m) { return make_divisible(static_cast<double>(m / 4)); })
            : ElasticValue(0);
    const Value inner = builder_.add("mbconv", {x},
                                     {{"mid_channels", mid},
                                      {"out_channels", out},
                                      {"kernel", kernel},
                                      {"stride", block == 0 ? settings.stride : 1},
                                      {"se_channels", hidden},
                                      {"hswish", settings.hard_swish}});
    channels_ = out;
    return block == 0 ? inner : builder_.add("add", {x, inner});
  }

  /// The feature mix has neither batch norm nor bias. Dropout belongs to the training recipe.
  Value add_head(Value x, std::int64_t classes) {
    const Scope scope(builder_, "head");
    x = conv(x, width(kFinalWidth), {});
    x = builder_.add("hswish", {builder_.add("batch_norm", {x})});
    x = builder_.add("global_avg_pool", {x}, {{"keep_dims", true}});
    x = builder_.add("hswish", {conv(x, width(kFeatureWidth), {})});
    x = builder_.add("flatten", {x});
    return builder_.add("linear", {x}, {{"out_features", classes}});
  }

  struct ConvShape {
    int kernel = 1;
    int stride = 1;
  };
  Value conv(Value x, std::int64_t out_channels, const ConvShape& shape) {
    return builder_.add("conv2d", {x},
                        {{"out_channels", out_channels},
                         {"kernel", shape.kernel},
                         {"stride", shape.stride},
                         {"padding", shape.kernel / 2}});
  }

  BlueprintBuilder& builder_;
  double multiplier_;
  std::int64_t channels_ = 0;  // of the value that the next block reads
};

std::string list_text(std::span<const std::int64_t> values, Choices choices) {
  std::string text;
  for (const std::uint16_t choice : choices) {
    if (!text.empty()) text += ',';
    text += std::to_string(values[choice]);
  }
  return text;
}

/// "3,5,7" as choices among `values`, at least one.
std::vector<std::uint16_t> read_list(NotationReader& reader, std::string_view what,
                                     std::span<const std::int64_t> values) {
  const std::vector<std::string> names = number_names(values);
  std::vector<std::uint16_t> choices;
  do {
    reader.skip_blanks();
    choices.push_back(reader.choice(what, names));
    reader.skip_blanks();
  } while (reader.take(","));
  return choices;
}

/// Puts a list of 20 slots, or one of the existing blocks only, into the slots.
void write_slots(const NotationReader& reader, std::span<const std::uint16_t> given, Choices depths,
                 std::span<std::uint16_t> slots) {
  if (given.size() == kSlots) {
    std::copy(given.begin(), given.end(), slots.begin());
    return;
  }
  std::size_t existing = 0;
  for (const std::uint16_t depth : depths) existing += static_cast<std::size_t>(kDepths[depth]);
  if (given.size() != existing) {
    reader.fail("a list of 20 slots or of the " + std::to_string(existing) +
                " existing blocks before (it has " + std::to_string(given.size()) + ")");
  }
  std::size_t next = 0;
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    for (std::int64_t block = 0; block < kDepths[depths[stage]]; ++block) {
      slots[stage * kSlotsPerStage + static_cast<std::size_t>(block)] = given[next++];
    }
  }
}

class OfaMobileNetV3 final : public BlueprintSpace, public IsomorphismKeys, public Notations {
 public:
  explicit OfaMobileNetV3(const OfaOptions& options)
      : BlueprintSpace(ofa_info(options.width_multiplier), ofa_decisions()),
        multiplier_(options.width_multiplier == "1.2" ? 1.2 : 1.0) {}

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(kDecisions)};
    const std::span<std::uint16_t> choices = architecture.choices;
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    reader.expect("r=");
    choices[kResolution] = reader.choice("resolution", decisions()[kResolution].choices);
    reader.expect(";d=");
    const std::vector<std::uint16_t> depths = read_list(reader, "depth", kDepths);
    if (depths.size() != kStages) {
      reader.fail("five depths before, not " + std::to_string(depths.size()));
    }
    std::copy(depths.begin(), depths.end(), choices.begin() + kFirstDepth);
    reader.expect(";k=");
    const std::vector<std::uint16_t> kernels = read_list(reader, "kernel", kKernels);
    write_slots(reader, kernels, depths, choices.subspan(kFirstKernel, kSlots));
    reader.expect(";e=");
    const std::vector<std::uint16_t> ratios = read_list(reader, "expansion", kExpansions);
    write_slots(reader, ratios, depths, choices.subspan(kFirstExpansion, kSlots));
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    const Choices choices = architecture.choices;
    return "r=" + decisions()[kResolution].choices[choices[kResolution]] +
           ";d=" + list_text(kDepths, choices.subspan(kFirstDepth, kStages)) +
           ";k=" + list_text(kKernels, choices.subspan(kFirstKernel, kSlots)) +
           ";e=" + list_text(kExpansions, choices.subspan(kFirstExpansion, kSlots));
  }

  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }

  /// The text with the genes of existing blocks only, as published networks are given.
  std::string isomorphism_key(const Architecture& architecture) const override {
    validate(*this, architecture);
    const Choices choices = architecture.choices;
    const auto existing = [&](DecisionId first, std::span<const std::int64_t> values) {
      std::vector<std::uint16_t> genes;
      for (std::size_t slot = 0; slot < kSlots; ++slot) {
        const std::uint16_t depth = choices[kFirstDepth + slot / kSlotsPerStage];
        if (static_cast<std::int64_t>(slot % kSlotsPerStage) >= kDepths[depth]) continue;
        genes.push_back(choices[first + slot]);
      }
      return list_text(values, genes);
    };
    return "r=" + decisions()[kResolution].choices[choices[kResolution]] +
           ";d=" + list_text(kDepths, choices.subspan(kFirstDepth, kStages)) +
           ";k=" + existing(kFirstKernel, kKernels) +
           ";e=" + existing(kFirstExpansion, kExpansions);
  }

  std::span<const Notation> notations() const override { return ofa_mobilenetv3_notations(); }

 private:
  Task task_of(const Architecture& architecture, const Task& task) const override {
    if (task.input != info().default_task.input) return task;
    Task resized = task;
    const std::int64_t size =
        kMinResolution + kResolutionStep * std::int64_t{architecture.choices[kResolution]};
    resized.input = {task.input[0], size, size};
    return resized;
  }

  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Network(builder, multiplier_).describe(settled);
    return builder.finish();
  }

  double multiplier_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> ofa_mobilenetv3_plugin{
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
