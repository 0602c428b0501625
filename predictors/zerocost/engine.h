#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/plugin_choice.h"
#include "core/api/problem.h"
#include "core/ir/arch_graph.h"
#include "core/util/options.h"

namespace nas {

class Proxy;

/// A proxy by name with its options.
using ProxyChoice = PluginChoice;

/// "synflow", "nwot:relus=used", ... in one list: "synflow,nwot:relus=used"; "all" stands for every
/// proxy that fits any network (not diswot), "reference" for the seven of Abdelfattah et al. Throws
/// Error(kUsage) with the near miss.
std::vector<ProxyChoice> parse_proxies(std::string_view text);

/// How untrained networks are scored. Scores of different settings must not be compared.
struct ScoreSettings {
  std::uint64_t seed = 0;
  std::int64_t batch = 64;  ///< samples
  /// Batches that proxies of one batch average over; ZiCo takes at least two.
  std::int64_t batches = 1;
  std::int64_t repeats = 1;      ///< initialisations averaged
  std::string init = "default";  ///< weights: "default" (uniform, 1 / sqrt(fan-in)), "kaiming",
                                 ///< "normal"
  /// Real samples as in training: images with crops (padding 4; 2 up to 16 x 16) and flips.
  bool augment = true;
  /// How real images are normalised: "dataset" (its mean and deviation) or "half" (0.5 and 0.5).
  std::string normalisation = "dataset";
};
std::vector<FieldDoc> score_setting_fields();

/// What stands for the id of a data set where there is none.
inline constexpr std::string_view kNoiseData = "noise";

/// Of the way scores are computed. Whoever changes a score by more than rounding raises it: stored
/// scores of another engine are not mixed with new ones. The golden values in
/// tests/predictors/zerocost/engine_version_test.cpp say when.
inline constexpr int kProxyEngineVersion = 1;
/// Throws Error(kUsage) with all violations.
void validate(const ScoreSettings& settings);
/// Canonical, for the origin of stored columns: "engine=1,data=noise,seed=0,batch=64,...".
/// `data_id`: as of ProxyEngine.
std::string settings_text(const ScoreSettings& settings, std::string_view data_id);

/// One score. Larger is better in all of them.
struct ProxyScore {
  std::string name;  ///< "synflow", "az_nas.trainability"
  double value = 0;  ///< -inf: could not be computed or is not finite (ranks last)
  std::vector<double>
      layers;        ///< one for each layer of `weight_layers`; empty where that makes no sense
  std::string note;  ///< why it failed, or what to know
};

/// A layer that pruning-style proxies see: a convolution or linear layer, also one that no output
/// needs.
struct WeightLayer {
  NodeId node = 0;
  std::string name;           ///< path of the node
  std::int64_t weights = 0;   ///< biases excluded
  std::int64_t channels = 0;  ///< of its output
  /// Only batch normalisations read it: in train mode the loss does not depend on the scale of its
  /// weights, so <w, g> = 0 and <w, H g> = -|g|^2, up to their epsilon.
  bool normalised = false;
};
/// In the order of the module tree, which is node order: NAS-Bench-201 gives stem; cells with their
/// convolution edges in string order; residual conv_a, conv_b, shortcut; classifier. The only
/// enumeration of layers there is.
std::vector<WeightLayer> weight_layers(const ArchGraph& graph);

/// What the proxies and outputs of a choice are, for lists and help.
struct ProxyOutputs {
  std::vector<std::string> names;  ///< of the scores, in order
  /// By score: a node that no output needs changes it, so an equal digest (which is of the
  /// simplified graph) does not mean an equal score.
  std::vector<bool> sees_dead_nodes;
};

/// Scores untrained networks by several proxies at once: the union of what they need is run once
/// for each architecture. Immutable; `score` is safe from several threads and a pure function of
/// graph and settings.
class ProxyEngine {
 public:
  /// `problem`: whose data is used; null for Gaussian noise with random labels. Throws
  /// Error(kUsage) for unknown names, options or settings, and when a proxy is named twice.
  ProxyEngine(const std::vector<ProxyChoice>& choices, const ScoreSettings& settings,
              std::shared_ptr<const Problem> problem);
  ~ProxyEngine();
  ProxyEngine(const ProxyEngine&) = delete;
  ProxyEngine& operator=(const ProxyEngine&) = delete;

  const ProxyOutputs& outputs() const;
  const ScoreSettings& settings() const;
  /// The data set's id, or kNoiseData.
  std::string data_id() const;

  /// One for each of `outputs`. Throws Error(kUnsupported), naming the proxy, for a graph without
  /// the layers it needs; Error(kUsage) when data and graph do not fit.
  std::vector<ProxyScore> score(const ArchGraph& graph) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace nas
