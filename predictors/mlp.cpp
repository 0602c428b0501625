#include <algorithm>
#include <array>
#include <cmath>

#include "core/util/statistics.h"
#include "predictors/dense_net.h"
#include "predictors/input_encoder.h"
#include "predictors/registry.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'mlp'";

struct MlpOptions {
  std::string encoding = "auto";
  std::int64_t longest_path = 0;
  std::int64_t networks = 5;
  std::int64_t layers = 10;
  std::int64_t width = 20;
  std::int64_t epochs = 150;
  std::int64_t batch = 32;
  double learning_rate = 0.01;
  std::string loss = "mae";
};

constexpr std::string_view kBananas = "BANANAS (arXiv:1910.11858), naszilla";
constexpr std::array kFields = {
    Field<MlpOptions>{.name = "encoding",
                      .member = &MlpOptions::encoding,
                      .meaning = kEncodingMeaning,
                      .choices = kEncodingChoices},
    Field<MlpOptions>{"longest_path", &MlpOptions::longest_path,
                      "operations of the longest path told apart; 0 = half of the longest",
                      "operations", 0, 20, kBananas},
    Field<MlpOptions>{"networks", &MlpOptions::networks, "members of the ensemble", "", 1, 100,
                      kBananas},
    Field<MlpOptions>{"layers", &MlpOptions::layers, "hidden layers", "", 1, 100, kBananas},
    Field<MlpOptions>{"width", &MlpOptions::width, "units of a hidden layer", "", 1, 2000,
                      kBananas},
    Field<MlpOptions>{"epochs", &MlpOptions::epochs, "passes over the samples", "", 1, 100'000,
                      kBananas},
    Field<MlpOptions>{"batch", &MlpOptions::batch, "samples a step", "", 1, 100'000, kBananas},
    Field<MlpOptions>{"learning_rate", &MlpOptions::learning_rate, "of Adam, betas 0.9 and 0.99",
                      "", 1e-6, 1, kBananas},
    Field<MlpOptions>{.name = "loss",
                      .member = &MlpOptions::loss,
                      .meaning = "mean absolute error, or the same as a part of the distance to a "
                                 "bound above the best target (good ones count more)",
                      .source = kBananas,
                      .choices = "mae|mape"},
};

MlpOptions parse(const OptionMap& options) {
  return parse_fields<MlpOptions>(kFields, options, kWho);
}

// Weights 1 / (bound - target), scaled to a mean of 1: |prediction - target| / |bound - target| is
// the percentage error that the authors minimise, with the bound a deviation above the best.
std::vector<float> loss_weights(const std::vector<float>& targets, bool relative) {
  std::vector<float> weights(targets.size(), 1.0F);
  if (!relative) return weights;
  const float bound = *std::max_element(targets.begin(), targets.end()) + 1;
  float sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) sum += weights[i] = 1 / (bound - targets[i]);
  for (float& weight : weights) weight *= static_cast<float>(targets.size()) / sum;
  return weights;
}

class MlpPredictor final : public Predictor {
 public:
  explicit MlpPredictor(MlpOptions options) : options_(std::move(options)) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    encoder_ =
        InputEncoder(kWho, options_.encoding, static_cast<int>(options_.longest_path), samples);
    std::vector<double> rows = encoder_.encode(space, samples);
    scale_ = ColumnScale::of(rows, encoder_.width(space));
    scale_.apply(rows);
    target_ = target_scale(targets);
    const std::vector<float> inputs(rows.begin(), rows.end());
    std::vector<float> labels;
    for (const double target : targets) labels.push_back(static_cast<float>(target_.in(target)));
    const std::vector<float> weights = loss_weights(labels, options_.loss == "mape");
    const DenseTraining training{.epochs = static_cast<int>(options_.epochs),
                                 .batch = static_cast<std::size_t>(options_.batch),
                                 .learning_rate = options_.learning_rate};
    networks_.clear();
    for (std::int64_t i = 0; i < options_.networks; ++i) {
      const Rng rng({.seed = context.seed,
                     .trial = static_cast<std::uint64_t>(i),
                     .purpose = Purpose::kPredictor});
      networks_.emplace_back(shape(), rng.stream(1));
      networks_.back().train(inputs, labels, weights, training, rng.stream(2),
                             [&context] { check_stop(kWho, context); });
    }
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    NAS_CHECK(!networks_.empty() && encoder_.width(space) == scale_.mean.size(),
              "a predictor of another space, or none");
    std::vector<double> rows = encoder_.encode(space, samples);
    scale_.apply(rows);
    const std::vector<float> inputs(rows.begin(), rows.end());
    std::vector<std::vector<float>> outputs;
    for (const DenseNet& network : networks_) outputs.push_back(network.predict(inputs));
    std::vector<Prediction> result;
    std::vector<double> votes(networks_.size());
    for (std::size_t i = 0; i < samples.architectures.size(); ++i) {
      for (std::size_t n = 0; n < votes.size(); ++n) {
        votes[n] = target_.out(static_cast<double>(outputs[n][i]));
      }
      result.push_back({mean(votes), sample_deviation(votes)});
    }
    return result;
  }

  PredictorState save() const override {
    const auto width = static_cast<std::int64_t>(scale_.mean.size());
    PredictorState state{{make_tensor("mean", {width}, scale_.mean),
                          make_tensor("deviation", {width}, scale_.deviation),
                          make_tensor("target_scale", {2}, {target_.mean, target_.deviation})},
                         encoder_.text()};
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      const std::vector<float>& values = networks_[i].parameters();
      state.tensors.push_back(make_tensor("network_" + std::to_string(i),
                                          {static_cast<std::int64_t>(values.size())},
                                          {values.begin(), values.end()}));
    }
    return state;
  }

  void restore(const PredictorState& state) override {
    encoder_ = InputEncoder::restored(kWho, state.text);
    scale_ = {state_tensor(state, "mean").data, state_tensor(state, "deviation").data};
    const std::vector<double>& target = state_tensor(state, "target_scale").data;
    if (target.size() != 2 || scale_.mean.size() != scale_.deviation.size() ||
        scale_.mean.empty()) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors do not fit each other");
    }
    target_ = {target[0], target[1]};
    networks_.clear();
    for (std::int64_t i = 0; i < options_.networks; ++i) {
      const std::vector<double>& values = state_tensor(state, "network_" + std::to_string(i)).data;
      networks_.emplace_back(shape(), Rng({}));
      std::vector<float>& parameters = networks_.back().parameters();
      if (values.size() != parameters.size()) {
        throw Error(ErrorKind::kData, std::string(kWho) + ": network " + std::to_string(i) +
                                          " has " + std::to_string(values.size()) +
                                          " parameters, expected " +
                                          std::to_string(parameters.size()));
      }
      std::transform(values.begin(), values.end(), parameters.begin(),
                     [](double value) { return static_cast<float>(value); });
    }
  }

 private:
  DenseNetShape shape() const {
    return {scale_.mean.size(), static_cast<std::size_t>(options_.layers),
            static_cast<std::size_t>(options_.width)};
  }

  MlpOptions options_;
  InputEncoder encoder_;
  ColumnScale scale_;
  TargetScale target_;
  std::vector<DenseNet> networks_;
};

}  // namespace

extern const Plugin<Predictor> mlp_predictor;
constinit const Plugin<Predictor> mlp_predictor{
    .name = "mlp",
    .summary = "ensemble of multi-layer perceptrons; their spread is the uncertainty",
    .paper =
        "C. White, W. Neiswanger, Y. Savani: BANANAS: Bayesian Optimization with Neural "
        "Architectures for Neural Architecture Search, AAAI 2021, arXiv:1910.11858",
    .fields = [] { return describe_fields<MlpOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) { return fields_to_map<MlpOptions>(kFields, parse(options)); },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<MlpPredictor>(parse(options));
    },
};

}  // namespace nas
