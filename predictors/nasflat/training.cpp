#include "predictors/nasflat/training.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/util/adam.h"

namespace nas {
namespace {

/// Up to `pairs` others for each sample of a batch; (faster, slower).
std::vector<NasflatNet::Pair> draw_pairs(std::span<const double> targets, std::size_t pairs,
                                         Rng& rng) {
  std::vector<NasflatNet::Pair> result;
  std::vector<std::size_t> others(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    std::iota(others.begin(), others.end(), std::size_t{0});
    rng.shuffle(std::span(others));
    std::size_t taken = 0;
    for (const std::size_t j : others) {
      if (taken == pairs) break;
      if (targets[i] == targets[j]) continue;
      result.emplace_back(targets[i] < targets[j] ? i : j, targets[i] < targets[j] ? j : i);
      ++taken;
    }
  }
  return result;
}

}  // namespace

NasflatSamples NasflatSamples::subset(std::span<const std::size_t> rows) const {
  NasflatSamples result{{}, {}, device};
  for (const std::size_t row : rows) {
    result.graphs.push_back(graphs[row]);
    result.targets.push_back(targets[row]);
  }
  return result;
}

std::vector<const NasflatGraph*> NasflatSamples::pointers() const {
  std::vector<const NasflatGraph*> result;
  for (const NasflatGraph& graph : graphs) result.push_back(&graph);
  return result;
}

void train_nasflat(NasflatNet& net, std::span<const NasflatSamples> devices,
                   const NasflatTraining& training, Rng rng,
                   const std::function<void(std::size_t)>& each) {
  constexpr double kLastRate = 1e-6;
  struct Batch {
    std::size_t device;
    std::vector<std::size_t> rows;
  };
  Adam<float> adam({training.rate});
  std::vector<float> gradient;
  for (std::size_t epoch = 0; epoch < training.epochs; ++epoch) {
    each(epoch);
    std::vector<Batch> batches;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      std::vector<std::size_t> order(devices[d].targets.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      rng.shuffle(std::span(order));
      for (std::size_t first = 0; first < order.size(); first += training.batch) {
        const std::size_t last = std::min(order.size(), first + training.batch);
        batches.push_back({d,
                           {order.begin() + static_cast<std::ptrdiff_t>(first),
                            order.begin() + static_cast<std::ptrdiff_t>(last)}});
      }
    }
    rng.shuffle(std::span(batches));
    const double at = static_cast<double>(epoch) / static_cast<double>(training.epochs);
    adam.set_rate(kLastRate +
                  (training.rate - kLastRate) * (1 + std::cos(std::numbers::pi * at)) / 2);
    for (const Batch& batch : batches) {
      const NasflatSamples& device = devices[batch.device];
      std::vector<const NasflatGraph*> graphs;
      std::vector<double> targets;
      for (const std::size_t row : batch.rows) {
        graphs.push_back(&device.graphs[row]);
        targets.push_back(device.targets[row]);
      }
      const std::vector<NasflatNet::Pair> pairs = draw_pairs(targets, training.pairs, rng);
      if (pairs.empty()) continue;
      net.loss(graphs, device.device, pairs, gradient);
      adam.step(net.parameters(), gradient, training.decay);
    }
  }
}

}  // namespace nas
