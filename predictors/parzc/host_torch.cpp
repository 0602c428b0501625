#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/diag_embed.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>

#include <cmath>

#include "predictors/parzc/network_torch.h"

// The graph transformer of ParZC (released name ParZCBMM), after PINAT (AAAI 2023). One token a
// vertex of the cell graph, in every space: the released NAS-Bench-201 version feeds the first four
// of six edge operations as if they were the nodes, which we do not follow.

namespace nas {
namespace {

constexpr double kSlope = 0.2;
constexpr double kNormEpsilon = 1e-6;
constexpr std::int64_t kEncodingHeads = 6;
constexpr std::int64_t kAttentionHeads = 2;

/// Sums over in-neighbours and the vertex itself, in several heads; independent of the vertices'
/// order.
class GraphConvolution {
 public:
  struct Shape {
    std::int64_t in, out, heads;
    bool sum = false;  ///< of the heads; else they are concatenated
  };
  GraphConvolution(ParameterSet& set, const std::string& name, const Shape& shape) : shape_(shape) {
    const auto glorot = [](std::int64_t a, std::int64_t b) {
      return std::sqrt(6.0 / static_cast<double>(a + b));
    };
    const std::int64_t out = shape.out, t = shape.heads;
    in_ = set.uniform(name + ".in", {shape.in, out * t}, glorot(shape.in, out * t));
    scale_ = set.uniform(name + ".scale", {out, 1}, glorot(out, 1));
    shift_ = set.constant(name + ".shift", {out, 1}, 0);
    mix_ = set.uniform(name + ".mix", {out, t, t}, glorot(t, t));
    bias_ = set.constant(name + ".bias", {out, t}, 0);
    gain_ = set.uniform(name + ".gain", {out, t}, glorot(out, t));
  }

  /// x: [N, V, in]; neighbours: [N, V, V], row = receiver -> [N, V, out * heads] or [N, V, out]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& neighbours) const {
    const std::int64_t n = x.size(0), v = x.size(1);
    // [N, V, out, t]
    const at::Tensor values = at::leaky_relu(
        at::matmul(x, in_).view({n, v, shape_.out, shape_.heads}) * scale_ + shift_, kSlope);
    const at::Tensor gathered =
        at::bmm(neighbours, values.view({n, v, -1})).view({n * v, shape_.out, shape_.heads});
    // Per output channel a [t, heads] matrix: [out, N V, t] x [out, t, heads].
    const at::Tensor mixed = at::bmm(gathered.transpose(0, 1), mix_).transpose(0, 1);
    const at::Tensor heads =
        (at::leaky_relu(mixed + bias_, kSlope) * gain_).view({n, v, shape_.out, shape_.heads});
    return shape_.sum ? heads.sum(3) : heads.reshape({n, v, -1});
  }

 private:
  Shape shape_;
  at::Tensor in_, scale_, shift_, mix_, bias_, gain_;
};

/// Graph convolution plus a linear layer of the same input.
class StructureLayer {
 public:
  StructureLayer(ParameterSet& set, const std::string& name, const GraphConvolution::Shape& shape)
      : convolution_(set, name + ".graph", shape),
        line_(set, name + ".line", shape.in, shape.sum ? shape.out : shape.out * shape.heads) {}
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& neighbours) const {
    return convolution_(x, neighbours) + line_(x);
  }

 private:
  GraphConvolution convolution_;
  DenseLayer line_;
};

/// Two heads of dot products and two of structure, then a feed-forward.
class EncoderLayer {
 public:
  EncoderLayer(ParameterSet& set, const std::string& name, const HostShape& shape)
      : shape_(shape),
        query_(set, name + ".query", shape.width, kAttentionHeads * shape.attention, false),
        key_(set, name + ".key", shape.width, kAttentionHeads * shape.attention, false),
        value_(set, name + ".value", shape.width, kAttentionHeads * shape.attention, false),
        structure_in_(set, name + ".structure.0", {shape.width, shape.structure, kAttentionHeads}),
        structure_out_(set, name + ".structure.1",
                       {kAttentionHeads * shape.structure, shape.attention, kAttentionHeads}),
        join_(set, name + ".join", 2 * kAttentionHeads * shape.attention, shape.width, false),
        join_norm_(set, name + ".join_norm", shape.width, kNormEpsilon),
        wide_(set, name + ".wide", shape.width, shape.feed_forward),
        narrow_(set, name + ".narrow", shape.feed_forward, shape.width),
        norm_(set, name + ".norm", shape.width, kNormEpsilon) {}

  at::Tensor operator()(const at::Tensor& x, const at::Tensor& neighbours, Chance& chance) const {
    const at::Tensor structure = structure_out_(at::elu(structure_in_(x, neighbours)), neighbours);
    const at::Tensor joined = join_(at::cat({attend(x, chance), structure}, 2));
    const at::Tensor mixed = join_norm_(x + chance.dropout(joined, shape_.dropout));
    const at::Tensor fed = narrow_(at::relu(wide_(mixed)));
    return norm_(mixed + chance.dropout(fed, shape_.dropout));
  }

 private:
  /// [N, V, heads * attention] -> [N, heads, V, attention]
  at::Tensor by_head(const at::Tensor& x) const {
    return x.view({x.size(0), x.size(1), kAttentionHeads, shape_.attention}).transpose(1, 2);
  }

  at::Tensor attend(const at::Tensor& x, Chance& chance) const {
    const double scale = 1 / std::sqrt(static_cast<double>(shape_.attention));
    const at::Tensor scores =
        at::matmul(by_head(query_(x)), by_head(key_(x)).transpose(2, 3)).mul(scale);
    const at::Tensor weights = chance.dropout(at::softmax(scores, 3), shape_.dropout);
    const at::Tensor read = at::matmul(weights, by_head(value_(x)));
    return read.transpose(1, 2).reshape({x.size(0), x.size(1), -1});
  }

  HostShape shape_;
  DenseLayer query_, key_, value_;
  StructureLayer structure_in_, structure_out_;
  DenseLayer join_;
  NormLayer join_norm_;
  DenseLayer wide_, narrow_;
  NormLayer norm_;
};

class HostNetwork final : public RankNetwork {
 public:
  HostNetwork(ParameterSet& set, const MixerShape& mixer, const HostShape& host,
              const RankSamples& like)
      : shape_(host),
        embedding_(set.normal("embedding", {like.operations, host.width})),
        position_(set, "position", like.vertices, host.width),
        encode_{
            {set, "encode.0", {like.operations, host.structure, kEncodingHeads}},
            {set, "encode.1", {kEncodingHeads * host.structure, host.structure, kEncodingHeads}},
            {set, "encode.2", {kEncodingHeads * host.structure, host.width, kEncodingHeads, true}}},
        norm_(set, "encode.norm", host.width, kNormEpsilon),
        mixer_(set, mixer, like.inputs, like.vertices * host.width),
        hidden_(set, "head.hidden", host.width, host.width, false),
        output_(set, "head.output", host.width, 1, false) {
    for (std::int64_t i = 0; i < host.layers; ++i) {
      layers_.emplace_back(set, "layers." + std::to_string(i), host);
    }
  }

  at::Tensor forward(const RankBatch& batch, Chance& chance) const override {
    const at::Tensor& one_hot = batch.operations;
    const std::int64_t n = one_hot.size(0), v = one_hot.size(1);
    const at::Tensor neighbours =
        batch.adjacency.transpose(1, 2) + at::eye(v, batch.adjacency.options());
    const at::Tensor laplacian = at::diag_embed(batch.adjacency.sum(2)) - batch.adjacency;
    at::Tensor tokens =
        chance.dropout(at::matmul(one_hot, embedding_) + position_(laplacian), shape_.dropout);
    at::Tensor structure = at::elu(encode_[0](one_hot, neighbours));
    structure = encode_[2](at::elu(encode_[1](structure, neighbours)), neighbours);
    tokens = norm_(tokens + chance.dropout(structure, shape_.dropout));
    // [N, V * width] -> [N, V, width]
    tokens = tokens + mixer_(batch.statistics, chance).view({n, v, shape_.width});
    for (const EncoderLayer& layer : layers_) tokens = layer(tokens, neighbours, chance);
    // Vertices that the cell does not have do not count.
    const at::Tensor present = one_hot.sum(2, true);
    const at::Tensor pooled = (tokens * present).sum(1) / present.sum(1);
    return output_(chance.dropout(hidden_(pooled), shape_.dropout)).squeeze(1);
  }

 private:
  HostShape shape_;
  at::Tensor embedding_;
  DenseLayer position_;
  StructureLayer encode_[3];
  NormLayer norm_;
  Mixer mixer_;
  std::vector<EncoderLayer> layers_;
  DenseLayer hidden_, output_;
};

}  // namespace

std::unique_ptr<RankNetwork> make_host_network(ParameterSet& set, const MixerShape& mixer,
                                               const HostShape& host, const RankSamples& like) {
  return std::make_unique<HostNetwork>(set, mixer, host, like);
}

}  // namespace nas
