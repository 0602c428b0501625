#include "predictors/autoencoder/training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <numbers>
#include <numeric>
#include <string>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMostNorm = 5;  // of a gradient

constexpr std::string_view kCode = "QAS-URL (arXiv 2401.11576), released code";
constexpr std::string_view kMeasured = "measured: docs/quantum.md";
constexpr std::array kFields = {
    Field<AutoencoderOptions>{"latent", &AutoencoderOptions::latent,
                              "numbers of a point; 32 for circuits of 8 qubits", "", 1, 256, kCode},
    Field<AutoencoderOptions>{"hidden", &AutoencoderOptions::hidden, "units of a layer", "units", 1,
                              4096, kCode},
    Field<AutoencoderOptions>{"layers", &AutoencoderOptions::layers,
                              "graph layers, each of which sees one edge further", "", 1, 64,
                              kCode},
    Field<AutoencoderOptions>{"epsilon", &AutoencoderOptions::epsilon,
                              "a vertex counts 1 + epsilon times as much as a neighbour, at the "
                              "start; 0 in the released code, with which a vertex is told from its "
                              "neighbours only after half of the training",
                              "", 0, 100, kMeasured},
    Field<AutoencoderOptions>{
        .name = "operation_loss",
        .member = &AutoencoderOptions::operation_loss,
        .meaning =
            "cross-entropy of operations: of one of several (a softmax), or of each by itself "
            "(sigmoids) as in the released code, with which operations that are alike stay "
            "mixed up",
        .source = kMeasured,
        .choices = "categorical|binary"},
    Field<AutoencoderOptions>{
        "operation_weight", &AutoencoderOptions::operation_weight,
        "of the cross-entropy of operations beside that of wires and edges; 1 "
        "in the released code",
        "", 1e-6, 1e6, kMeasured},
    Field<AutoencoderOptions>{"latent_dropout", &AutoencoderOptions::dropout,
                              "part of a point that the decoder does not see in training; the "
                              "released code has 0.3, with which types of gates stay unlearned",
                              "", 0, 0.99, kMeasured},
    Field<AutoencoderOptions>{"epochs", &AutoencoderOptions::epochs,
                              "passes over the graphs; 16 in the released code, which has five "
                              "times as many graphs",
                              "epochs", 1, 1'000'000, kMeasured},
    Field<AutoencoderOptions>{"batch", &AutoencoderOptions::batch, "graphs of a step", "graphs", 2,
                              100'000, kCode},
    Field<AutoencoderOptions>{"learning_rate", &AutoencoderOptions::learning_rate, "of Adam", "",
                              1e-9, 10, kCode},
    Field<AutoencoderOptions>{"last_rate", &AutoencoderOptions::last_rate,
                              "part of the rate that is left at the end of half a cosine; 1 in the "
                              "released code, whose rate is constant",
                              "", 0, 1, kMeasured},
    Field<AutoencoderOptions>{"held_out", &AutoencoderOptions::held_out,
                              "part of the graphs, the last ones, that is not learned from", "", 0,
                              0.9, kCode},
    Field<AutoencoderOptions>{"seed", &AutoencoderOptions::seed, "of weights, batches and samples",
                              "", 0, 1e15, kCode},
};

std::vector<GraphBatch> cut(const OperationGraphs& graphs, std::span<const std::size_t> chosen,
                            std::size_t size) {
  std::vector<GraphBatch> batches;
  for (std::size_t first = 0; first < chosen.size(); first += size) {
    const auto part = chosen.subspan(first, std::min(size, chosen.size() - first));
    // Statistics of a single graph say little; it joins no step.
    if (part.size() > 1 || chosen.size() == 1) batches.push_back(graph_batch(graphs, part));
  }
  return batches;
}

void clip(std::vector<float>& gradient) {
  double squares = 0;
  for (const float value : gradient) squares += static_cast<double>(value) * value;
  const double norm = std::sqrt(squares);
  if (norm <= kMostNorm) return;
  const auto factor = static_cast<float>(kMostNorm / norm);
  for (float& value : gradient) value *= factor;
}

void say_epoch(const FitContext& context, std::int64_t epoch, double loss) {
  if (context.stop.stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
  if (context.progress == nullptr) return;
  context.progress->update(epoch + 1, "loss " + format_short(loss, 4));
}

void place(const GraphAutoencoder& network, const OperationGraphs& graphs, std::size_t size,
           GraphEmbedding& embedding) {
  std::vector<std::size_t> all(graphs.graphs.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  embedding.points.assign(all.size() * embedding.width, 0);
  std::size_t to = 0;
  for (std::size_t first = 0; first < all.size(); first += size) {
    const GraphBatch batch =
        graph_batch(graphs, std::span(all).subspan(first, std::min(size, all.size() - first)));
    const FloatMatrix means = network.encode(batch);
    for (std::size_t g = 0; g < batch.graphs(); ++g, to += embedding.width) {
      const auto count = static_cast<float>(batch.starts[g + 1] - batch.starts[g]);
      for (std::size_t v = batch.starts[g]; v < batch.starts[g + 1]; ++v) {
        for (std::size_t k = 0; k < embedding.width; ++k) {
          embedding.points[to + k] += means.row(v)[k] / count;
        }
      }
    }
  }
}

}  // namespace

std::vector<FieldDoc> autoencoder_fields() {
  return describe_fields<AutoencoderOptions>(kFields);
}

AutoencoderOptions parse_autoencoder(const OptionMap& options) {
  return parse_fields<AutoencoderOptions>(kFields, options, "the auto-encoder");
}

OptionMap autoencoder_options(const AutoencoderOptions& options) {
  return fields_to_map<AutoencoderOptions>(kFields, options);
}

GraphEmbedding embed_graphs(const OperationGraphs& graphs, const AutoencoderOptions& options,
                            const FitContext& context) {
  const std::clock_t begin = std::clock();
  const std::size_t count = graphs.graphs.size();
  if (count < 2) throw Error(ErrorKind::kData, "an auto-encoder learns from two graphs or more");
  const Rng rng({.seed = static_cast<std::uint64_t>(options.seed),
                 .study = stable_hash("autoencoder"),
                 .purpose = Purpose::kPredictor});
  const auto held = static_cast<std::size_t>(options.held_out * static_cast<double>(count));
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::span<std::size_t> training =
      std::span(order).first(std::max<std::size_t>(count - held, 2));
  const std::span<std::size_t> rest = std::span(order).subspan(training.size());
  rng.stream(1).shuffle(training);
  const auto size = static_cast<std::size_t>(options.batch);
  const std::vector<GraphBatch> batches = cut(graphs, training, size);

  GraphAutoencoder network({.operations = graphs.vocabulary.size(),
                            .wires = static_cast<std::size_t>(graphs.wires),
                            .layers = static_cast<std::size_t>(options.layers),
                            .hidden = static_cast<std::size_t>(options.hidden),
                            .latent = static_cast<std::size_t>(options.latent),
                            .epsilon = static_cast<float>(options.epsilon)},
                           rng.stream(0));
  Adam<float> adam({.rate = options.learning_rate});
  std::vector<float> gradient;
  GraphEmbedding embedding;
  AutoencoderReport& report = embedding.report;
  if (context.progress != nullptr) context.progress->begin("auto-encoder", options.epochs);
  const AutoencoderLoss loss{.dropout = options.dropout,
                             .softmax = options.operation_loss == "categorical",
                             .operation_weight = options.operation_weight};
  const double steps = static_cast<double>(options.epochs) * static_cast<double>(batches.size());
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    double sum = 0;
    for (const GraphBatch& batch : batches) {
      const double turn = std::numbers::pi * static_cast<double>(report.steps) / steps;
      const double left = (1 + std::cos(turn)) / 2;
      adam.set_rate(options.learning_rate * (options.last_rate + (1 - options.last_rate) * left));
      const Rng noise = rng.stream(2 + static_cast<std::uint64_t>(report.steps++));
      sum += network.loss(batch, loss, noise, gradient);
      clip(gradient);
      adam.step(network.parameters(), gradient);
    }
    report.losses.push_back(sum / static_cast<double>(batches.size()));
    if (!std::isfinite(report.losses.back())) {
      throw Error(ErrorKind::kNumeric,
                  "the auto-encoder's loss is not a number in epoch " + std::to_string(epoch + 1));
    }
    say_epoch(context, epoch, report.losses.back());
  }
  if (context.progress != nullptr) context.progress->end();
  for (const GraphBatch& batch : rest.empty() ? batches : cut(graphs, rest, size)) {
    report.validation.add(network.reconstruct(batch));
  }
  report.trained = training.size();
  report.held_out = rest.size();
  embedding.width = static_cast<std::size_t>(options.latent);
  place(network, graphs, size, embedding);
  report.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return embedding;
}

}  // namespace nas
