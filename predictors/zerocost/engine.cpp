#include "predictors/zerocost/engine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/passes.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

constexpr double kWorst = -std::numeric_limits<double>::infinity();

/// Nothing of the network is run or drawn.
constexpr std::uint32_t kGraphOnly = 0;

constexpr std::uint32_t kNeedsLabels = kNeedsGradients | kNeedsChannelSaliency | kNeedsHessian |
                                       kNeedsJacobian | kNeedsSampleSigns | kNeedsOwnPass;
constexpr std::uint32_t kNeedsBatches = kNeedsLabels | kNeedsPatterns | kNeedsTangentKernel |
                                        kNeedsFeatureMaps | kNeedsGaussianPatterns;

struct NamedProxy {
  std::string name;
  std::unique_ptr<Proxy> proxy;
};

std::string score_name(const std::string& proxy, const std::string& ending) {
  return ending.empty() ? proxy : proxy + "." + ending;
}

void settle(ProxyScore& score) {
  if (std::isfinite(score.value)) return;
  if (score.note.empty()) {
    score.note = std::isnan(score.value) ? "not a number" : "not finite";
  }
  score.value = kWorst;
}

/// Adds the scores of one more initialisation; the caller divides.
void accumulate(std::vector<ProxyScore>& sums, const std::vector<ProxyScore>& scores) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i].value += scores[i].value;
    for (std::size_t k = 0; k < sums[i].layers.size(); ++k) {
      sums[i].layers[k] += scores[i].layers[k];
    }
    if (sums[i].note.empty()) sums[i].note = scores[i].note;
  }
}

}  // namespace

struct ProxyEngine::State {
  std::vector<NamedProxy> proxies;
  ScoreSettings settings;
  std::shared_ptr<const Problem> problem;
  ProxyOutputs outputs;
  std::uint32_t needs = kGraphOnly;
  std::int64_t kernel_images = 0;

  using Batches = std::shared_ptr<const std::vector<Batch>>;
  mutable std::mutex mutex;
  mutable std::map<std::string, Batches> batches;  ///< by shape and classes

  void add(const ProxyChoice& choice);
  Batches batches_for(const ArchGraph& graph, std::int64_t classes) const;
  std::vector<ProxyScore> score_once(const ArchGraph& graph, std::uint64_t repeat) const;
};

void ProxyEngine::State::add(const ProxyChoice& choice) {
  for (const NamedProxy& known : proxies) {
    if (known.name == choice.name) {
      throw Error(ErrorKind::kUsage, "proxy '" + choice.name + "' is named twice");
    }
  }
  const Plugin<Proxy>& plugin = find_plugin(proxy_plugins(), "proxy", choice.name);
  std::unique_ptr<Proxy> proxy = plugin.make(choice.options);
  needs |= proxy->needs();
  kernel_images = std::max(kernel_images, proxy->kernel_images());
  for (const std::string& ending : proxy->outputs()) {
    outputs.names.push_back(score_name(choice.name, ending));
    outputs.sees_dead_nodes.push_back(proxy->sees_dead_nodes());
  }
  proxies.push_back({choice.name, std::move(proxy)});
}

ProxyEngine::State::Batches ProxyEngine::State::batches_for(const ArchGraph& graph,
                                                            std::int64_t classes) const {
  if ((needs & kNeedsBatches) == 0) return std::make_shared<const std::vector<Batch>>();
  const Shape& shape = graph.output_types(graph.graph_inputs()[0])[0].shape;
  const std::string key = to_string(shape) + " " + std::to_string(classes);
  const std::lock_guard lock(mutex);
  Batches& known = batches[key];
  if (known == nullptr) {
    const std::int64_t fewest = (needs & kNeedsTwoBatches) != 0 ? 2 : 1;
    known = std::make_shared<const std::vector<Batch>>(
        make_batches(settings, problem.get(), shape, classes, std::max(settings.batches, fewest)));
  }
  return known;
}

std::vector<ProxyScore> ProxyEngine::State::score_once(const ArchGraph& graph,
                                                       std::uint64_t repeat) const {
  Evidence evidence;
  evidence.graph = &graph;
  evidence.batch = settings.batch;
  evidence.averaged_batches = settings.batches;
  const Shape& logits = graph.type(graph.graph_outputs()[0].value).shape;
  evidence.classes = logits.rank() == 1 ? logits[0] : 0;
  for (const WeightLayer& layer : weight_layers(graph)) evidence.layers.push_back({layer});
  if ((needs & kNeedsLabels) != 0 && evidence.classes == 0) {
    throw Error(
        ErrorKind::kUnsupported,
        "the chosen proxies need class scores as output, the graph gives " + to_string(logits));
  }
  const RngKey key{.seed = settings.seed, .trial = repeat, .purpose = Purpose::kInit};
  const Batches used = batches_for(graph, evidence.classes);
  const Measurement measurement{graph, settings, *used, needs, kernel_images, key};
  if (needs != kGraphOnly) {
    for (const Batch& batch : *used) evidence.labels.push_back(batch.labels);
    measure_network(measurement, evidence);
  }
  std::vector<ProxyScore> scores;
  for (const std::string& name : outputs.names) scores.push_back({.name = name});
  std::size_t first = 0;
  for (const NamedProxy& named : proxies) {
    const std::size_t count = named.proxy->outputs().size();
    const std::span<ProxyScore> own = std::span(scores).subspan(first, count);
    named.proxy->score(evidence, own);
    if ((named.proxy->needs() & kNeedsOwnPass) != 0) named.proxy->measure(measurement, own);
    first += count;
  }
  return scores;
}

ProxyEngine::ProxyEngine(const std::vector<ProxyChoice>& choices, const ScoreSettings& settings,
                         std::shared_ptr<const Problem> problem) {
  validate(settings);
  if (choices.empty()) throw Error(ErrorKind::kUsage, "no proxy is named");
  auto state = std::make_unique<State>();
  state->settings = settings;
  state->problem = std::move(problem);
  for (const ProxyChoice& choice : choices) state->add(choice);
  state_ = std::move(state);
}

ProxyEngine::~ProxyEngine() = default;

const ProxyOutputs& ProxyEngine::outputs() const {
  return state_->outputs;
}

const ScoreSettings& ProxyEngine::settings() const {
  return state_->settings;
}

std::string ProxyEngine::data_id() const {
  return state_->problem == nullptr ? std::string(kNoiseData) : state_->problem->data().id;
}

std::vector<ProxyScore> ProxyEngine::score(const ArchGraph& graph) const {
  if (graph.graph_inputs().size() != 1 || graph.graph_outputs().empty()) {
    throw Error(ErrorKind::kUnsupported, "proxies score networks with one input and an output");
  }
  for (const NamedProxy& named : state_->proxies) {
    const std::string objection = named.proxy->objection(graph);
    if (!objection.empty()) {
      throw Error(ErrorKind::kUnsupported, "proxy '" + named.name + "': " + objection);
    }
  }
  // Repeats change nothing where nothing is drawn.
  const std::int64_t repeats = state_->needs == kGraphOnly ? 1 : state_->settings.repeats;
  std::vector<ProxyScore> scores = state_->score_once(graph, 0);
  for (std::int64_t r = 1; r < repeats; ++r) {
    accumulate(scores, state_->score_once(graph, static_cast<std::uint64_t>(r)));
  }
  for (ProxyScore& score : scores) {
    score.value /= static_cast<double>(repeats);
    for (double& layer : score.layers) layer /= static_cast<double>(repeats);
    settle(score);
  }
  return scores;
}

}  // namespace nas
