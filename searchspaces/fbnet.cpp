#include <array>
#include <memory>
#include <string>
#include <vector>

#include "searchspaces/blueprint_space.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// FBNet (Wu et al., CVPR 2019, arXiv 1812.03443) as HW-NAS-Bench and HELP measured it: for images
// of 32 x 32 pixels and 100 classes. Text: 22 digits, one for each layer, numbers of `kOperations`;
// "7818488874147327324245" is row 0 of HELP's table.
//
// A layer k3_e6: 1x1 convolution to 6 times its input's channels, depthwise 3x3, 1x1 to the layer's
// channels, each with batch norm, the first two with ReLU; g2: both 1x1 in two groups, channels
// shuffled after the first. A shortcut where the shape stays. skip: nothing where the shape stays,
// else a 1x1 convolution with batch norm and ReLU. Stem of 16 channels, 1x1 convolution to 1,504,
// pooling, classifier. The latencies of look-up-table devices are sums over these layers
// (hw-fbnet-lut).

namespace nas {
namespace {

constexpr std::int64_t kStem = 16;
constexpr std::int64_t kFeatures = 1504;

struct Stage {
  std::int64_t channels;
  int layers;
  int stride;  // of the first layer, 32 x 32 inputs
};
constexpr std::array<Stage, 7> kStages{
    {{16, 1, 1}, {24, 4, 1}, {32, 4, 2}, {64, 4, 2}, {112, 4, 1}, {184, 4, 2}, {352, 1, 1}}};
constexpr std::size_t kLayers = 22;

struct Block {
  int kernel, expansion, groups;
};
constexpr std::array<Block, 8> kBlocks{
    {{3, 1, 1}, {3, 1, 2}, {3, 3, 1}, {3, 6, 1}, {5, 1, 1}, {5, 1, 2}, {5, 3, 1}, {5, 6, 1}}};
const std::vector<std::string> kOperations{"k3_e1",    "k3_e1_g2", "k3_e3", "k3_e6", "k5_e1",
                                           "k5_e1_g2", "k5_e3",    "k5_e6", "skip"};

std::vector<Decision> layer_decisions() {
  std::vector<Decision> decisions;
  for (std::size_t layer = 1; layer <= kLayers; ++layer) {
    decisions.push_back({"layer_" + std::to_string(layer), DecisionKind::kOperation, kOperations});
  }
  return decisions;
}

SpaceInfo fbnet_info() {
  SpaceInfo info;
  info.name = "fbnet";
  info.version = "1";
  info.default_task.classes = 100;
  return info;
}

struct Conv {
  std::int64_t channels;
  int kernel = 1, stride = 1;
  std::int64_t groups = 1;
};

Value add_conv(GraphSink& sink, Value x, const Conv& conv, bool relu) {
  x = sink.add("conv2d", {x},
               {{"out_channels", conv.channels},
                {"kernel", conv.kernel},
                {"stride", conv.stride},
                {"padding", conv.kernel / 2},
                {"groups", conv.groups}});
  x = sink.add("batch_norm", {x});
  return relu ? sink.add("relu", {x}) : x;
}

Value add_block(GraphSink& sink, Value x, const Block& block, std::int64_t in, const Conv& outer) {
  const std::int64_t middle = in * block.expansion;
  Value y = add_conv(sink, x, {.channels = middle, .groups = block.groups}, true);
  if (block.groups > 1) y = sink.add("channel_shuffle", {y}, {{"groups", block.groups}});
  y = add_conv(
      sink, y,
      {.channels = middle, .kernel = block.kernel, .stride = outer.stride, .groups = middle}, true);
  y = add_conv(sink, y, {.channels = outer.channels, .groups = block.groups}, false);
  return outer.stride == 1 && in == outer.channels ? sink.add("add", {x, y}) : y;
}

class FbNet final : public BlueprintSpace, public Notations {
 public:
  FbNet() : BlueprintSpace(fbnet_info(), layer_decisions()) {}

  Architecture parse(std::string_view text) const override {
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    Architecture architecture{info().name, {}};
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
      std::uint16_t operation = 0;
      while (operation < kOperations.size() && !reader.take(std::to_string(operation))) {
        ++operation;
      }
      if (operation == kOperations.size()) {
        reader.fail("22 digits from 0 to 8, here number " + std::to_string(layer + 1));
      }
      architecture.choices.push_back(operation);
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

  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }

  std::span<const Notation> notations() const override { return fbnet_notations(); }

 private:
  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x = builder.input({Element::kFloat, settled.input});
    {
      const Scope scope(builder, "stem");
      x = add_conv(builder, x, {.channels = kStem, .kernel = 3}, true);
    }
    DecisionId layer = 0;
    std::int64_t in = kStem;
    for (const Stage& stage : kStages) {
      for (int i = 0; i < stage.layers; ++i, ++layer) {
        const Scope scope(builder, "layers." + std::to_string(layer));
        const Conv outer{.channels = stage.channels, .stride = i == 0 ? stage.stride : 1};
        x = add_layer(builder, x, layer, in, outer);
        in = stage.channels;
      }
    }
    {
      const Scope scope(builder, "features");
      x = add_conv(builder, x, {.channels = kFeatures}, true);
    }
    const Scope scope(builder, "head");
    x = builder.add("global_avg_pool", {x});
    builder.output("logits", builder.add("linear", {x}, {{"out_features", settled.classes}}));
    return builder.finish();
  }

  static Value add_layer(GraphSink& sink, Value x, DecisionId layer, std::int64_t in,
                         const Conv& outer) {
    std::vector<std::function<Value()>> alternatives;
    for (const Block& block : kBlocks) {
      alternatives.emplace_back([&] { return add_block(sink, x, block, in, outer); });
    }
    const bool same = outer.stride == 1 && in == outer.channels;
    alternatives.emplace_back(
        [&] { return same ? sink.add("identity", {x}) : add_conv(sink, x, outer, true); });
    return sink.choose(choice_of(layer, kOperations.size()), alternatives);
  }
};

}  // namespace

extern constinit const Plugin<SearchSpace> fbnet_search_space{
    "fbnet",
    "22 layers of nine blocks each, for 32 x 32 images, with latencies of 27 devices",
    "Wu et al., FBNet: Hardware-Aware Efficient ConvNet Design via Differentiable Neural "
    "Architecture Search, CVPR 2019, arXiv 1812.03443",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<FbNet>();
    }};

}  // namespace nas
