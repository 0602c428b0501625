#include "predictors/help/checkpoint.h"

#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = HelpLayers<double>::Matrix;

// Where the modulator's tensors begin.
constexpr std::size_t kBias1 = kHelpReferences * kHelpReferences,
                      kWeight2 = kBias1 + kHelpReferences, kOutputs = 2 * kHelpModulations,
                      kBias2 = kWeight2 + kHelpReferences * kOutputs;
constexpr const char* kModulator = "inference_network/z_encoder.";

/// A tensor of the checkpoint and where its numbers stand here.
struct Place {
  std::string name;
  std::size_t in, out;      ///< in = 0: a bias
  bool transposed = false;  ///< in the checkpoint: [out, in]
  double* values;

  std::vector<std::int64_t> shape() const {
    const auto i = static_cast<std::int64_t>(in), o = static_cast<std::int64_t>(out);
    if (in == 0) return {o};
    return transposed ? std::vector<std::int64_t>{o, i} : std::vector<std::int64_t>{i, o};
  }
  std::size_t size() const { return in == 0 ? out : in * out; }
  /// Position in the checkpoint of the number at `position` here.
  std::size_t in_checkpoint(std::size_t position) const {
    return transposed ? position % out * in + position / out : position;
  }
};

std::vector<Place> places(const HelpLayers<double>& layers, HelpWeights& weights) {
  std::vector<Place> result;
  for (const auto& layer : layers.layers()) {
    const auto in = static_cast<std::size_t>(layer.in), out = static_cast<std::size_t>(layer.out);
    for (auto [group, vector] : {std::pair("model", &weights.theta), {"task_lr", &weights.rates}}) {
      const std::string name = std::string(group) + "/meta_learner." + layer.name;
      // Graph convolutions have inputs first there too.
      result.push_back({name + ".weight", in, out, !layer.graph, vector->data() + layer.weight});
      result.push_back({name + ".bias", 0, out, false, vector->data() + layer.bias});
    }
  }
  double* const z = weights.modulator.data();
  const std::string name(kModulator);
  result.push_back({name + "0.weight", kHelpReferences, kHelpReferences, true, z});
  result.push_back({name + "0.bias", 0, kHelpReferences, false, z + kBias1});
  result.push_back({name + "2.weight", kHelpReferences, kOutputs, true, z + kWeight2});
  result.push_back({name + "2.bias", 0, kOutputs, false, z + kBias2});
  return result;
}

HelpWeights empty(const HelpLayers<double>& layers) {
  HelpWeights weights;
  weights.theta.setZero(layers.parameters());
  weights.rates.setZero(layers.parameters());
  weights.modulator.assign(kHelpModulatorSize, 0.0);
  return weights;
}

Eigen::Map<const Matrix> matrix(std::span<const double> values, std::size_t first, std::size_t rows,
                                std::size_t columns) {
  return {values.data() + first, static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(columns)};
}
Eigen::Map<Matrix> matrix(std::span<double> values, std::size_t first, std::size_t rows,
                          std::size_t columns) {
  return {values.data() + first, static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(columns)};
}
std::vector<double> flat(const Matrix& values) {
  return {values.data(), values.data() + values.size()};
}

}  // namespace

HelpLayers<double> help_layers(HelpEncoder encoder, const HelpTensors& tensors) {
  const std::string name = encoder == HelpEncoder::kGraph ? "gc1" : "fc1";
  const auto found = tensors.find("model/meta_learner." + name + ".weight");
  if (found == tensors.end() || found->second.shape.size() != 2) {
    throw Error(ErrorKind::kData, "checkpoint of HELP: weights of layer " + name + " are missing");
  }
  const std::int64_t inputs = found->second.shape[encoder == HelpEncoder::kGraph ? 0 : 1];
  constexpr std::int64_t kFeatures = 8, kMostInputs = 100'000;
  if (inputs < 1 || inputs > kMostInputs ||
      (encoder == HelpEncoder::kGraph && inputs != kFeatures)) {
    throw Error(ErrorKind::kData, "checkpoint of HELP: layer " + name + " reads " +
                                      std::to_string(inputs) + " numbers");
  }
  return {encoder, static_cast<std::size_t>(inputs)};
}

HelpWeights read_help(const HelpLayers<double>& layers, const HelpTensors& tensors) {
  HelpWeights weights = empty(layers);
  for (const Place& place : places(layers, weights)) {
    const auto found = tensors.find(place.name);
    if (found == tensors.end()) {
      throw Error(ErrorKind::kData, "checkpoint of HELP: tensor '" + place.name + "' is missing");
    }
    const PredictorTensor& tensor = found->second;
    if (tensor.shape != place.shape() || tensor.data.size() != place.size()) {
      throw Error(ErrorKind::kData,
                  "checkpoint of HELP: tensor '" + place.name + "' has another shape");
    }
    for (std::size_t i = 0; i < place.size(); ++i) {
      place.values[i] = tensor.data[place.in_checkpoint(i)];
    }
  }
  return weights;
}

HelpTensors write_help(const HelpLayers<double>& layers, const HelpWeights& weights) {
  HelpWeights copy = weights;
  HelpTensors tensors;
  for (const Place& place : places(layers, copy)) {
    std::vector<double> data(place.size());
    for (std::size_t i = 0; i < data.size(); ++i) data[place.in_checkpoint(i)] = place.values[i];
    tensors[place.name] = {place.name, place.shape(), std::move(data)};
  }
  return tensors;
}

HelpGaussians::HelpGaussians(std::span<const double> modulator, std::span<const double> embedding) {
  NAS_CHECK(embedding.size() == kHelpReferences, "ten reference latencies");
  NAS_CHECK(modulator.size() == kHelpModulatorSize, "a modulator");
  const auto e = matrix(embedding, 0, 1, kHelpReferences);
  const Matrix first = (e * matrix(modulator, 0, kHelpReferences, kHelpReferences) +
                        matrix(modulator, kBias1, 1, kHelpReferences))
                           .cwiseMax(0.0);
  hidden = flat(first);
  raw = flat(first * matrix(modulator, kWeight2, kHelpReferences, kOutputs) +
             matrix(modulator, kBias2, 1, kOutputs));
  mean.assign(raw.begin(), raw.begin() + kHelpModulations);
  for (std::size_t i = kHelpModulations; i < kOutputs; ++i) {
    deviation.push_back(raw[i] > 30 ? raw[i] : std::log1p(std::exp(raw[i])));  // softplus
  }
}

double HelpGaussians::kl() const {
  double sum = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    sum += 0.5 * (deviation[i] * deviation[i] + mean[i] * mean[i] - 1) - std::log(deviation[i]);
  }
  return sum;
}

void HelpGaussians::add_gradient(std::span<const double> modulator,
                                 std::span<const double> embedding, std::span<const double> at_mean,
                                 std::span<const double> at_deviation,
                                 std::span<double> gradient) const {
  std::vector<double> at_raw(at_mean.begin(), at_mean.end());
  for (std::size_t i = 0; i < kHelpModulations; ++i) {
    at_raw.push_back(at_deviation[i] / (1 + std::exp(-raw[kHelpModulations + i])));
  }
  const auto d = matrix(std::span<const double>(at_raw), 0, 1, kOutputs);
  const auto h = matrix(std::span<const double>(hidden), 0, 1, kHelpReferences);
  matrix(gradient, kWeight2, kHelpReferences, kOutputs) += h.transpose() * d;
  matrix(gradient, kBias2, 1, kOutputs) += d;
  Matrix at_hidden = d * matrix(modulator, kWeight2, kHelpReferences, kOutputs).transpose();
  at_hidden = (h.array() > 0).select(at_hidden, 0.0);
  const auto e = matrix(embedding, 0, 1, kHelpReferences);
  matrix(gradient, 0, kHelpReferences, kHelpReferences) += e.transpose() * at_hidden;
  matrix(gradient, kBias1, 1, kHelpReferences) += at_hidden;
}

}  // namespace nas
