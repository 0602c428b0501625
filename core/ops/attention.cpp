#include "core/ops/attention.h"

#include <algorithm>
#include <cmath>

#include "core/ir/graph_sink.h"
#include "core/ops/shape_rules.h"

// Vision transformers: tokens are a sequence [C, T], channels first, so that a layer on every token
// is a convolution of one frame. Positions, relative attention and low-rank layers are those of
// MCUFormer (Liang et al., NeurIPS 2023, arXiv 2310.16898), whose blocks are AutoFormer's (Chen et
// al., ICCV 2021, arXiv 2107.00651).
namespace nas {
namespace {

/// Learned tokens and tables start with a deviation of 0.02 (released code): U(-1/sqrt n, 1/sqrt n)
/// has 1/sqrt(3 n).
constexpr std::int64_t kTokenFanIn = 833;

constexpr AttrSpec kScoreAttrs[] = {
    optional_int("columns", 0, 0, "patches in a row of the image; 0 = all of them"),
    optional_int("reach", 14, 0, "larger distances count as this one"),
};
constexpr AttrSpec kValueAttrs[] = {
    required_int("channels", 1, "of each head"),
    optional_int("columns", 0, 0, "patches in a row of the image; 0 = all of them"),
    optional_int("reach", 14, 0, "larger distances count as this one"),
};

void infer_class_token(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& tokens = expect_sequence(call);
  outputs.push_back({Element::kFloat, {tokens[0], tokens[1] + 1}});
}

ParamSpec token_param(std::string_view name, const Shape& shape) {
  return {.name = name, .shape = shape, .init = ParamInit::kKaimingUniform, .fan_in = kTokenFanIn};
}

ParamList class_token_params(const OpCall& call) {
  ParamList list;
  list.add(token_param("token", {call.inputs[0].shape[0]}));
  return list;
}

void infer_positions(const OpCall& call, std::vector<TensorType>& outputs) {
  outputs.push_back({Element::kFloat, expect_sequence(call)});
}

ParamList position_params(const OpCall& call) {
  ParamList list;
  list.add(token_param("positions", call.inputs[0].shape));
  return list;
}

/// Completes "columns".
void settle_grid(const OpCall& call, std::int64_t tokens) {
  if (tokens < 2) call.fail("a class token and at least one patch are expected");
  if (call.get_int("columns") == 0) call.set_int("columns", tokens - 1);
  if ((tokens - 1) % call.get_int("columns") != 0) {
    call.fail("columns = " + std::to_string(call.get_int("columns")) +
              " does not divide patches = " + std::to_string(tokens - 1));
  }
}

const Shape& expect_heads(const OpCall& call, std::string_view form) {
  const TensorType& type = expect_float(call);
  if (type.shape.rank() != 3) {
    call.fail("input 0 is " + to_string(type) + ", expected " + std::string(form));
  }
  return type.shape;
}

void infer_scores(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& queries = expect_heads(call, "float[heads,channels,tokens]");
  settle_grid(call, queries[2]);
  outputs.push_back({Element::kFloat, {queries[0], queries[2], queries[2]}});
}

void infer_values(const OpCall& call, std::vector<TensorType>& outputs) {
  const Shape& weights = expect_heads(call, "float[heads,tokens,tokens]");
  if (weights[1] != weights[2]) {
    call.fail("input 0 is " + to_string(call.inputs[0]) + ", expected float[heads,tokens,tokens]");
  }
  settle_grid(call, weights[2]);
  outputs.push_back({Element::kFloat, {weights[0], call.get_int("channels"), weights[2]}});
}

ParamList table_params(const OpCall& call, std::int64_t channels) {
  const Shape table{relative_positions(call.get_int("reach")), channels};
  ParamList list;
  list.add(token_param("rows", table));
  list.add(token_param("columns", table));
  return list;
}
ParamList score_params(const OpCall& call) {
  return table_params(call, call.inputs[0].shape[1]);
}
ParamList value_params(const OpCall& call) {
  return table_params(call, call.get_int("channels"));
}

/// A product with an embedding for each pair of tokens.
OpCost relative_cost(const OpCall& call, std::int64_t channels) {
  const Shape& input = call.inputs[0].shape;
  std::int64_t macs = 0;
  if (__builtin_mul_overflow(input[0] * channels, input[2] * input[2], &macs)) {
    call.fail("has too many multiplications to count");
  }
  return {.macs = macs};
}
OpCost score_cost(const OpCall& call, std::span<const TensorType>) {
  return relative_cost(call, call.inputs[0].shape[1]);
}
OpCost value_cost(const OpCall& call, std::span<const TensorType>) {
  return relative_cost(call, call.get_int("channels"));
}

constexpr AttrSpec kLowRankAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    required_int("rank", 0, "channels between the factors; 0 = one whole layer"),
};

/// One factor of a layer: a 1x1 convolution.
Value add_factor(GraphSink& sink, std::string_view name, Value x, const ElasticValue& out,
                 bool bias) {
  const Scope scope(sink, name);
  return sink.add("conv1d", {x}, {{"out_channels", out}, {"kernel", 1}, {"bias", bias}});
}

/// V^T and S of W = U S V^T: what comes before the last factor.
Value add_reduction(GraphSink& sink, Value x, const ElasticValue& rank) {
  const ElasticValue width =
      rank.map_int([](std::int64_t r) { return std::max<std::int64_t>(r, 1); });
  const auto factors = [&] {
    return add_factor(sink, "core", add_factor(sink, "reduce", x, width, false), width, false);
  };
  const ElasticValue whole = rank.map_int([](std::int64_t r) { return std::int64_t{r > 0}; });
  return sink.choose(whole, {[&] { return x; }, factors});
}

Value expand_low_rank(GraphSink& sink, const MacroCall& call) {
  const Value x = add_reduction(sink, call.input(), call.attr("rank"));
  return add_factor(sink, "expand", x, call.attr("out_channels"), true);
}

constexpr AttrSpec kAttentionAttrs[] = {
    required_int("out_channels", 1, "channels of the tokens"),
    required_int("heads", 1, "that attend each for itself"),
    required_int("rank", 0, "of the factors of both layers; 0 = whole layers"),
    required_int("tokens", 2, "a class token and the patches"),
    optional_int("head_channels", 64, 1, "of queries, keys and values of a head"),
    optional_int("columns", 0, 0, "patches in a row of the image; 0 = all of them"),
    optional_int("reach", 14, 0, "largest relative position"),
};

/// softmax((q k + q r_k) / sqrt(D)) (v + r_v), with the embeddings r of relative positions.
/// Queries, keys and values share the first factors of their layer.
Value expand_attention(GraphSink& sink, const MacroCall& call) {
  const std::int64_t channels = call.constant_int("head_channels");
  const ElasticValue inner =
      call.attr("heads").map_int([=](std::int64_t heads) { return heads * channels; });
  const NamedAttr columns{"columns", call.attr("columns")}, reach{"reach", call.attr("reach")};
  Value shared;
  {
    const Scope scope(sink, "qkv");
    shared = add_reduction(sink, call.input(), call.attr("rank"));
  }
  const auto heads_of = [&](std::string_view name) {
    const Value x = add_factor(sink, std::string("qkv/") + std::string(name), shared, inner, true);
    return sink.add(
        "reshape", {x},
        {{"dim0", call.attr("heads")}, {"dim1", channels}, {"dim2", call.attr("tokens")}});
  };
  const Value q = heads_of("query"), k = heads_of("key"), v = heads_of("value");  // [h, D, T]
  const Value content =
      sink.add("matmul", {sink.add("swap_axes", {q}, {{"first", 1}, {"second", 2}}), k});
  const Value position = sink.add("relative_scores", {q}, {columns, reach});
  const Value scores =
      sink.add("scale_by", {sink.add("add", {content, position})},
               {{"factor", 1.0 / std::sqrt(static_cast<double>(channels))}});  // [h, T, T]
  const Value weights = sink.add("softmax", {scores});
  const Value by_key = sink.add("swap_axes", {weights}, {{"first", 1}, {"second", 2}});
  const Value mixed =
      sink.add("add", {sink.add("matmul", {v, by_key}),
                       sink.add("relative_values", {weights},
                                {{"channels", channels}, columns, reach})});  // [h, D, T]
  const Value merged =
      sink.add("reshape", {mixed}, {{"dim0", inner}, {"dim1", call.attr("tokens")}});
  const Scope scope(sink, "project");
  return sink.add("low_rank_conv1d", {merged},
                  {{"out_channels", call.attr("out_channels")}, {"rank", call.attr("rank")}});
}

constexpr OpSchema kOps[] = {
    {
        .name = "class_token",
        .doc = "a learned token before the others, [C,T] -> [C,T+1]",
        .role = OpRole::kOtherWeights,
        .family = OpFamily::kOther,
        .channels = ChannelRule::kAsInput,
        .infer = infer_class_token,
        .params = class_token_params,
        .onnx_name = "Concat",
    },
    {
        .name = "position_embedding",
        .doc = "adds a learned number to every channel of every token",
        .role = OpRole::kOtherWeights,
        .family = OpFamily::kOther,
        .channels = ChannelRule::kAsInput,
        .infer = infer_positions,
        .params = position_params,
        .onnx_name = "Add",
    },
    {
        .name = "relative_scores",
        .doc =
            "products of queries with the embeddings of where each key lies from them, [heads,D,T] "
            "-> [heads,T,T]; an embedding is the sum of one of the rows and one of the columns",
        .role = OpRole::kOtherWeights,
        .family = OpFamily::kOther,
        .zero_rule = ZeroRule::kKeeps,
        .attrs = kScoreAttrs,
        .infer = infer_scores,
        .cost = score_cost,
        .params = score_params,
    },
    {
        .name = "relative_values",
        .doc =
            "sums of the embeddings of where each key lies, under attention weights, [heads,T,T] "
            "-> [heads,channels,T]",
        .role = OpRole::kOtherWeights,
        .family = OpFamily::kOther,
        .zero_rule = ZeroRule::kKeeps,
        .attrs = kValueAttrs,
        .infer = infer_values,
        .cost = value_cost,
        .params = value_params,
    },
    {
        .name = "low_rank_conv1d",
        .doc = "three convolutions of one frame in place of one: the factors of its truncated "
               "singular value decomposition",
        .attrs = kLowRankAttrs,
        .expand = expand_low_rank,
    },
    {
        .name = "relative_attention",
        .doc = "multi-head attention with two-dimensional relative positions, layers of low rank",
        .attrs = kAttentionAttrs,
        .expand = expand_attention,
    },
};

}  // namespace

std::vector<std::int64_t> relative_places(const TokenGrid& grid, GridAxis axis) {
  const auto place_of = [&](std::int64_t token) {
    return axis == GridAxis::kRows ? (token - 1) / grid.columns : (token - 1) % grid.columns;
  };
  std::vector<std::int64_t> places;
  places.reserve(static_cast<std::size_t>(grid.tokens * grid.tokens));
  for (std::int64_t query = 0; query < grid.tokens; ++query) {
    for (std::int64_t key = 0; key < grid.tokens; ++key) {
      const std::int64_t distance = place_of(key) - place_of(query);
      const bool patches = query > 0 && key > 0;
      places.push_back(patches ? std::clamp(distance, -grid.reach, grid.reach) + grid.reach + 1
                               : 0);
    }
  }
  return places;
}

extern constinit const OpList attention_list{kOps};

}  // namespace nas
