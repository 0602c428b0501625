#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/pixel_unshuffle.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <map>
#include <string>

#include "core/ir/reachability.h"
#include "predictors/zerocost/taps_torch.h"

// AZ-NAS: J. Lee, B. Ham, Assembling Zero-Cost Proxies for Network Architecture Search, CVPR 2024.
namespace nas {
namespace {

/// The block a node is part of: its scope up to the last numbered component ("stages.0/cells.3"),
/// or its first component ("stem").
std::string block_of(std::string_view scope) {
  std::size_t end = std::string_view::npos;
  for (std::size_t i = 0; i + 1 < scope.size(); ++i) {
    const bool digit = scope[i + 1] >= '0' && scope[i + 1] <= '9';
    if (scope[i] != '.' || !digit) continue;
    end = scope.find('/', i);
    if (end == std::string_view::npos) return std::string(scope);
  }
  if (end == std::string_view::npos) end = scope.find('/');
  return std::string(scope.substr(0, end));
}

struct BlockOutput {
  std::string name;
  NodeId node = 0;
};

/// The block of a pooling by attention: its last map is weights, not features. "" where there is
/// none.
std::string attention_block(const ArchGraph& graph) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    const bool weighted = graph.inputs(node).size() > 1;
    if (graph.op(node).role == OpRole::kGlobalPool && weighted) return block_of(graph.scope(node));
  }
  return "";
}

/// The last live image or sequence of each block, in order; the head's pooled features are neither.
std::vector<BlockOutput> block_outputs(const ArchGraph& graph) {
  const std::vector<bool> live = needed_nodes(graph);
  const NodeId end = graph.graph_outputs()[0].value.node;
  const std::string head = block_of(graph.scope(end));
  const std::string attention = attention_block(graph);
  std::vector<BlockOutput> blocks;
  std::map<std::string, std::size_t> index;
  for (NodeId node = 0; node <= end; ++node) {
    const std::string name = block_of(graph.scope(node));
    const bool map = graph.output_types(node)[0].shape.rank() >= 2;
    if (!live[node] || !map || graph.inputs(node).empty() || name == head) continue;
    if (!attention.empty() && name == attention) continue;
    const auto [at, added] = index.try_emplace(name, blocks.size());
    if (added) blocks.push_back({name, node});
    blocks[at->second].node = node;
  }
  return blocks;
}

/// [positions, channels]
at::Tensor rows_of(const at::Tensor& map) {
  const at::Tensor last = map.dim() == 4 ? map.permute({0, 2, 3, 1}) : map.permute({0, 2, 1});
  return last.reshape({-1, map.size(1)});
}

/// The points of a window of `step` along each axis side by side as channels.
at::Tensor gathered(const at::Tensor& map, std::int64_t step) {
  if (map.dim() == 4) return at::pixel_unshuffle(map.contiguous(), step);
  const std::int64_t n = map.size(0), channels = map.size(1), frames = map.size(2);
  return map.reshape({n, channels, frames / step, step})
      .permute({0, 1, 3, 2})
      .reshape({n, channels * step, frames / step});
}

std::vector<double> doubles(const at::Tensor& matrix) {
  const at::Tensor flat = matrix.to(at::kCPU, at::kDouble).contiguous();
  const auto* values = flat.data_ptr<double>();
  return {values, values + flat.numel()};
}

std::vector<double> covariance(const at::Tensor& map) {
  const at::Tensor rows = rows_of(map.detach());
  const at::Tensor centred = rows - rows.mean(0, true);
  return doubles(at::mm(centred.t(), centred) / static_cast<double>(rows.size(0)));
}

/// Random signs of the shape of `like`.
at::Tensor random_signs(const at::Tensor& like, Rng rng) {
  at::Tensor signs = at::ones_like(like.detach());
  auto* values = signs.data_ptr<float>();
  std::uint32_t word = 0;
  for (std::int64_t i = 0; i < signs.numel(); ++i) {
    if (i % 32 == 0) word = rng();
    values[i] = ((word >> (i % 32)) & 1U) != 0 ? 1.0F : -1.0F;
  }
  return signs;
}

void take_jacobian(const at::Tensor& from, const at::Tensor& to, const at::Tensor& g_out,
                   BlockEvidence& block) {
  at::Tensor g_in = gradients(to, g_out, {from}, {.keep = true})[0];
  if (!g_in.defined()) g_in = at::zeros_like(from);
  block.identity = g_in.sizes() == g_out.sizes() && g_in.equal(g_out);
  const std::int64_t step = from.size(2) / to.size(2);
  bool fits = true;
  for (std::int64_t axis = 2; axis < to.dim(); ++axis) {
    fits = fits && from.size(axis) == step * to.size(axis);
  }
  if (!fits) {
    throw Error(ErrorKind::kUnsupported,
                "block '" + block.name + "' does not divide the size of its input evenly");
  }
  if (step > 1) g_in = gathered(g_in, step);
  const at::Tensor in = rows_of(g_in);
  const at::Tensor out = rows_of(g_out);
  block.in_channels = in.size(1);
  block.jacobian = doubles(at::mm(in.t(), out) / static_cast<double>(out.size(0)));
}

}  // namespace

void run_block_pass(const Measurement& measurement, Model& model, Evidence& evidence) {
  if ((measurement.needs & kNeedsBlocks) == 0) return;
  redraw_weights(model, WeightLaw::kKaimingNormal, measurement.key);
  ModelImpl& impl = model.impl();
  const std::vector<BlockOutput> blocks = block_outputs(measurement.graph);
  std::vector<at::Tensor> maps(blocks.size());
  ForwardOptions options{.batch_statistics = true};
  options.tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].node == node) maps[i] = output;
    }
  };
  impl.forward(noise_tensor(measurement, impl, measurement.settings.batch, 4), options);
  const Rng rng(
      {measurement.key.seed, stable_hash("signs"), measurement.key.trial, Purpose::kProxy});
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    BlockEvidence block{.name = blocks[i].name, .channels = maps[i].size(1)};
    block.covariance = covariance(maps[i]);
    if (i > 0) take_jacobian(maps[i - 1], maps[i], random_signs(maps[i], rng.stream(i)), block);
    evidence.blocks.push_back(std::move(block));
  }
}

}  // namespace nas
