#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "predictors/dense_net.h"
#include "predictors/encoding.h"
#include "predictors/registry.h"
#include "predictors/relu_layers.h"
#include "predictors/state.h"

// The accuracy predictor of EfficientTDNN (Wang et al., 2022; the released code): batch
// normalisation of the one-hot choices, three hidden layers of 400, and targets normalised by a
// batch normalisation of their own. A state has the tensors of the released file under their names,
// so that what the authors published is read as what was fitted here.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'bn_mlp'";
constexpr std::size_t kHiddenLayers = 3;
constexpr double kEpsilon = 1e-5;  // of both normalisations, and of the inverse's divisor
constexpr double kMomentum = 0.1;  // of their running statistics

struct BnMlpOptions {
  std::int64_t width = 400;
  std::int64_t epochs = 50;
  std::int64_t batch = 256;
  double learning_rate = 1e-3;
  double weight_decay = 1e-3;
  std::string loss = "mse";
};

constexpr std::string_view kReleased = "EfficientTDNN (arXiv:2103.13581), released code";
constexpr std::array kFields = {
    Field<BnMlpOptions>{"width", &BnMlpOptions::width, "units of a hidden layer", "", 1, 4000,
                        kReleased},
    Field<BnMlpOptions>{"epochs", &BnMlpOptions::epochs,
                        "passes over the samples; the learning rate is halved in the middle", "", 1,
                        100'000, kReleased},
    Field<BnMlpOptions>{"batch", &BnMlpOptions::batch,
                        "samples a step; what is left over is dropped", "", 2, 100'000, kReleased},
    Field<BnMlpOptions>{"learning_rate", &BnMlpOptions::learning_rate, "of Adam", "", 1e-6, 1,
                        kReleased},
    Field<BnMlpOptions>{"weight_decay", &BnMlpOptions::weight_decay,
                        "L2 penalty, added to the gradient", "", 0, 1, kReleased},
    Field<BnMlpOptions>{.name = "loss",
                        .member = &BnMlpOptions::loss,
                        .meaning = "squared or absolute error of the normalised target",
                        .source = kReleased,
                        .choices = "mse|mae"},
};

BnMlpOptions parse(const OptionMap& options) {
  return parse_fields<BnMlpOptions>(kFields, options, kWho);
}

/// Batch normalisation of rows of `scale.size()` columns.
struct Normalisation {
  std::vector<float> scale, shift;
  std::vector<double> mean, variance;  // running statistics

  explicit Normalisation(std::size_t width = 0)
      : scale(width, 1.0F), shift(width, 0.0F), mean(width, 0.0), variance(width, 1.0) {}

  /// (x - batch mean) / batch deviation, without scale and shift; records the statistics.
  std::vector<float> standardised(std::span<const float> rows) {
    const std::size_t width = scale.size(), count = rows.size() / width;
    std::vector<float> result(rows.size());
    for (std::size_t c = 0; c < width; ++c) {
      double sum = 0, square = 0;
      for (std::size_t r = 0; r < count; ++r) sum += static_cast<double>(rows[r * width + c]);
      const double centre = sum / static_cast<double>(count);
      for (std::size_t r = 0; r < count; ++r) {
        const double distance = static_cast<double>(rows[r * width + c]) - centre;
        square += distance * distance;
      }
      const double deviation = std::sqrt(square / static_cast<double>(count) + kEpsilon);
      for (std::size_t r = 0; r < count; ++r) {
        const double distance = static_cast<double>(rows[r * width + c]) - centre;
        result[r * width + c] = static_cast<float>(distance / deviation);
      }
      mean[c] += kMomentum * (centre - mean[c]);
      variance[c] += kMomentum * (square / static_cast<double>(count - 1) - variance[c]);
    }
    return result;
  }
};

struct Network {
  Normalisation input, target{1};
  DenseNet layers{{.inputs = 1, .layers = kHiddenLayers, .width = 1}, Rng({})};
};

/// All layers with the input's normalisation folded into the first one.
ReluLayers folded(const Network& network) {
  std::vector<AffineLayer> layers;
  for (std::size_t i = 0; i <= kHiddenLayers; ++i) {
    layers.push_back(affine_layer(network.layers, i));
  }
  AffineLayer& first = layers.front();
  for (std::size_t in = 0; in < first.in; ++in) {
    const double factor = static_cast<double>(network.input.scale[in]) /
                          std::sqrt(network.input.variance[in] + kEpsilon);
    const double shift =
        static_cast<double>(network.input.shift[in]) - factor * network.input.mean[in];
    for (std::size_t out = 0; out < first.out; ++out) {
      float& weight = first.weights[out * first.in + in];
      first.biases[out] += static_cast<float>(static_cast<double>(weight) * shift);
      weight = static_cast<float>(static_cast<double>(weight) * factor);
    }
  }
  return ReluLayers(std::move(layers));
}

/// "model.1.weight" of the first affine layer: those of PyTorch, with ReLUs between them.
std::string layer_name(std::size_t index) {
  return "model." + std::to_string(2 * index + 1) + ".";
}

/// One step of Adam on everything that is learned.
class Trainer {
 public:
  Trainer(Network& network, const BnMlpOptions& options)
      : network_(network),
        options_(options),
        layers_adam_({.rate = options.learning_rate}),
        scale_adam_({.rate = options.learning_rate}),
        shift_adam_({.rate = options.learning_rate}) {}

  void set_learning_rate(double rate) {
    for (Adam<float>* adam : {&layers_adam_, &scale_adam_, &shift_adam_}) adam->set_rate(rate);
  }

  void step(std::span<const float> inputs, std::span<const float> targets) {
    Normalisation& norm = network_.input;
    const std::size_t width = norm.scale.size();
    const std::vector<float> standard = norm.standardised(inputs);
    const std::vector<float> wanted = network_.target.standardised(targets);
    std::vector<float> scaled(standard.size());
    for (std::size_t i = 0; i < standard.size(); ++i) {
      scaled[i] = norm.scale[i % width] * standard[i] + norm.shift[i % width];
    }
    const std::vector<float> ones(targets.size(), 1.0F);
    const DenseLoss kind = options_.loss == "mse" ? DenseLoss::kSquared : DenseLoss::kAbsolute;
    std::vector<float> by_layers, by_input;
    network_.layers.loss({scaled, wanted, ones}, kind, by_layers, &by_input);
    std::vector<float> by_scale(width, 0.0F), by_shift(width, 0.0F);
    for (std::size_t i = 0; i < by_input.size(); ++i) {
      by_scale[i % width] += by_input[i] * standard[i];
      by_shift[i % width] += by_input[i];
    }
    update(layers_adam_, network_.layers.parameters(), by_layers);
    update(scale_adam_, norm.scale, by_scale);
    update(shift_adam_, norm.shift, by_shift);
  }

 private:
  void update(Adam<float>& adam, std::span<float> parameters, std::vector<float>& gradient) const {
    const auto decay = static_cast<float>(options_.weight_decay);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += decay * parameters[i];
    adam.step(parameters, gradient);
  }

  Network& network_;
  const BnMlpOptions& options_;
  Adam<float> layers_adam_, scale_adam_, shift_adam_;
};

class BnMlpPredictor final : public Predictor {
 public:
  explicit BnMlpPredictor(BnMlpOptions options) : options_(std::move(options)) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    const std::vector<float> rows = encode(space, samples);
    const std::size_t width = one_hot_width(space);
    const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
    network_.input = Normalisation(width);
    network_.target = Normalisation(1);
    network_.layers = DenseNet(shape(width), rng.stream(1));
    Rng order_rng = rng.stream(2);
    Trainer trainer(network_, options_);
    std::vector<std::size_t> order(targets.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t batch = std::min(order.size(), static_cast<std::size_t>(options_.batch));
    std::vector<float> inputs, wanted;
    for (std::int64_t epoch = 0; epoch < options_.epochs; ++epoch) {
      check_stop(kWho, context);
      if (2 * epoch >= options_.epochs) trainer.set_learning_rate(options_.learning_rate / 2);
      order_rng.shuffle(std::span(order));
      for (std::size_t first = 0; first + batch <= order.size(); first += batch) {
        inputs.clear(), wanted.clear();
        for (std::size_t i = first; i < first + batch; ++i) {
          const auto row = std::span(rows).subspan(order[i] * width, width);
          inputs.insert(inputs.end(), row.begin(), row.end());
          wanted.push_back(static_cast<float>(targets[order[i]]));
        }
        trainer.step(inputs, wanted);
      }
    }
    forward_ = folded(network_);
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    if (one_hot_width(space) != forward_.inputs()) {
      throw Error(ErrorKind::kUsage,
                  std::string(kWho) + ": sees " + std::to_string(forward_.inputs()) +
                      " choices, space '" + space.info().name + "' has " +
                      std::to_string(one_hot_width(space)) +
                      "; use it with the options of the space that it was made for");
    }
    const Normalisation& target = network_.target;
    const double deviation = std::sqrt(target.variance[0] + kEpsilon);
    std::vector<Prediction> result;
    for (const float output : forward_(encode(space, samples))) {
      const double standard = (static_cast<double>(output) - static_cast<double>(target.shift[0])) /
                              (static_cast<double>(target.scale[0]) + kEpsilon);
      result.push_back({standard * deviation + target.mean[0], 0});
    }
    return result;
  }

  PredictorState save() const override {
    PredictorState state;
    save_normalisation(state, "model.0.", network_.input);
    for (std::size_t i = 0; i <= kHiddenLayers; ++i) {
      const AffineLayer layer = affine_layer(network_.layers, i);
      const auto in = static_cast<std::int64_t>(layer.in);
      const auto out = static_cast<std::int64_t>(layer.out);
      state.tensors.push_back(make_tensor(layer_name(i) + "weight", {out, in},
                                          {layer.weights.begin(), layer.weights.end()}));
      state.tensors.push_back(
          make_tensor(layer_name(i) + "bias", {out}, {layer.biases.begin(), layer.biases.end()}));
    }
    save_normalisation(state, "ynorm.", network_.target);
    state.text = "{}";
    return state;
  }

  void restore(const PredictorState& state) override {
    const std::size_t width = state_tensor(state, "model.0.weight").data.size();
    const std::size_t units = state_tensor(state, layer_name(0) + "bias").data.size();
    if (width == 0 || units == 0) throw Error(ErrorKind::kData, damaged("its tensors are empty"));
    options_.width = static_cast<std::int64_t>(units);
    network_.input = restored_normalisation(state, "model.0.", width);
    network_.target = restored_normalisation(state, "ynorm.", 1);
    network_.layers = DenseNet(shape(width), Rng({}));
    for (std::size_t i = 0; i <= kHiddenLayers; ++i) restore_layer(state, i);
    forward_ = folded(network_);
  }

 private:
  static std::string damaged(const std::string& why) { return std::string(kWho) + ": " + why; }

  DenseNetShape shape(std::size_t inputs) const {
    return {inputs, kHiddenLayers, static_cast<std::size_t>(options_.width)};
  }

  static std::vector<float> encode(const SearchSpace& space, const Samples& samples) {
    std::vector<float> rows;
    for (const Architecture& architecture : samples.architectures) {
      const std::vector<double> row = one_hot(space, architecture);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }

  static void save_normalisation(PredictorState& state, const std::string& name,
                                 const Normalisation& norm) {
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(norm.scale.size())};
    state.tensors.push_back(
        make_tensor(name + "weight", shape, {norm.scale.begin(), norm.scale.end()}));
    state.tensors.push_back(
        make_tensor(name + "bias", shape, {norm.shift.begin(), norm.shift.end()}));
    state.tensors.push_back(make_tensor(name + "running_mean", shape, norm.mean));
    state.tensors.push_back(make_tensor(name + "running_var", shape, norm.variance));
  }

  static const std::vector<double>& tensor(const PredictorState& state, const std::string& name,
                                           std::size_t size) {
    const std::vector<double>& data = state_tensor(state, name).data;
    if (data.size() == size) return data;
    throw Error(ErrorKind::kData,
                damaged("tensor '" + name + "' has " + std::to_string(data.size()) +
                        " values, expected " + std::to_string(size)));
  }

  static Normalisation restored_normalisation(const PredictorState& state, const std::string& name,
                                              std::size_t width) {
    Normalisation norm(width);
    const auto floats = [&](const char* what) {
      const std::vector<double>& data = tensor(state, name + what, width);
      std::vector<float> values(width);
      std::transform(data.begin(), data.end(), values.begin(),
                     [](double value) { return static_cast<float>(value); });
      return values;
    };
    norm.scale = floats("weight");
    norm.shift = floats("bias");
    norm.mean = tensor(state, name + "running_mean", width);
    norm.variance = tensor(state, name + "running_var", width);
    return norm;
  }

  void restore_layer(const PredictorState& state, std::size_t index) {
    const DenseNet::Layer layer = network_.layers.layers()[index];
    const std::vector<double>& weights =
        tensor(state, layer_name(index) + "weight", layer.in * layer.out);
    const std::vector<double>& biases = tensor(state, layer_name(index) + "bias", layer.out);
    std::vector<float>& parameters = network_.layers.parameters();
    for (std::size_t out = 0; out < layer.out; ++out) {
      for (std::size_t in = 0; in < layer.in; ++in) {
        parameters[layer.weights + in * layer.out + out] =
            static_cast<float>(weights[out * layer.in + in]);
      }
      parameters[layer.biases + out] = static_cast<float>(biases[out]);
    }
  }

  BnMlpOptions options_;
  Network network_;
  ReluLayers forward_;
};

}  // namespace

extern const Plugin<Predictor> bn_mlp_predictor;
constinit const Plugin<Predictor> bn_mlp_predictor{
    .name = "bn_mlp",
    .summary =
        "multi-layer perceptron on batch-normalised choices: the accuracy predictor of "
        "EfficientTDNN",
    .paper =
        "R. Wang, Z. Wei, H. Duan, S. Ji, Y. Long, Z. Hong: EfficientTDNN: Efficient Architecture "
        "Search for Speaker Recognition, IEEE/ACM TASLP 2022, arXiv:2103.13581",
    .fields = [] { return describe_fields<BnMlpOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<BnMlpOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<BnMlpPredictor>(parse(options));
    },
};

}  // namespace nas
