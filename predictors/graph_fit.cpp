#include "predictors/graph_fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "predictors/dense_net.h"

namespace nas {
namespace {

float dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(std::span<float> to, std::span<const float> from, float factor) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

void take(const std::vector<double>& from, std::vector<float>& to, const std::string& who) {
  if (from.size() != to.size()) {
    throw Error(ErrorKind::kData, who + ": " + std::to_string(from.size()) +
                                      " parameters, expected " + std::to_string(to.size()));
  }
  std::transform(from.begin(), from.end(), to.begin(),
                 [](double value) { return static_cast<float>(value); });
}

}  // namespace

GraphFitOptions fit_options(std::string_view who, const GraphOptions& options) {
  return {.who = std::string(who),
          .shape = {.layers = static_cast<std::size_t>(options.layers),
                    .width = static_cast<std::size_t>(options.width),
                    .head = static_cast<std::size_t>(options.head),
                    .dropout = options.dropout},
          .reading = {},
          .epochs = static_cast<int>(options.epochs),
          .batch = static_cast<std::size_t>(options.batch),
          .learning_rate = options.learning_rate,
          .weight_decay = options.weight_decay};
}

void GraphPredictor::make_net(std::size_t vocabulary, Rng rng) {
  vocabulary_ = vocabulary;
  GraphNetShape shape = options_.shape;
  shape.vocabulary = vocabulary + (options_.reading.global ? 1 : 0);
  net_ = GraphNet(shape, rng.stream(1));
  readout_.assign((options_.pairs ? 2 : 1) * net_.outputs() + 1, 0.0F);
  Rng draws = rng.stream(2);
  const double bound = std::sqrt(6.0 / static_cast<double>(net_.outputs() + 1));
  for (std::size_t i = 0; i + 1 < readout_.size(); ++i) {
    readout_[i] = static_cast<float>(draws.uniform(-bound, bound));
  }
}

std::vector<GraphInput> GraphPredictor::inputs(const SearchSpace& space,
                                               const Samples& samples) const {
  std::vector<GraphInput> graphs;
  for (const Architecture& architecture : samples.architectures) {
    graphs.push_back(graph_input(space, architecture, options_.reading));
  }
  return graphs;
}

std::vector<float> GraphPredictor::slopes(std::span<const float> embeddings,
                                          std::span<const float> targets,
                                          std::span<float> gradient) const {
  const std::size_t width = net_.outputs(), count = targets.size();
  const std::span<const float> readout(readout_);
  const auto embedding = [&](std::size_t i) { return embeddings.subspan(i * width, width); };
  std::vector<float> result(embeddings.size(), 0.0F);
  const std::span<float> slope(result);
  if (!options_.pairs) {
    for (std::size_t i = 0; i < count; ++i) {
      const float error = dot(readout.first(width), embedding(i)) + readout[width] - targets[i];
      const float d = (error > 0 ? 1.0F : -1.0F) / static_cast<float>(count);
      add_scaled(slope.subspan(i * width, width), readout.first(width), d);
      add_scaled(gradient.first(width), embedding(i), d);
      gradient[width] += d;
    }
    return result;
  }
  const std::span<const float> u = readout.first(width), v = readout.subspan(width, width);
  std::vector<float> left(count), right(count), d_left(count, 0.0F), d_right(count, 0.0F);
  for (std::size_t i = 0; i < count; ++i) {
    left[i] = dot(u, embedding(i)) + readout.back();
    right[i] = dot(v, embedding(i));
  }
  const float share = 1 / static_cast<float>(count * (count - 1));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      if (i == j) continue;
      const float d = share * (sigmoid(left[i] + right[j]) - sigmoid(targets[i] - targets[j]));
      d_left[i] += d;
      d_right[j] += d;
      gradient.back() += d;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    add_scaled(slope.subspan(i * width, width), u, d_left[i]);
    add_scaled(slope.subspan(i * width, width), v, d_right[i]);
    add_scaled(gradient.first(width), embedding(i), d_left[i]);
    add_scaled(gradient.subspan(width, width), embedding(i), d_right[i]);
  }
  return result;
}

void GraphPredictor::fit(const SearchSpace& space, const Samples& samples,
                         std::span<const double> targets, const FitContext& context) {
  check_samples(options_.who, samples, targets);
  const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
  make_net(cell_vocabulary(space), rng);
  scale_ = target_scale(targets);
  const std::vector<GraphInput> graphs = inputs(space, samples);
  std::vector<std::size_t> order(graphs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Adam<float> adam({.rate = options_.learning_rate});
  Adam<float> readout_adam({.rate = options_.learning_rate});
  Rng draws = rng.stream(3);
  for (int epoch = 0; epoch < options_.epochs; ++epoch) {
    check_stop(options_.who, context);
    const double rate =
        options_.learning_rate * (1 + std::cos(std::numbers::pi * epoch / options_.epochs)) / 2;
    adam.set_rate(rate);
    readout_adam.set_rate(rate);
    draws.shuffle(std::span(order));
    for (std::size_t first = 0; first < order.size(); first += options_.batch) {
      const std::size_t last = std::min(order.size(), first + options_.batch);
      if (options_.pairs && last - first < 2) break;  // nothing to compare with
      std::vector<const GraphInput*> batch;
      std::vector<float> labels;
      for (std::size_t i = first; i < last; ++i) {
        batch.push_back(&graphs[order[i]]);
        labels.push_back(static_cast<float>(scale_.in(targets[order[i]])));
      }
      GraphNet::Trace trace;
      const std::vector<float> embeddings = net_.forward(batch, &draws, &trace);
      std::vector<float> readout_gradient(readout_.size(), 0.0F);
      std::vector<float> gradient(net_.parameters().size(), 0.0F);
      net_.backward(trace, slopes(embeddings, labels, readout_gradient), gradient);
      adam.step(net_.parameters(), gradient, options_.weight_decay);
      readout_adam.step(readout_, readout_gradient, options_.weight_decay);
    }
  }
}

std::vector<Prediction> GraphPredictor::predict(const SearchSpace& space,
                                                const Samples& samples) const {
  if (samples.architectures.empty()) return {};
  NAS_CHECK(vocabulary_ == cell_vocabulary(space), "a predictor of another space, or none");
  const std::size_t width = net_.outputs();
  const std::vector<GraphInput> graphs = inputs(space, samples);
  std::vector<Prediction> result;
  constexpr std::size_t kBlock = 64;
  for (std::size_t first = 0; first < graphs.size(); first += kBlock) {
    std::vector<const GraphInput*> block;
    for (std::size_t i = first; i < std::min(graphs.size(), first + kBlock); ++i) {
      block.push_back(&graphs[i]);
    }
    const std::vector<float> embeddings = net_.forward(block, nullptr, nullptr);
    const std::span<const float> readout(readout_);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::span<const float> embedding = std::span(embeddings).subspan(i * width, width);
      float value = dot(readout.first(width), embedding);
      // Sorting by the comparison made symmetric is sorting by (u - v) e / 2.
      if (options_.pairs) value = (value - dot(readout.subspan(width, width), embedding)) / 2;
      if (!options_.pairs) value += readout.back();
      result.push_back({scale_.out(static_cast<double>(value)), 0});
    }
  }
  return result;
}

PredictorState GraphPredictor::save() const {
  const auto size = [](const std::vector<float>& values) {
    return static_cast<std::int64_t>(values.size());
  };
  return {{make_tensor("target_scale", {2}, {scale_.mean, scale_.deviation}),
           make_tensor("vocabulary", {1}, {static_cast<double>(vocabulary_)}),
           make_tensor("net", {size(net_.parameters())}, doubles(net_.parameters())),
           make_tensor("readout", {size(readout_)}, doubles(readout_))},
          "{}"};
}

void GraphPredictor::restore(const PredictorState& state) {
  const std::vector<double>& scale = state_tensor(state, "target_scale").data;
  const std::vector<double>& vocabulary = state_tensor(state, "vocabulary").data;
  constexpr double kMost = 65'000;
  if (scale.size() != 2 || vocabulary.size() != 1 || !(vocabulary[0] >= 2) ||
      vocabulary[0] > kMost) {
    throw Error(ErrorKind::kData, options_.who + ": its tensors do not fit");
  }
  scale_ = {scale[0], scale[1]};
  make_net(static_cast<std::size_t>(vocabulary[0]), Rng({}));
  take(state_tensor(state, "net").data, net_.parameters(), options_.who);
  take(state_tensor(state, "readout").data, readout_, options_.who);
}

}  // namespace nas
