#include "searchspaces/efficient_tdnn_network.h"

#include <string>

#include "core/ir/blueprint/blueprint.h"

namespace nas {
namespace {

constexpr std::int64_t kScale = 8;    // groups of a Res2 part
constexpr std::int64_t kSqueeze = 4;  // channels for each hidden one of squeeze-excite
constexpr std::int64_t kAttentionChannels = 128;

class Network {
 public:
  Network(const TdnnGrid& grid, const Task& task) : grid_(grid), task_(task) {}

  Blueprint describe() {
    const Value features = builder_.input({Element::kFloat, task_.input});
    {
      const Scope scope(builder_, "layer_1");
      block_input_ = shortcut_ = builder_.add(
          "conv1d_relu_bn", {features}, {{"out_channels", channels(0)}, {"kernel", kernel(0)}});
    }
    for (std::int64_t block = 1; block <= grid_.depths.front(); ++block) add_block(block);
    const Value embedding = add_embedding(add_aggregate(add_rest()));
    if (task_.classes > 0) {
      const Scope scope(builder_, "head");
      builder_.output("logits",
                      builder_.add("linear", {embedding}, {{"out_features", task_.classes}}));
    }
    builder_.output("embedding", embedding);
    return builder_.finish();
  }

 private:
  ElasticValue channels(std::int64_t layer) const {
    return ElasticValue::of(kTdnnFirstChannels + static_cast<DecisionId>(layer),
                            std::span<const std::int64_t>(grid_.channels));
  }
  ElasticValue kernel(std::int64_t layer) const {
    return ElasticValue::of(kTdnnFirstKernel + static_cast<DecisionId>(layer),
                            std::span<const std::int64_t>(grid_.kernels));
  }

  /// o_i = Block_i(o_(i-1)) + s_(i-1) and s_i = s_(i-1) + o_i, with o_0 = s_0 the first layer: a
  /// block reads the output of the one before, its shortcut the sum of all before.
  void add_block(std::int64_t block) {
    const Scope scope(builder_, "block_" + std::to_string(block));
    if (block > 1) shortcut_ = builder_.add("add", {shortcut_, block_input_});
    const Value inner = builder_.add(
        "se_res2_block", {block_input_},
        {{"mid_channels", channels(block)},
         {"kernel", kernel(block)},
         {"se_channels", channels(0).map_int([](std::int64_t c) { return c / kSqueeze; })},
         {"dilation", block + 1},
         {"scale", kScale}});
    block_input_ = builder_.add("add", {inner, shortcut_});
    outputs_.push_back(block_input_);
  }

  /// The concatenation of all blocks: those beyond the present ones are there where the depth says
  /// so.
  Value add_rest() {
    const auto stop = [this] {
      const Scope scope(builder_, "aggregate");
      return builder_.add("concat", outputs_);
    };
    const auto block = static_cast<std::int64_t>(outputs_.size()) + 1;
    if (block > grid_.depths.back()) return stop();
    const ElasticValue present =
        ElasticValue::of(kTdnnDepth, std::span<const std::int64_t>(grid_.depths))
            .map_int([block](std::int64_t depth) { return std::int64_t{depth >= block}; });
    return builder_.choose(present, {stop, [&] {
                                       add_block(block);
                                       return add_rest();
                                     }});
  }

  /// No batch normalisation here.
  Value add_aggregate(Value blocks) {
    const Scope scope(builder_, "aggregate");
    const ElasticValue out =
        ElasticValue::of(kTdnnAggregate, std::span<const std::int64_t>(grid_.aggregate));
    return builder_.add("relu",
                        {builder_.add("conv1d", {blocks}, {{"out_channels", out}, {"kernel", 1}})});
  }

  Value add_embedding(Value x) {
    {
      const Scope scope(builder_, "pool");
      x = builder_.add("attentive_stats_pool", {x}, {{"hidden_channels", kAttentionChannels}});
      x = builder_.add("batch_norm", {x});
    }
    const Scope scope(builder_, "embedding");
    x = builder_.add("linear", {x}, {{"out_features", task_.embedding}});
    return builder_.add("batch_norm", {x});
  }

  const TdnnGrid& grid_;
  const Task& task_;
  BlueprintBuilder builder_;
  Value block_input_, shortcut_;
  std::vector<Value> outputs_;  // of the blocks
};

}  // namespace

Blueprint describe_tdnn(const TdnnGrid& grid, const Task& task) {
  return Network(grid, task).describe();
}

}  // namespace nas
