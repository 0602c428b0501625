#include <algorithm>
#include <array>
#include <optional>

#include "core/api/predictor.h"
#include "core/api/search_space.h"
#include "predictors/gennape/comp_graph.h"
#include "predictors/gennape/kgnn.h"
#include "predictors/registry.h"
#include "predictors/state.h"

// The k-GNN of GENNAPE on computation graphs, which every space and every network without one has.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'kgnn'";

struct KGnnOptions {
  std::int64_t epochs = 40;
  std::int64_t batch = 32;
  double learning_rate = 1e-4;
};

constexpr std::string_view kReleased = "GENNAPE, released code";
constexpr std::array kFields = {
    Field<KGnnOptions>{"epochs", &KGnnOptions::epochs, "passes over the samples", "epochs", 1,
                       100'000, kReleased},
    Field<KGnnOptions>{"batch", &KGnnOptions::batch, "graphs of a step", "graphs", 1, 10'000,
                       kReleased},
    Field<KGnnOptions>{"learning_rate", &KGnnOptions::learning_rate, "of Adam", "", 1e-7, 1,
                       kReleased},
};

KGnnOptions parse(const OptionMap& options) {
  return parse_fields<KGnnOptions>(kFields, options, kWho);
}

constexpr std::size_t kChunk = 256;  // graphs that share one colouring

std::vector<CompGraph> graphs_of(const SearchSpace& space,
                                 std::span<const Architecture> architectures) {
  std::vector<CompGraph> graphs;
  graphs.reserve(architectures.size());
  for (const Architecture& one : architectures) {
    graphs.push_back(comp_graph_of(space.build(one, space.info().default_task)));
  }
  return graphs;
}

class KGnnPlugin final : public Predictor {
 public:
  explicit KGnnPlugin(KGnnOptions options) : options_(options) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    if (!samples.feature_names.empty()) {
      throw Error(ErrorKind::kUsage,
                  std::string(kWho) +
                      " reads architectures, not features; leave --features away, or use gp");
    }
    learn(graphs_of(space, samples.architectures), targets, context);
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    NAS_CHECK(net_.has_value(), "fitted before it predicts");
    std::vector<Prediction> result;
    const std::span<const Architecture> all(samples.architectures);
    for (std::size_t begin = 0; begin < all.size(); begin += kChunk) {
      const std::vector<CompGraph> graphs =
          graphs_of(space, all.subspan(begin, std::min(kChunk, all.size() - begin)));
      std::vector<const CompGraph*> pointers;
      for (const CompGraph& graph : graphs) pointers.push_back(&graph);
      for (const float value : net_->predict(pointers)) {
        result.push_back({scale_.out(static_cast<double>(value)), 0});
      }
    }
    return result;
  }

  PredictorState save() const override {
    NAS_CHECK(net_.has_value(), "fitted before it is saved");
    PredictorState state{net_->tensors(), "{}"};
    state.tensors.push_back(make_tensor("target_scale", {2}, {scale_.mean, scale_.deviation}));
    return state;
  }

  void restore(const PredictorState& state) override {
    net_.emplace(state);
    const std::vector<double>& scale = state_tensor(state, "target_scale").data;
    if (scale.size() != 2) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors do not fit");
    }
    scale_ = {scale[0], scale[1]};
  }

 private:
  /// From random weights. The released code learns fractions; standardised targets have the same
  /// loss up to a factor and need no warm-up to their level.
  void learn(std::span<const CompGraph> graphs, std::span<const double> targets,
             const FitContext& context) {
    scale_ = target_scale(targets);
    std::vector<double> labels;
    for (const double target : targets) labels.push_back(scale_.in(target));
    const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
    check_stop(kWho, context);
    net_.emplace(rng.stream(1));
    train(*net_, graphs, labels,
          {.epochs = static_cast<int>(options_.epochs),
           .batch = static_cast<std::size_t>(options_.batch),
           .learning_rate = options_.learning_rate},
          rng.stream(2), [&context](int, double) { check_stop(kWho, context); });
  }

  KGnnOptions options_;
  TargetScale scale_;
  std::optional<KGnn<float>> net_;
};

}  // namespace

extern const Plugin<Predictor> kgnn_predictor;
constinit const Plugin<Predictor> kgnn_predictor{
    .name = "kgnn",
    .summary = "a graph network on the computation graph of any network, in any space",
    .paper =
        "K. Mills et al.: GENNAPE: Towards Generalized Neural Architecture Performance "
        "Estimators, AAAI 2023, arXiv:2211.17226: the k-GNN baseline",
    .fields = [] { return describe_fields<KGnnOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<KGnnOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<KGnnPlugin>(parse(options));
    },
};

}  // namespace nas
