#include "searchspaces/mcuformer_network.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace nas {
namespace {

constexpr std::int64_t kSide = 240;
constexpr std::int64_t kReach = 14;

/// Of an image of 240 x 240: two patches do not divide it (published code).
std::int64_t published_padding(std::int64_t patch) {
  return patch == 32 ? 8 : patch == 28 ? 6 : 0;
}

/// Pixels of 240 as pixels of the image's shorter side.
std::int64_t scaled(std::int64_t pixels, const Shape& image) {
  const std::int64_t side = std::min(image[1], image[2]);
  return (2 * pixels * side + kSide) / (2 * kSide);
}

/// The patches of one choice on an image.
struct PatchGrid {
  std::int64_t patch = 0, padding = 0, rows = 0, columns = 0;
  std::int64_t tokens() const { return rows * columns + 1; }
};

PatchGrid patch_grid(std::int64_t patch, const Shape& image) {
  PatchGrid grid{.patch = mcuformer_patch(patch, image)};
  grid.padding = std::min(scaled(published_padding(patch), image), grid.patch / 2);
  const auto count = [&](std::int64_t side) {
    return (side + 2 * grid.padding - grid.patch) / grid.patch + 1;
  };
  grid.rows = count(image[1]);
  grid.columns = count(image[2]);
  return grid;
}

std::int64_t floor_of(double value) {
  // 256 x 0.95 and the like are whole numbers that a double may miss from below.
  return static_cast<std::int64_t>(std::floor(value + 1e-9));
}

/// 0: whole layers.
std::int64_t rank_of(double width, double ratio) {
  return ratio == 0 ? 0 : std::max<std::int64_t>(floor_of(width * ratio), 1);
}

class Network {
 public:
  Network(const McuformerGrid& grid, const Task& task)
      : grid_(grid), order_(grid), task_(task), head_channels_(task.width) {
    for (const std::int64_t patch : grid.patches) {
      patches_.push_back(patch_grid(patch, task.input));
    }
    tokens_ = by_patch([](const PatchGrid& at) { return at.tokens(); });
    columns_ = by_patch([](const PatchGrid& at) { return at.columns; });
    std::vector<std::int64_t> widths;
    for (const std::int64_t embedding : grid.embeddings) widths.push_back(scaled_width(embedding));
    embedding_ = ElasticValue::of(Order::kEmbedding, std::span<const std::int64_t>(widths));
  }

  Blueprint describe() {
    Value x = add_tokens(builder_.input({Element::kFloat, task_.input}));
    for (std::size_t block = 0; block < order_.blocks; ++block) x = add_present_block(x, block);
    builder_.output("logits", add_head(x));
    return builder_.finish();
  }

 private:
  using Order = McuformerDecisions;

  /// Widths of the published networks have heads of 64 channels.
  std::int64_t scaled_width(std::int64_t width) const {
    return std::max<std::int64_t>(width * head_channels_ / kMcuformerHeadChannels, 1);
  }

  ElasticValue by_patch(const std::function<std::int64_t(const PatchGrid&)>& function) const {
    std::vector<std::int64_t> values;
    for (const PatchGrid& at : patches_) values.push_back(function(at));
    return ElasticValue::of(Order::kPatch, std::span<const std::int64_t>(values));
  }

  /// A function of two decisions.
  static ElasticValue of(DecisionId first, std::size_t firsts, DecisionId second,
                         std::size_t seconds,
                         const std::function<std::int64_t(std::size_t, std::size_t)>& function) {
    return ElasticValue::of(
        {first, second}, {static_cast<std::uint16_t>(firsts), static_cast<std::uint16_t>(seconds)},
        [&](Choices choices) -> AttrValue { return function(choices[0], choices[1]); });
  }

  /// The ranks of attention layers are relative to the supernet's width, whatever the subnet's.
  ElasticValue attention_rank() const {
    std::vector<std::int64_t> ranks;
    const auto width = static_cast<double>(scaled_width(grid_.supernet_width));
    for (const double rank : grid_.ranks) {
      ranks.push_back(rank_of(width, rank));
    }
    return ElasticValue::of(Order::kRank, std::span<const std::int64_t>(ranks));
  }
  /// Of a block's two layers, which have the embedding at one end.
  ElasticValue block_rank() const {
    return of(Order::kRank, grid_.ranks.size(), Order::kEmbedding, grid_.embeddings.size(),
              [&](std::size_t rank, std::size_t embedding) {
                const auto width = static_cast<double>(scaled_width(grid_.embeddings[embedding]));
                return rank_of(width, grid_.ranks[rank]);
              });
  }
  ElasticValue hidden(DecisionId ratio) const {
    return of(Order::kEmbedding, grid_.embeddings.size(), ratio, grid_.ratios.size(),
              [&](std::size_t embedding, std::size_t times) {
                const auto width = static_cast<double>(scaled_width(grid_.embeddings[embedding]));
                return floor_of(width * grid_.ratios[times]);
              });
  }

  /// Patches of each size have an embedding and positions of their own.
  Value add_tokens(Value image) {
    std::vector<GraphSink::Alternative> alternatives;
    for (std::size_t i = 0; i < patches_.size(); ++i) {
      alternatives.emplace_back([this, image, i] {
        const PatchGrid& at = patches_[i];
        const Scope scope(builder_, "patches_" + std::to_string(grid_.patches[i]));
        Value x = builder_.add("conv2d", {image},
                               {{"out_channels", embedding_},
                                {"kernel", at.patch},
                                {"stride", at.patch},
                                {"padding", at.padding},
                                {"bias", true}});
        x = builder_.add("reshape", {x}, {{"dim0", embedding_}, {"dim1", at.tokens() - 1}});
        x = builder_.add("class_token", {x});
        return builder_.add("position_embedding", {x});
      });
    }
    return builder_.choose(choice_of_patch(), alternatives);
  }
  ElasticValue choice_of_patch() const {
    std::vector<std::int64_t> places;
    for (std::size_t i = 0; i < patches_.size(); ++i) {
      places.push_back(static_cast<std::int64_t>(i));
    }
    return ElasticValue::of(Order::kPatch, std::span<const std::int64_t>(places));
  }

  Value add_present_block(Value x, std::size_t block) {
    const Scope scope(builder_, "block_" + std::to_string(block + 1));
    const auto present =
        ElasticValue::of(Order::kDepth, std::span<const std::int64_t>(grid_.depths))
            .map_int([block](std::int64_t depth) {
              return std::int64_t{static_cast<std::size_t>(depth) > block};
            });
    return builder_.choose(present, {[&] { return x; }, [&] { return add_block(x, block); }});
  }

  Value add_norm(Value x) { return builder_.add("layer_norm", {x}, {{"over_channels", true}}); }

  Value add_block(Value x, std::size_t block) {
    const auto place = static_cast<DecisionId>(block);
    {
      const Scope scope(builder_, "attention");
      const Value inner =
          builder_.add("relative_attention", {add_norm(x)},
                       {{"out_channels", embedding_},
                        {"heads", ElasticValue::of(order_.first_head + place,
                                                   std::span<const std::int64_t>(grid_.heads))},
                        {"rank", attention_rank()},
                        {"tokens", tokens_},
                        {"head_channels", head_channels_},
                        {"columns", columns_},
                        {"reach", kReach}});
      x = builder_.add("add", {x, inner});
    }
    const Scope scope(builder_, "mlp");
    const auto layer = [&](std::string_view name, Value from, const ElasticValue& out) {
      const Scope inside(builder_, name);
      return builder_.add("low_rank_conv1d", {from},
                          {{"out_channels", out}, {"rank", block_rank()}});
    };
    const Value wide =
        builder_.add("gelu", {layer("expand", add_norm(x), hidden(Order::kFirstRatio + place))});
    return builder_.add("add", {x, layer("project", wide, embedding_)});
  }

  /// The mean of the patches, without the class token.
  Value add_head(Value x) {
    const Scope scope(builder_, "head");
    x = builder_.add("swap_axes", {add_norm(x)});
    x = builder_.add("slice_channels", {x}, {{"begin", 1}});
    x = builder_.add("global_avg_pool", {builder_.add("swap_axes", {x})});
    return builder_.add("linear", {x}, {{"out_features", task_.classes}});
  }

  const McuformerGrid& grid_;
  McuformerDecisions order_;
  const Task& task_;
  std::int64_t head_channels_;
  std::vector<PatchGrid> patches_;
  ElasticValue tokens_, columns_, embedding_;
  BlueprintBuilder builder_;
};

}  // namespace

McuformerDecisions::McuformerDecisions(const McuformerGrid& grid)
    : blocks(static_cast<std::size_t>(grid.depths.back())) {
  first_head = kFirstRatio + static_cast<DecisionId>(blocks);
}

std::int64_t mcuformer_patch(std::int64_t patch, const Shape& image) {
  return std::max<std::int64_t>(scaled(patch, image), 1);
}

double mcuformer_peak_bytes(std::int64_t embedding, std::int64_t patch, double largest_ratio,
                            double rank, std::int64_t side) {
  const double width = static_cast<double>(embedding);
  const double along = static_cast<double>(side) / static_cast<double>(patch);
  return width * ((along * along + 1) * (1 + largest_ratio) + width * largest_ratio * rank);
}

Blueprint describe_mcuformer(const McuformerGrid& grid, const Task& task) {
  return Network(grid, task).describe();
}

}  // namespace nas
