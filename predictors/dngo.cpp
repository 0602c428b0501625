#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "predictors/autoencoder/products.h"
#include "predictors/dngo/bayesian_layer.h"
#include "predictors/dngo/tanh_net.h"
#include "predictors/input_encoder.h"
#include "predictors/registry.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'dngo'";

struct DngoOptions {
  std::string encoding = "auto";
  std::int64_t longest_path = 0;
  std::int64_t width = 128;
  std::int64_t epochs = 100;
  std::int64_t batch = 10;
  double learning_rate = 0.01;
  std::string evidence = "marginal";
};

constexpr std::string_view kPybnn = "pybnn, as in QAS-URL (arXiv 2401.11576)";
constexpr std::array kFields = {
    Field<DngoOptions>{.name = "encoding",
                       .member = &DngoOptions::encoding,
                       .meaning = kEncodingMeaning,
                       .choices = kEncodingChoices},
    Field<DngoOptions>{"longest_path", &DngoOptions::longest_path,
                       "operations of the longest path told apart; 0 = half of the longest",
                       "operations", 0, 20},
    Field<DngoOptions>{"width", &DngoOptions::width, "units of the hidden layer", "units", 1, 2000,
                       kPybnn},
    Field<DngoOptions>{"epochs", &DngoOptions::epochs, "passes over the samples", "", 1, 100'000,
                       kPybnn},
    Field<DngoOptions>{"batch", &DngoOptions::batch, "samples a step", "", 1, 100'000, kPybnn},
    Field<DngoOptions>{"learning_rate", &DngoOptions::learning_rate, "of Adam", "", 1e-6, 1,
                       kPybnn},
    Field<DngoOptions>{.name = "evidence",
                       .member = &DngoOptions::evidence,
                       .meaning = "what the two precisions maximise: the marginal likelihood, or "
                                  "pybnn's form of it, with the norm of the residual instead of "
                                  "its square",
                       .source = kPybnn,
                       .choices = "marginal|published"},
};

DngoOptions parse(const OptionMap& options) {
  return parse_fields<DngoOptions>(kFields, options, kWho);
}

std::vector<float> narrowed(std::span<const double> values) {
  std::vector<float> result;
  result.reserve(values.size());
  for (const double value : values) result.push_back(static_cast<float>(value));
  return result;
}

class DngoPredictor final : public Predictor {
 public:
  explicit DngoPredictor(DngoOptions options) : options_(std::move(options)) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    encoder_ =
        InputEncoder(kWho, options_.encoding, static_cast<int>(options_.longest_path), samples);
    std::vector<double> rows = encoder_.encode(space, samples);
    scale_ = ColumnScale::of(rows, encoder_.width(space));
    scale_.apply(rows);
    const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
    const std::vector<float> inputs = narrowed(rows), labels = narrowed(targets);
    net_ = TanhNet(scale_.mean.size(), static_cast<std::size_t>(options_.width), rng.stream(1));
    net_.train(inputs, labels,
               {.epochs = options_.epochs,
                .batch = static_cast<std::size_t>(options_.batch),
                .learning_rate = options_.learning_rate},
               rng.stream(2), [&context] { check_stop(kWho, context); });
    const std::vector<float> features = net_.features(inputs);
    layer_ = fit_bayesian_layer(
        std::vector<double>(features.begin(), features.end()), targets,
        options_.evidence == "published" ? Evidence::kPublished : Evidence::kMarginal,
        rng.stream(3));
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    NAS_CHECK(net_.width() > 0 && encoder_.width(space) == scale_.mean.size(),
              "a predictor of another space, or none");
    std::vector<double> rows = encoder_.encode(space, samples);
    scale_.apply(rows);
    const std::size_t count = samples.architectures.size();
    const std::vector<float> inputs = narrowed(rows);
    const std::size_t in = scale_.mean.size();
    std::vector<Prediction> result;
    result.reserve(count);
    // A block of rows at a time stays in the cache.
    constexpr std::size_t kBlock = 512;
    for (std::size_t first = 0; first < count; first += kBlock) {
      const std::size_t block = std::min(kBlock, count - first);
      predict_block(std::span(inputs).subspan(first * in, block * in), result);
    }
    return result;
  }

  PredictorState save() const override {
    const auto inputs = static_cast<std::int64_t>(scale_.mean.size());
    const auto width = static_cast<std::int64_t>(net_.width());
    const std::span<const float> net = net_.parameters();
    return {
        {make_tensor("mean", {inputs}, scale_.mean),
         make_tensor("deviation", {inputs}, scale_.deviation),
         make_tensor("network", {static_cast<std::int64_t>(net.size())}, {net.begin(), net.end()}),
         make_tensor("precisions", {2}, {layer_.alpha, layer_.beta}),
         make_tensor("weights", {width}, layer_.weights),
         make_tensor("factor", {width, width}, layer_.factor)},
        encoder_.text()};
  }

  void restore(const PredictorState& state) override {
    encoder_ = InputEncoder::restored(kWho, state.text);
    scale_ = {state_tensor(state, "mean").data, state_tensor(state, "deviation").data};
    const auto width = static_cast<std::size_t>(options_.width);
    const std::vector<double>& precisions = state_tensor(state, "precisions").data;
    layer_.weights = state_tensor(state, "weights").data;
    layer_.factor = state_tensor(state, "factor").data;
    const std::vector<double>& net = state_tensor(state, "network").data;
    if (!scale_.mean.empty()) net_ = TanhNet(scale_.mean.size(), width, Rng({}));
    if (scale_.mean.empty() || scale_.mean.size() != scale_.deviation.size() ||
        precisions.size() != 2 || layer_.weights.size() != width ||
        layer_.factor.size() != width * width || net.size() != net_.parameters().size()) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors do not fit each other");
    }
    layer_.alpha = precisions[0];
    layer_.beta = precisions[1];
    const std::vector<float> parameters = narrowed(net);
    std::copy(parameters.begin(), parameters.end(), net_.parameters().begin());
  }

 private:
  void predict_block(std::span<const float> inputs, std::vector<Prediction>& result) const {
    const std::size_t width = net_.width(), count = inputs.size() / scale_.mean.size();
    const std::vector<float> features = net_.features(inputs);
    const std::vector<float> factor = narrowed(layer_.factor), weights = narrowed(layer_.weights);
    std::vector<float> along(count * width), means(count);
    multiply({count, width, width}, {features.data(), width, 1}, factor.data(), along.data());
    multiply({count, width, 1}, {features.data(), width, 1}, weights.data(), means.data());
    for (std::size_t i = 0; i < count; ++i) {
      double variance = 1 / layer_.beta;
      for (std::size_t k = 0; k < width; ++k) {
        variance += static_cast<double>(along[i * width + k]) * along[i * width + k];
      }
      result.push_back({static_cast<double>(means[i]), std::sqrt(variance)});
    }
  }

  DngoOptions options_;
  InputEncoder encoder_;
  ColumnScale scale_;
  TanhNet net_;
  BayesianLayer layer_;
};

}  // namespace

extern const Plugin<Predictor> dngo_predictor;
constinit const Plugin<Predictor> dngo_predictor{
    .name = "dngo",
    .summary =
        "a network of tanh units with Bayesian linear regression on top; knows how "
        "uncertain it is",
    .paper =
        "J. Snoek et al.: Scalable Bayesian Optimization Using Deep Neural Networks, ICML 2015, "
        "arXiv:1502.05700",
    .fields = [] { return describe_fields<DngoOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<DngoOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<DngoPredictor>(parse(options));
    },
};

}  // namespace nas
