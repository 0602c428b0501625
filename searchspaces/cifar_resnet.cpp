#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// ResNets for CIFAR (He et al., 2016, section 4.2): three stages of basic blocks with 16, 32 and 64
// channels. A network is its number of blocks by stage: "357", or "9-9-9" where a number has two
// digits or the reader likes it better; "999" is ResNet-56, "18-18-18" ResNet-110 (depth 6 n + 2).
// With the default depths these are the 64 students "S0" of DisWOT (2023), whose shortcuts between
// widths are 1x1 convolutions with batch norm (He's are parameter-free).

namespace nas {

namespace {

constexpr std::size_t kStages = 3;
constexpr std::int64_t kMostBlocks = 99;

struct CifarResnetOptions {
  std::string depths = "1-3-5-7";
};

constexpr Field<CifarResnetOptions> kFields[] = {
    {"depths", &CifarResnetOptions::depths,
     "numbers of blocks that a stage may have, ascending, separated by '-'", "", 0, 0,
     "DisWOT (2023), students of CIFAR-100"}};

std::vector<std::int64_t> parse_depths(const std::string& text) {
  std::vector<std::int64_t> depths;
  for (const std::string& word : split(text, '-')) {
    const auto depth = parse_int(word);
    const std::int64_t last = depths.empty() ? 0 : depths.back();
    if (!depth || *depth <= last || *depth > kMostBlocks) {
      throw Error(ErrorKind::kUsage,
                  "space 'cifar_resnet': depths = " + printable(text) +
                      ", expected ascending numbers from 1 to 99, as in 1-3-5-7");
    }
    depths.push_back(*depth);
  }
  return depths;
}

std::vector<Decision> stage_decisions(std::span<const std::int64_t> depths) {
  std::vector<Decision> decisions;
  for (std::size_t stage = 1; stage <= kStages; ++stage) {
    decisions.push_back(
        {"stage_" + std::to_string(stage) + "/blocks", DecisionKind::kDepth, number_names(depths)});
  }
  return decisions;
}

SpaceInfo cifar_resnet_info() {
  SpaceInfo info;
  info.name = "cifar_resnet";
  info.version = "1";
  info.width_meaning = "channels of the first stage (doubled twice), default 16";
  info.small_width = 8;
  info.macs_count_bias = true;
  info.default_task.classes = 100;
  return info;
}

class CifarResnet final : public BlueprintSpace, public Notations {
 public:
  explicit CifarResnet(std::vector<std::int64_t> depths)
      : BlueprintSpace(cifar_resnet_info(), stage_decisions(depths)), depths_(std::move(depths)) {}

  Task settle(const Task& task) const override { return settle_task(info(), task, {.width = 16}); }

  Architecture parse(std::string_view text) const override {
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    const bool dashes = text.find('-') != std::string_view::npos;
    Architecture architecture{info().name, {}};
    if (!dashes) {
      const std::string_view digits = reader.word("three numbers of blocks, as in 357 or 9-9-9");
      if (digits.size() != kStages) reader.fail("three digits before, as in 357");
      for (const char digit : digits) {
        architecture.choices.push_back(choice(reader, std::string(1, digit)));
      }
    } else {
      for (std::size_t stage = 0; stage < kStages; ++stage) {
        if (stage > 0) reader.expect("-");
        architecture.choices.push_back(
            choice(reader, std::to_string(reader.integer("number of blocks", 1, kMostBlocks))));
      }
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::vector<std::string> words;
    bool short_form = true;
    for (const std::uint16_t choice : architecture.choices) {
      words.push_back(std::to_string(depths_[choice]));
      short_form = short_form && words.back().size() == 1;
    }
    return join(words, short_form ? "" : "-");
  }

  std::span<const Notation> notations() const override { return cifar_resnet_notations(); }

 private:
  std::uint16_t choice(const NotationReader& reader, const std::string& name) const {
    const std::vector<std::string>& names = decisions().front().choices;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      reader.fail("numbers of blocks among " + join(names, ", ") + " (option 'depths')");
    }
    return static_cast<std::uint16_t>(found - names.begin());
  }

  Value add_stage(GraphSink& sink, Value x, DecisionId stage, std::int64_t width) const {
    const std::int64_t channels = width << stage;
    for (std::int64_t block = 0; block < depths_.back(); ++block) {
      const Scope scope(sink, "blocks." + std::to_string(block));
      const std::int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      const bool same_shape = block > 0 || stage == 0;
      const ElasticValue present =
          ElasticValue::of(stage, std::span<const std::int64_t>(depths_))
              .map_int([block](std::int64_t depth) { return std::int64_t{depth > block}; });
      const Value before = x;
      x = sink.choose(present, {[&] { return before; },
                                [&] {
                                  return sink.add("basic_block", {before},
                                                  {{"out_channels", channels},
                                                   {"stride", stride},
                                                   {"projection", !same_shape}});
                                }});
    }
    return x;
  }

  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x = builder.input({Element::kFloat, settled.input});
    {
      const Scope scope(builder, "stem");
      x = builder.add("conv_bn_relu", {x}, {{"out_channels", settled.width}, {"kernel", 3}});
    }
    for (DecisionId stage = 0; stage < kStages; ++stage) {
      const Scope scope(builder, "stages." + std::to_string(stage));
      x = add_stage(builder, x, stage, settled.width);
    }
    const Scope scope(builder, "head");
    x = builder.add("global_avg_pool", {x});
    builder.output("logits", builder.add("linear", {x}, {{"out_features", settled.classes}}));
    return builder.finish();
  }

  std::vector<std::int64_t> depths_;
};

CifarResnetOptions parse_options(const OptionMap& options) {
  CifarResnetOptions parsed =
      parse_fields<CifarResnetOptions>(kFields, options, "space 'cifar_resnet'");
  parse_depths(parsed.depths);
  return parsed;
}

}  // namespace

extern constinit const Plugin<SearchSpace> cifar_resnet_search_space{
    "cifar_resnet",
    "ResNets for CIFAR by their blocks a stage; by default the 64 students S0 of DisWOT",
    "Dong, Li and Wei, DisWOT: Student Architecture Search for Distillation WithOut Training, "
    "CVPR 2023, arXiv 2303.15678; networks of He, Zhang, Ren and Sun, CVPR 2016, arXiv 1512.03385",
    [] { return describe_fields<CifarResnetOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<CifarResnetOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<CifarResnet>(parse_depths(parse_options(options).depths));
    }};

}  // namespace nas
