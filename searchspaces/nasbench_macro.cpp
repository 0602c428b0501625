#include <array>
#include <memory>
#include <string>
#include <vector>

#include "searchspaces/mixed_radix.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// NAS-Bench-Macro (Su et al., CVPR 2021, arXiv 2103.11922): eight blocks for CIFAR-10, text
// "22212202", one digit per block: 0 identity, 1 inverted residual of expansion 3 and kernel 3, 2
// of expansion 6 and kernel 5. Index = the text as a number in base 3, first digit slowest.
//
// Stem conv3x3 of 32 channels; stages of 2, 3 and 3 blocks, whose first block doubles the channels
// with stride 2 (as identity: a 1x1 convolution with batch norm); conv1x1 to 1280, pooling,
// classifier. Parameters and MACs equal the published ones of all 6,561 networks. What they do not
// tell, and we take from MobileNetV2, whose block it is: ReLU6 in the blocks, stem and last
// convolution, none after the projection of an identity.

namespace nas {

namespace {

constexpr std::size_t kBlocks = 8;
constexpr std::array<std::size_t, 3> kStageBlocks{2, 3, 3};
constexpr std::int64_t kFeatures = 1280;
const std::vector<std::string> kOperations{"identity", "mb3_k3", "mb6_k5"};

std::vector<Decision> block_decisions() {
  std::vector<Decision> decisions;
  for (std::size_t block = 1; block <= kBlocks; ++block) {
    decisions.push_back({"block_" + std::to_string(block), DecisionKind::kOperation, kOperations});
  }
  return decisions;
}

SpaceInfo nasbench_macro_info() {
  SpaceInfo info;
  info.name = "nasbench_macro";
  info.version = "1";
  info.width_meaning = "channels of the stem (doubled in each of three stages), default 32";
  info.small_width = 8;
  return info;
}

Value conv_bn_relu6(GraphSink& sink, Value x, std::int64_t channels, int kernel) {
  x = sink.add("conv2d", {x},
               {{"out_channels", channels}, {"kernel", kernel}, {"padding", kernel / 2}});
  return sink.add("relu6", {sink.add("batch_norm", {x})});
}

Value projection(GraphSink& sink, Value x, std::int64_t channels) {
  x = sink.add("conv2d", {x}, {{"out_channels", channels}, {"kernel", 1}, {"stride", 2}});
  return sink.add("batch_norm", {x});
}

/// One block; the first of a stage changes the shape and has no shortcut.
Value add_block(GraphSink& sink, Value x, DecisionId block, std::int64_t channels, bool first) {
  const auto inverted = [&](std::int64_t expansion, int kernel) {
    const std::int64_t in_channels = first ? channels / 2 : channels;
    const Value y = sink.add("mbconv", {x},
                             {{"mid_channels", expansion * in_channels},
                              {"out_channels", channels},
                              {"kernel", kernel},
                              {"stride", first ? 2 : 1},
                              {"relu6", true}});
    return first ? y : sink.add("add", {x, y});
  };
  return sink.choose(choice_of(block, kOperations.size()),
                     {[&] { return first ? projection(sink, x, channels) : x; },
                      [&] { return inverted(3, 3); }, [&] { return inverted(6, 5); }});
}

class NasBenchMacro final : public NumberedSpace, public Notations {
 public:
  NasBenchMacro() : NumberedSpace(nasbench_macro_info(), block_decisions()) {}

  Architecture parse(std::string_view text) const override {
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    Architecture architecture{info().name, {}};
    for (std::size_t block = 0; block < kBlocks; ++block) {
      const bool zero = reader.take("0"), one = !zero && reader.take("1");
      if (!zero && !one && !reader.take("2")) {
        reader.fail("eight digits 0, 1 or 2, here number " + std::to_string(block + 1));
      }
      architecture.choices.push_back(zero ? 0 : one ? 1 : 2);
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text;
    for (const std::uint16_t choice : architecture.choices) {
      text += static_cast<char>('0' + choice);
    }
    return text;
  }

  Task settle(const Task& task) const override { return settle_task(info(), task, {.width = 32}); }

  std::span<const Notation> notations() const override { return nasbench_macro_notations(); }

 private:
  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x = builder.input({Element::kFloat, settled.input});
    {
      const Scope scope(builder, "stem");
      x = conv_bn_relu6(builder, x, settled.width, 3);
    }
    DecisionId block = 0;
    std::int64_t channels = settled.width;
    for (std::size_t stage = 0; stage < kStageBlocks.size(); ++stage) {
      channels *= 2;
      for (std::size_t i = 0; i < kStageBlocks[stage]; ++i) {
        const Scope scope(builder, "blocks." + std::to_string(block));
        x = add_block(builder, x, block++, channels, i == 0);
      }
    }
    {
      const Scope scope(builder, "features");
      x = conv_bn_relu6(builder, x, kFeatures, 1);
    }
    const Scope scope(builder, "head");
    x = builder.add("global_avg_pool", {x});
    builder.output("logits", builder.add("linear", {x}, {{"out_features", settled.classes}}));
    return builder.finish();
  }
};

}  // namespace

extern constinit const Plugin<SearchSpace> nasbench_macro_search_space{
    "nasbench_macro",
    "6,561 chains of eight blocks, each identity or one of two inverted residuals, with a table",
    "Su et al., Prioritized Architecture Sampling with Monto-Carlo Tree Search, CVPR 2021, "
    "arXiv 2103.11922",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<NasBenchMacro>();
    }};

}  // namespace nas
