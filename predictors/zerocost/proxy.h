#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/plugin.h"
#include "predictors/zerocost/engine.h"

namespace nas {

struct Evidence;     // predictors/zerocost/evidence.h
struct Measurement;  // predictors/zerocost/passes.h

/// What the engine computes; a proxy names what it reads, and the engine runs the union once.
enum Need : std::uint32_t {
  kNeedsWeights = 1U << 0,            ///< initial weights
  kNeedsGradients = 1U << 1,          ///< of the mean cross-entropy, by weight
  kNeedsTwoBatches = 1U << 2,         ///< the former for at least two batches
  kNeedsChannelSaliency = 1U << 3,    ///< activation times gradient, by output channel
  kNeedsJacobian = 1U << 4,           ///< of the summed outputs, by image
  kNeedsHessian = 1U << 5,            ///< Hessian times gradient, by weight, but see WeightLayer
  kNeedsPatterns = 1U << 6,           ///< signs of what the ReLUs read
  kNeedsDeadNodes = 1U << 7,          ///< the former also where no output needs the ReLU
  kNeedsFlow = 1U << 8,               ///< weight times gradient of the all-positive network, no BN
  kNeedsFlowGradients = 1U << 9,      ///< its gradients, by weight
  kNeedsNormalisedFlow = 1U << 10,    ///< the same with batch normalisation
  kNeedsSampleSigns = 1U << 11,       ///< sums over images of the signs of one image's gradients
  kNeedsGaussianNet = 1U << 12,       ///< zen: N(0,1) weights, response to a small change of noise
  kNeedsGaussianPatterns = 1U << 13,  ///< swap: N(0,1) weights, patterns on 16 images
  kNeedsNoisePatterns = 1U << 14,     ///< patterns on Gaussian images
  kNeedsTangentKernel = 1U << 15,     ///< NTK, one backward pass an image
  kNeedsFeatureMaps = 1U << 16,       ///< of one image, every node
  kNeedsBlocks = 1U << 17,            ///< az_nas: features and Jacobians of blocks
  kNeedsFisherMatrix = 1U << 18,      ///< vkdnw
  kNeedsOwnPass = 1U << 19,           ///< images and labels for `Proxy::measure`
  kNeedsFullHessian = 1U << 20,       ///< kNeedsHessian for normalised layers too
};
/// Short words for lists: "gradients, input Jacobian".
std::string needs_text(std::uint32_t needs);

/// A zero-cost proxy: reads the evidence of one network and turns it into one or more scores,
/// larger = better. Immutable, safe from several threads.
class Proxy {
 public:
  virtual ~Proxy() = default;
  virtual std::uint32_t needs() const = 0;
  /// Images of the tangent kernel, which costs a backward pass each.
  virtual std::int64_t kernel_images() const { return 0; }
  /// Endings of its scores; {""}: one score with the proxy's own name.
  virtual std::vector<std::string> outputs() const { return {""}; }
  /// See ProxyOutputs.
  virtual bool sees_dead_nodes() const { return false; }
  /// Why it cannot score this graph ("it needs ReLUs, and the graph has none"), or "".
  virtual std::string objection(const ArchGraph& graph) const;
  /// Fills `value` and `layers` of as many scores as `outputs`.
  virtual void score(const Evidence& evidence, std::span<ProxyScore> scores) const = 0;
  /// For proxies of kNeedsOwnPass, which run networks themselves: called after `score`.
  virtual void measure(const Measurement&, std::span<ProxyScore>) const {}
};

/// All built-in records, in the order of the list in predictors/zerocost/CMakeLists.txt.
std::span<const Plugin<Proxy>* const> proxy_plugins();

}  // namespace nas
