#include "app/host_models/kernel_timing.h"

#include <algorithm>
#include <limits>

#include "core/runtime/latency.h"
#include "hwmodels/kernel_strip.h"

namespace nas {
namespace {

/// Lower quartiles by node; 0 for one that does not run.
std::vector<double> node_times(const LayerLatencies& latencies, std::size_t nodes) {
  std::vector<double> times(nodes, 0);
  for (const LayerLatency& layer : latencies.layers) times[layer.node] = layer.low;
  return times;
}

double sum_of(std::span<const NodeId> nodes, std::span<const double> times) {
  double sum = 0;
  for (const NodeId node : nodes) sum += times[node];
  return sum;
}

std::vector<double> time_strip(std::span<const Kernel> kernels, const Device& device) {
  const KernelStrip strip = make_strip(kernels);
  const std::vector<double> times =
      node_times(measure_layers(strip.graph, device), strip.graph.size());
  std::vector<double> result;
  for (const std::vector<NodeId>& nodes : strip.nodes) result.push_back(sum_of(nodes, times));
  return result;
}

Kernel together(const Kernel& first, const Kernel& second) {
  Kernel both = first;
  both.ops.insert(both.ops.end(), second.ops.begin(), second.ops.end());
  return both;
}

std::int64_t output_elements(const Kernel& kernel) {
  return kernel.ops.back().output.shape.elements();
}

}  // namespace

LoggedNetwork time_network(const ArchGraph& graph, const FusionRules& rules, const Device& device) {
  const LayerLatencies latencies = measure_layers(graph, device);
  const std::vector<double> times = node_times(latencies, graph.size());
  const NetworkKernels kernels(graph, rules);
  LoggedNetwork network;
  network.milliseconds = latencies.whole.low;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    network.kernels.emplace_back(kernel_text(kernels.kernel(i)), sum_of(kernels.nodes(i), times));
  }
  return network;
}

std::vector<TimedKernelText> time_kernels(std::span<const Kernel> kernels, const Device& device) {
  std::vector<TimedKernelText> times;
  for (std::size_t begin = 0; begin < kernels.size();) {
    const Shape& size = kernels[begin].ops.front().inputs.front().shape;
    std::size_t end = begin + 1;
    for (; end < kernels.size(); ++end) {
      const Shape& other = kernels[end].ops.front().inputs.front().shape;
      if (other[1] != size[1] || other[2] != size[2]) break;
    }
    const std::span<const Kernel> strip = kernels.subspan(begin, end - begin);
    const std::vector<double> milliseconds = time_strip(strip, device);
    for (std::size_t i = 0; i < strip.size(); ++i) {
      times.emplace_back(kernel_text(strip[i]), milliseconds[i]);
    }
    begin = end;
  }
  return times;
}

void find_pairs(const ArchGraph& graph, OperationPairs& pairs) {
  const NetworkKernels kernels(graph, {});
  std::vector<std::size_t> kernel_of(graph.size(), kernels.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) kernel_of[kernels.nodes(i).front()] = i;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const NodeId node = kernels.nodes(i).front();
    const std::span<const PortRef> inputs = graph.inputs(node);
    if (inputs.empty() || kernel_of[inputs.front().node] == kernels.size()) continue;
    if (graph.consumers(inputs.front().node).size() != 1) continue;
    Kernel first = kernels.kernel(kernel_of[inputs.front().node]), second = kernels.kernel(i);
    if (!fits_strip(first) || !fits_strip(second) || !fits_strip(together(first, second))) continue;
    const auto key = std::make_pair(kernel_kind(first), kernel_kind(second));
    const auto known = pairs.find(key);
    if (known != pairs.end() && output_elements(known->second.second) >= output_elements(second)) {
      continue;
    }
    pairs.insert_or_assign(key, std::make_pair(std::move(first), std::move(second)));
  }
}

TimedPair time_pair(const Kernel& first, const Kernel& second, const Device& device) {
  constexpr int kRounds = 3;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const Kernel both = together(first, second);
  TimedPair pair{kernel_kind(first), kernel_kind(second), kNever, kNever, kNever};
  for (int round = 0; round < kRounds; ++round) {
    pair.first_ms = std::min(pair.first_ms, time_strip({&first, 1}, device).front());
    pair.second_ms = std::min(pair.second_ms, time_strip({&second, 1}, device).front());
    pair.both_ms = std::min(pair.both_ms, time_strip({&both, 1}, device).front());
  }
  return pair;
}

bool is_fused(const TimedPair& pair) {
  constexpr double kAlpha = 0.5, kResolution = 0.05;
  const double saved = pair.first_ms + pair.second_ms - pair.both_ms;
  return saved > kAlpha * std::min(pair.first_ms, pair.second_ms) &&
         saved > kResolution * pair.both_ms;
}

FusionRules fusion_rules(std::span<const TimedPair> pairs) {
  FusionRules rules;
  for (const TimedPair& pair : pairs) {
    if (is_fused(pair)) rules.pairs.insert({pair.first, pair.second});
  }
  return rules;
}

}  // namespace nas
