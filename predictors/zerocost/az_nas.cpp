#include <algorithm>
#include <cmath>
#include <limits>

#include "core/ir/cost.h"
#include "predictors/zerocost/layer_proxy.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

/// Entropy of the normalised spectrum of a feature's channel covariance.
double entropy(const BlockEvidence& block) {
  for (const double value : block.covariance) {
    if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  }
  std::vector<double> values = symmetric_eigenvalues(block.covariance, block.channels);
  double total = 0;
  for (double& v : values) total += v = std::max(v, 0.0);
  double sum = 0;
  for (const double v : values) {
    const double p = total > 0 ? v / total : 0;
    sum -= p * std::log(p + 1e-8);
  }
  return sum;
}

/// 0 when gradients keep their size through the block.
double trainability(const BlockEvidence& block) {
  if (block.identity) return -std::numeric_limits<double>::infinity();
  const double sigma = largest_singular_value(block.jacobian, block.in_channels);
  return -sigma - 1 / (sigma + 1e-6) + 2;
}

class AzNas final : public Proxy {
 public:
  std::uint32_t needs() const override { return kNeedsBlocks; }
  std::vector<std::string> outputs() const override {
    return {"expressivity", "progressivity", "trainability", "complexity"};
  }
  bool sees_dead_nodes() const override { return true; }  // complexity counts them
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    const std::vector<BlockEvidence>& blocks = evidence.blocks;
    if (blocks.size() < 2) {
      for (ProxyScore& score : scores.first(3)) {
        score.value = std::numeric_limits<double>::quiet_NaN();
        score.note = "the graph has fewer than two blocks (scopes like \"cells.0\")";
      }
    } else {
      score_blocks(blocks, scores);
    }
    scores[3].value = static_cast<double>(graph_cost(*evidence.graph).macs);
  }

 private:
  static void score_blocks(const std::vector<BlockEvidence>& blocks, std::span<ProxyScore> scores) {
    double smallest_step = std::numeric_limits<double>::infinity();
    for (const BlockEvidence& block : blocks) {
      const double h = entropy(block);
      if (!scores[0].layers.empty()) {
        smallest_step = std::min(smallest_step, h - scores[0].layers.back());
      }
      scores[0].layers.push_back(h);
      scores[0].value += h;
    }
    scores[1].value = smallest_step;
    for (std::size_t i = 1; i < blocks.size(); ++i) {
      scores[2].layers.push_back(trainability(blocks[i]));
      scores[2].value += scores[2].layers.back() / static_cast<double>(blocks.size() - 1);
    }
  }
};

}  // namespace

extern constinit const Plugin<Proxy> az_nas_proxy{
    "az_nas",
    "four scores of the blocks; their log-ranks are added within a set",
    "J. Lee, B. Ham: AZ-NAS: Assembling Zero-Cost Proxies for Network Architecture Search, CVPR "
    "2024, arXiv:2403.19232",
    no_fields,
    resolve_no_options,
    make_simple_proxy<AzNas>};

}  // namespace nas
