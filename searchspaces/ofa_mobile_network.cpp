#include <algorithm>

#include "searchspaces/mobile_blocks.h"
#include "searchspaces/ofa_mobile.h"

namespace nas {
namespace {

class Network {
 public:
  explicit Network(const OfaMobileFamily& family) : family_(family), order_(family) {}

  Blueprint describe(const Task& task) {
    Value x = builder_.input({Element::kFloat, task.input});
    const int stem_stride = family_.halvings.value_or(kHalvings) < kHalvings ? 1 : 2;
    x = proxyless_ends() ? proxyless::add_start(builder_, x, width(family_.stem_width),
                                                width(family_.first_width), stem_stride)
                         : add_start(x);
    channels_ = family_.first_width;
    side_ = (std::min(task.input[1], task.input[2]) + 1) / 2;  // a stem that halves
    small_ = std::min(task.input[1], task.input[2]) < family_.smallest_side;
    std::size_t slot = 0;
    for (std::size_t stage = 0; stage < family_.stages.size(); ++stage) {
      const Scope scope(builder_, "stage_" + std::to_string(stage + 1));
      x = add_stage(x, stage, slot);
      slot += family_.stages[stage].slots;
    }
    builder_.output("logits", proxyless_ends() ? add_proxyless_head(x, task.classes)
                                               : add_head(x, task.classes));
    return builder_.finish();
  }

 private:
  bool proxyless_ends() const { return family_.final_width == 0; }

  /// `base` channels times the multiplier, which may be open.
  ElasticValue width(std::int64_t base) const {
    std::vector<std::int64_t> widths;
    for (const double multiplier : family_.multipliers) {
      widths.push_back(scaled_channels(base, multiplier));
    }
    return family_.elastic_width ? ElasticValue::of(order_.width, widths)
                                 : ElasticValue(widths.front());
  }

  /// Channels inside of a block: those of `base` channels, times the ratio of a decision.
  ElasticValue expanded(std::int64_t base, DecisionId ratio) const {
    const std::span<const std::int64_t> ratios = ofa_mobile_expansions();
    const ElasticValue in = width(base);
    const auto expand = [](std::int64_t channels, std::int64_t times) {
      return make_divisible(static_cast<double>(channels * times));
    };
    if (in.is_constant()) {
      return ElasticValue::of(ratio, ratios).map_int([&](std::int64_t times) {
        return expand(in.values().front().as_int(), times);
      });
    }
    return ElasticValue::of({order_.width, ratio},
                            {static_cast<std::uint16_t>(family_.multipliers.size()),
                             static_cast<std::uint16_t>(ratios.size())},
                            [&](Choices choices) -> AttrValue {
                              return expand(in.values()[choices[0]].as_int(), ratios[choices[1]]);
                            });
  }

  Value add_proxyless_head(Value x, std::int64_t classes) {
    if (family_.feature_width == 0) return proxyless::add_plain_head(builder_, x, classes);
    return proxyless::add_head(builder_, x, width(family_.feature_width), classes);
  }

  Value add_start(Value x) {
    {
      const Scope scope(builder_, "stem");
      x = add_conv_norm(builder_, x, {width(family_.stem_width), 3, 2, "hswish"});
    }
    const Scope scope(builder_, "first_block");
    const Value inner = builder_.add(
        "mbconv", {x},
        {{"mid_channels", 0}, {"out_channels", width(family_.first_width)}, {"kernel", 3}});
    return builder_.add("add", {x, inner});
  }

  Value add_stage(Value x, std::size_t stage, std::size_t first_slot) {
    const std::span<const std::int64_t> depths = ofa_mobile_depths();
    for (std::size_t block = 0; block < family_.stages[stage].slots; ++block) {
      const Scope scope(builder_, "block_" + std::to_string(block + 1));
      const auto depth = static_cast<DecisionId>(order_.first_depth + stage);
      if (block < static_cast<std::size_t>(depths.front())) {
        x = add_block(x, stage, block, first_slot + block);
        continue;
      }
      const ElasticValue present = ElasticValue::of(depth, depths).map_int([&](std::int64_t d) {
        return std::int64_t{static_cast<std::size_t>(d) > block};
      });
      const Value before = x;
      x = builder_.choose(present,
                          {[&] { return before; },
                           [&] { return add_block(before, stage, block, first_slot + block); }});
    }
    return x;
  }

  /// As often as the family says. Else, where halving would leave next to nothing of a small image,
  /// it is left out: blocks on single pixels learn nothing.
  int stride_of(const OfaMobileStage& stage) {
    if (family_.halvings) {
      if (stage.stride == 1 || halved_ == family_.halvings) return 1;
      ++halved_;
      return stage.stride;
    }
    constexpr std::int64_t kLeastSide = 4;
    const std::int64_t halved = (side_ + stage.stride - 1) / stage.stride;
    if (small_ && halved < kLeastSide) return 1;
    side_ = halved;
    return stage.stride;
  }

  Value add_block(Value x, std::size_t stage, std::size_t block, std::size_t slot) {
    const OfaMobileStage& settings = family_.stages[stage];
    const ElasticValue out = width(settings.width);
    const ElasticValue kernel =
        ElasticValue::of(order_.first_kernel + static_cast<DecisionId>(slot), ofa_mobile_kernels());
    const ElasticValue mid = expanded(block == 0 ? channels_ : settings.width,
                                      order_.first_expansion + static_cast<DecisionId>(slot));
    const ElasticValue hidden =
        settings.squeeze_excite
            ? mid.map_int([](std::int64_t m) { return make_divisible(static_cast<double>(m / 4)); })
            : ElasticValue(0);
    const Value inner = builder_.add("mbconv", {x},
                                     {{"mid_channels", mid},
                                      {"out_channels", out},
                                      {"kernel", kernel},
                                      {"stride", block == 0 ? stride_of(settings) : 1},
                                      {"se_channels", hidden},
                                      {"hswish", settings.hard_swish},
                                      {"relu6", proxyless_ends()},
                                      {"eps", proxyless_ends() ? proxyless::kEps : kUsualEps}});
    channels_ = settings.width;
    return block == 0 ? inner : builder_.add("add", {x, inner});
  }

  /// The feature mix has neither batch norm nor bias. Dropout belongs to the training recipe.
  Value add_head(Value x, std::int64_t classes) {
    const Scope scope(builder_, "head");
    x = add_conv_norm(builder_, x, {width(family_.final_width), 1, 1, "hswish"});
    x = builder_.add("global_avg_pool", {x}, {{"keep_dims", true}});
    x = builder_.add("conv2d", {x},
                     {{"out_channels", width(family_.feature_width)}, {"kernel", 1}});
    x = builder_.add("hswish", {x});
    x = builder_.add("flatten", {x});
    return builder_.add("linear", {x}, {{"out_features", classes}});
  }

  static constexpr double kUsualEps = 1e-5;
  static constexpr int kHalvings = 5;

  const OfaMobileFamily& family_;
  OfaMobileDecisions order_;
  BlueprintBuilder builder_;
  std::int64_t side_ = 0;  // of the image that the next block reads, the shorter one
  bool small_ = false;
  int halved_ = 0;             // stages that have halved, of a family that says how often
  std::int64_t channels_ = 0;  // of the value that the next block reads, times the multiplier
};

}  // namespace

Blueprint describe_ofa_mobile(const OfaMobileFamily& family, const Task& settled) {
  return Network(family).describe(settled);
}

}  // namespace nas
