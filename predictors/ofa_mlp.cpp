#include <algorithm>
#include <array>

#include "core/util/error.h"
#include "predictors/dense_net.h"
#include "predictors/ofa_encoding.h"
#include "predictors/registry.h"
#include "predictors/relu_layers.h"
#include "predictors/state.h"

// The accuracy predictors of Once-for-All (Cai et al., ICLR 2020, arXiv 1908.09791; the released
// code): three hidden layers of 400 on one-hot choices, and a constant, the mean accuracy of the
// training set, added to the output. A state has tensors W0 b0 ... W3 b3 and base_acc, of
// accuracies in [0, 1] as the released ones; predictions and targets are in percent as everywhere
// here.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'ofa_mlp'";
constexpr std::size_t kLayers = 4;  // the output's included
constexpr double kPercent = 100;

struct OfaMlpOptions {
  std::int64_t width = 400;
  std::int64_t epochs = 200;
  std::int64_t batch = 64;
  double learning_rate = 1e-3;
};

constexpr std::string_view kReleased = "Once-for-All (arXiv:1908.09791), released code";
constexpr std::string_view kChosen = "the released code does not say how it was fitted";
constexpr std::array kFields = {
    Field<OfaMlpOptions>{"width", &OfaMlpOptions::width, "units of a hidden layer", "", 1, 4000,
                         kReleased},
    Field<OfaMlpOptions>{"epochs", &OfaMlpOptions::epochs, "passes over the samples", "", 1,
                         100'000, kChosen},
    Field<OfaMlpOptions>{"batch", &OfaMlpOptions::batch, "samples a step", "", 1, 100'000, kChosen},
    Field<OfaMlpOptions>{"learning_rate", &OfaMlpOptions::learning_rate, "of Adam", "", 1e-6, 1,
                         kChosen},
};

OfaMlpOptions parse(const OptionMap& options) {
  return parse_fields<OfaMlpOptions>(kFields, options, kWho);
}

std::string tensor_name(const char* kind, std::size_t layer) {
  return kind + std::to_string(layer);
}

class OfaMlpPredictor final : public Predictor {
 public:
  explicit OfaMlpPredictor(OfaMlpOptions options) : options_(options) {}

  /// Minimises the mean absolute error of standardised accuracies; the last layer gives them their
  /// scale back.
  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    const OfaEncoding encoding(space);
    const std::vector<float> rows = encode(encoding, samples);
    const TargetScale scale = target_scale(targets);
    std::vector<float> wanted;
    for (const double target : targets) wanted.push_back(static_cast<float>(scale.in(target)));
    const std::vector<float> ones(targets.size(), 1.0F);
    const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
    DenseNet net({encoding.width(), kLayers - 1, static_cast<std::size_t>(options_.width)},
                 rng.stream(1));
    net.train(rows, wanted, ones,
              {.epochs = static_cast<int>(options_.epochs),
               .batch = std::min(targets.size(), static_cast<std::size_t>(options_.batch)),
               .learning_rate = options_.learning_rate,
               .beta2 = 0.999},
              rng.stream(2), [&] { check_stop(kWho, context); });
    layers_.clear();
    for (std::size_t i = 0; i < kLayers; ++i) layers_.push_back(affine_layer(net, i));
    const auto factor = static_cast<float>(scale.deviation / kPercent);
    for (float& weight : layers_.back().weights) weight *= factor;
    for (float& bias : layers_.back().biases) bias *= factor;
    base_ = scale.mean / kPercent;
    forward_ = ReluLayers(layers_);
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    const OfaEncoding encoding(space);
    if (encoding.width() != forward_.inputs()) {
      throw Error(ErrorKind::kUsage, std::string(kWho) + ": sees " +
                                         std::to_string(forward_.inputs()) + " inputs, space '" +
                                         space.info().name + "' has " +
                                         std::to_string(encoding.width()) +
                                         "; use it with the space that it was made for");
    }
    std::vector<Prediction> result;
    for (const float output : forward_(encode(encoding, samples))) {
      result.push_back({kPercent * (static_cast<double>(output) + base_), 0});
    }
    return result;
  }

  PredictorState save() const override {
    PredictorState state;
    state.tensors.push_back(make_tensor("base_acc", {1}, {base_}));
    for (std::size_t i = 0; i < kLayers; ++i) {
      const std::vector<float>& biases = layers_[i].biases;
      state.tensors.push_back(
          make_tensor(tensor_name("b", i), {std::ssize(biases)}, {biases.begin(), biases.end()}));
    }
    for (std::size_t i = 0; i < kLayers; ++i) {
      const AffineLayer& layer = layers_[i];
      state.tensors.push_back(
          make_tensor(tensor_name("W", i),
                      {static_cast<std::int64_t>(layer.out), static_cast<std::int64_t>(layer.in)},
                      {layer.weights.begin(), layer.weights.end()}));
    }
    state.text = "{}";
    return state;
  }

  /// The released predictors have no constant (MobileNetV3) or no bias of the output (ResNet50-D).
  void restore(const PredictorState& state) override {
    layers_.clear();
    for (std::size_t i = 0; i < kLayers; ++i) layers_.push_back(restored_layer(state, i));
    if (layers_.back().out != 1) fail("its output is not one number");
    forward_ = ReluLayers(layers_);
    const PredictorTensor* base = find(state, "base_acc");
    if (base != nullptr && base->data.size() != 1) fail("tensor 'base_acc' is not one number");
    base_ = base == nullptr ? 0 : base->data.front();
    options_.width = static_cast<std::int64_t>(layers_.front().out);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": " + why);
  }

  static const PredictorTensor* find(const PredictorState& state, const std::string& name) {
    const auto found = std::ranges::find(state.tensors, name, &PredictorTensor::name);
    return found == state.tensors.end() ? nullptr : &*found;
  }

  AffineLayer restored_layer(const PredictorState& state, std::size_t index) const {
    const PredictorTensor& weights = state_tensor(state, tensor_name("W", index));
    // A matrix of one row is a list.
    const bool matrix = weights.shape.size() == 2;
    const auto out = static_cast<std::size_t>(matrix ? weights.shape[0] : 1);
    AffineLayer layer{out == 0 ? 0 : weights.data.size() / out, out, floats(weights.data), {}};
    if (layer.in == 0) fail("tensor '" + weights.name + "' is empty");
    const std::size_t expected = index == 0 ? layer.in : layers_.back().out;
    if (layer.in != expected) {
      fail("tensor '" + weights.name + "' reads " + std::to_string(layer.in) +
           " numbers, the layer before gives " + std::to_string(expected));
    }
    const std::string name = tensor_name("b", index);
    const bool optional = index + 1 == kLayers && find(state, name) == nullptr;
    layer.biases = optional ? std::vector<float>(out) : floats(state_tensor(state, name).data);
    if (layer.biases.size() != out) {
      fail("tensor '" + name + "' has " + std::to_string(layer.biases.size()) +
           " values, expected " + std::to_string(out));
    }
    return layer;
  }

  static std::vector<float> floats(const std::vector<double>& numbers) {
    std::vector<float> values(numbers.size());
    std::ranges::transform(numbers, values.begin(),
                           [](double number) { return static_cast<float>(number); });
    return values;
  }

  static std::vector<float> encode(const OfaEncoding& encoding, const Samples& samples) {
    std::vector<float> rows;
    rows.reserve(samples.architectures.size() * encoding.width());
    for (const Architecture& architecture : samples.architectures) {
      const std::vector<float> row = encoding.encode(architecture);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }

  OfaMlpOptions options_;
  std::vector<AffineLayer> layers_;
  double base_ = 0;
  ReluLayers forward_;
};

}  // namespace

extern const Plugin<Predictor> ofa_mlp_predictor;
constinit const Plugin<Predictor> ofa_mlp_predictor{
    .name = "ofa_mlp",
    .summary = "multi-layer perceptron on one-hot choices: the accuracy predictors of Once-for-All",
    .paper =
        "H. Cai, C. Gan, T. Wang, Z. Zhang, S. Han: Once-for-All: Train One Network and Specialize "
        "it for Efficient Deployment, ICLR 2020, arXiv:1908.09791",
    .fields = [] { return describe_fields<OfaMlpOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<OfaMlpOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<OfaMlpPredictor>(parse(options));
    },
};

}  // namespace nas
