#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

#include "core/runtime/model_torch.h"
#include "core/runtime/optimizer_torch.h"
#include "core/util/text.h"
#include "predictors/parzc/entries.h"
#include "predictors/parzc/network_torch.h"
#include "predictors/parzc/rank_loss_torch.h"

namespace nas {
namespace {

constexpr std::size_t kPredictBatch = 256;

// Streams of the fit beside those of the initial weights (trial 0).
enum Stream : std::uint64_t { kOrder = 1, kPasses = 2, kDraws = 3 };

Rng stream_of(const RankTraining& training, Stream stream) {
  return Rng({.seed = training.seed, .trial = stream, .purpose = Purpose::kPredictor});
}

Recipe adam(const RankTraining& training) {
  Recipe recipe;
  recipe.optimizer = "adam";
  recipe.learning_rate = training.learning_rate;
  recipe.weight_decay = training.weight_decay;
  return recipe;
}

std::vector<at::Tensor> tensors_of(const ParameterSet& set) {
  std::vector<at::Tensor> tensors;
  for (const auto& item : set.items()) tensors.push_back(item.second);
  return tensors;
}

/// The rows `indices` of samples as a batch.
RankBatch gather(const RankSamples& samples, std::span<const std::size_t> indices) {
  const auto n = static_cast<std::int64_t>(indices.size());
  const auto inputs = static_cast<std::size_t>(samples.inputs);
  RankBatch batch;
  batch.statistics = at::empty({n, samples.inputs}, at::TensorOptions(at::kFloat));
  auto* statistics = batch.statistics.data_ptr<float>();
  for (const std::size_t row : indices) {
    std::memcpy(statistics, samples.statistics.data() + row * inputs, inputs * sizeof(float));
    statistics += inputs;
  }
  if (samples.vertices == 0) return batch;
  const auto vertices = static_cast<std::size_t>(samples.vertices);
  batch.operations =
      at::zeros({n, samples.vertices, samples.operations}, at::TensorOptions(at::kFloat));
  batch.adjacency =
      at::empty({n, samples.vertices, samples.vertices}, at::TensorOptions(at::kFloat));
  auto* one_hot = batch.operations.data_ptr<float>();
  auto* adjacency = batch.adjacency.data_ptr<float>();
  for (const std::size_t row : indices) {
    for (std::size_t v = 0; v < vertices; ++v, one_hot += samples.operations) {
      const std::int64_t operation = samples.operation[row * vertices + v];
      if (operation >= 0) one_hot[operation] = 1;
    }
    const std::size_t square = vertices * vertices;
    std::memcpy(adjacency, samples.adjacency.data() + row * square, square * sizeof(float));
    adjacency += square;
  }
  return batch;
}

/// Bounds of the batches of an epoch; a last batch of one has no pair, and joins the one before.
std::vector<std::size_t> batch_ends(std::size_t count, std::size_t batch) {
  std::vector<std::size_t> ends;
  for (std::size_t end = batch; end < count; end += batch) ends.push_back(end);
  if (!ends.empty() && count - ends.back() == 1) ends.pop_back();
  ends.push_back(count);
  return ends;
}

class TorchRegressor final : public RankRegressor {
 public:
  TorchRegressor(const MixerShape& mixer, const HostShape* host, const RankTraining& training,
                 const RankSamples& like)
      : training_(training), set_(training.seed) {
    like_.inputs = like.inputs;
    like_.vertices = like.vertices;
    like_.operations = like.operations;
    translate_torch_errors("parzc", [&] {
      network_ = host == nullptr ? make_mixer_network(set_, mixer, like.inputs)
                                 : make_host_network(set_, mixer, *host, like);
    });
  }

  void fit(const RankSamples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_fits(samples);
    translate_torch_errors("parzc", [&] { train(samples, targets, context); });
  }

  std::vector<Prediction> predict(const RankSamples& samples) const override {
    check_fits(samples);
    std::vector<Prediction> result;
    translate_torch_errors("parzc", [&] { result = averages(samples); });
    return result;
  }

  std::vector<PredictorTensor> save() const override;
  void restore(const PredictorState& state) override;

 private:
  void check_fits(const RankSamples& samples) const {
    NAS_CHECK(samples.inputs == like_.inputs && samples.vertices == like_.vertices &&
                  samples.operations == like_.operations,
              "samples of the sizes that the network was made for");
  }

  double train_batch(const RankBatch& batch, const at::Tensor& targets, Optimizer& optimizer,
                     std::int64_t step, double rate) const {
    Chance chance(stream_of(training_, kPasses).stream(static_cast<std::uint64_t>(step)), true,
                  true);
    optimizer.zero_grad();
    const at::Tensor loss =
        rank_loss(training_.loss, training_.alpha, network_->forward(batch, chance), targets);
    loss.backward();
    optimizer.step(rate);
    return loss.item<double>();
  }

  void train(const RankSamples& samples, std::span<const double> targets,
             const FitContext& context) const;
  /// Means and deviations over the draws of the weights.
  std::vector<Prediction> averages(const RankSamples& samples) const;

  RankTraining training_;
  RankSamples like_;  ///< sizes only
  ParameterSet set_;
  std::unique_ptr<RankNetwork> network_;
};

void TorchRegressor::train(const RankSamples& samples, std::span<const double> targets,
                           const FitContext& context) const {
  Optimizer optimizer(adam(training_), tensors_of(set_));
  ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
  progress.begin("fitting", training_.epochs);
  std::vector<std::size_t> order(targets.size());
  const std::vector<std::size_t> ends =
      batch_ends(order.size(), static_cast<std::size_t>(training_.batch));
  std::int64_t step = 0;
  for (std::int64_t epoch = 0; epoch < training_.epochs; ++epoch) {
    if (context.stop.stop_requested()) throw Error(ErrorKind::kUsage, "the fit was interrupted");
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng shuffling = stream_of(training_, kOrder).stream(static_cast<std::uint64_t>(epoch));
    shuffling.shuffle(std::span(order));
    const double turn =
        std::numbers::pi * static_cast<double>(epoch) / static_cast<double>(training_.epochs);
    const double rate = training_.learning_rate * (1 + std::cos(turn)) / 2;
    double loss = 0;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      const std::span<const std::size_t> indices(order.data() + begin, end - begin);
      at::Tensor wanted =
          at::empty({static_cast<std::int64_t>(indices.size())}, at::TensorOptions(at::kFloat));
      for (std::size_t i = 0; i < indices.size(); ++i) {
        wanted.data_ptr<float>()[i] = static_cast<float>(targets[indices[i]]);
      }
      loss = train_batch(gather(samples, indices), wanted, optimizer, step++, rate);
      begin = end;
    }
    if (!std::isfinite(loss)) {
      throw Error(ErrorKind::kNumeric, "the loss is " + format_double(loss) + " in epoch " +
                                           std::to_string(epoch + 1) +
                                           "; use a smaller learning_rate");
    }
    progress.update(epoch + 1, "loss " + format_short(loss));
  }
  progress.end();
}

std::vector<Prediction> TorchRegressor::averages(const RankSamples& samples) const {
  const c10::NoGradGuard no_grad;
  std::vector<Prediction> result(static_cast<std::size_t>(samples.count));
  std::vector<std::size_t> indices;
  for (std::size_t begin = 0; begin < result.size(); begin += kPredictBatch) {
    indices.resize(std::min(kPredictBatch, result.size() - begin));
    std::iota(indices.begin(), indices.end(), begin);
    const RankBatch batch = gather(samples, indices);
    // The same draws for all batches: rows do not depend on their neighbours.
    for (std::int64_t draw = 0; draw < std::max<std::int64_t>(training_.draws, 1); ++draw) {
      Chance chance(stream_of(training_, kDraws).stream(static_cast<std::uint64_t>(draw)),
                    training_.draws > 0, false);
      const at::Tensor output = network_->forward(batch, chance).contiguous();
      const auto* values = output.data_ptr<float>();
      for (std::size_t i = 0; i < indices.size(); ++i) {
        result[begin + i].mean += values[i];
        result[begin + i].deviation += static_cast<double>(values[i]) * values[i];
      }
    }
  }
  const auto draws = static_cast<double>(std::max<std::int64_t>(training_.draws, 1));
  for (Prediction& prediction : result) {
    prediction.mean /= draws;
    const double variance = prediction.deviation / draws - prediction.mean * prediction.mean;
    prediction.deviation = training_.draws > 1 ? std::sqrt(std::max(0.0, variance)) : 0;
  }
  return result;
}

std::vector<PredictorTensor> TorchRegressor::save() const {
  std::vector<PredictorTensor> tensors;
  for (const auto& [name, tensor] : set_.items()) {
    const auto* values = tensor.data_ptr<float>();
    tensors.push_back({name, tensor.sizes().vec(), {values, values + tensor.numel()}});
  }
  return tensors;
}

void TorchRegressor::restore(const PredictorState& state) {
  for (const auto& [name, tensor] : set_.items()) {
    const PredictorTensor* found = nullptr;
    for (const PredictorTensor& stored : state.tensors) {
      if (stored.name == name) found = &stored;
    }
    if (found == nullptr || found->shape != tensor.sizes().vec() ||
        static_cast<std::int64_t>(found->data.size()) != tensor.numel()) {
      throw Error(ErrorKind::kData,
                  "parzc: tensor '" + name +
                      (found == nullptr ? "' is missing" : "' has another shape than expected") +
                      "; was it fitted with other options?");
    }
    auto* values = tensor.data_ptr<float>();
    for (std::size_t i = 0; i < found->data.size(); ++i) {
      values[i] = static_cast<float>(found->data[i]);
    }
  }
}

std::unique_ptr<RankRegressor> make_torch_regressor(const MixerShape& mixer, const HostShape* host,
                                                    const RankTraining& training,
                                                    const RankSamples& like) {
  return std::make_unique<TorchRegressor>(mixer, host, training, like);
}

}  // namespace

// Found by name when the library is opened (core/runtime/torch_module.h).
extern "C" const ParzcTorch nas_parzc_torch;
const ParzcTorch nas_parzc_torch{.make_rank_regressor = make_torch_regressor};

}  // namespace nas
