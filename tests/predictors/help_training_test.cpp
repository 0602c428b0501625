// Derivatives of HELP's network and of its meta-training against finite differences.

#include "predictors/help/meta_training.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/util/statistics.h"
#include "predictors/help/help_net.h"
#include "predictors/transfer/diverse.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

using Layers = HelpLayers<double>;

Layers::Vector random_vector(Eigen::Index size, double scale, Rng& rng) {
  Layers::Vector values(size);
  for (double& value : values) value = scale * rng.normal();
  return values;
}

std::vector<std::vector<double>> random_encodings(HelpEncoder encoder, int count, Rng& rng) {
  std::vector<std::vector<double>> encodings;
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint16_t> choices;
    for (int k = 0; k < 6; ++k) {
      choices.push_back(static_cast<std::uint16_t>(rng.below(5)));
    }
    encodings.push_back(encoder == HelpEncoder::kGraph ? help_graph(choices) : help_fbnet(choices));
  }
  return encodings;
}

/// A squared loss on a few samples.
struct Problem {
  Layers layers;
  Layers::Batch batch;
  Layers::Matrix labels;
  Layers::Row device;

  Problem(HelpEncoder encoder, Rng& rng)
      : layers(encoder, encoder == HelpEncoder::kGraph ? 8 : 36) {
    const auto encodings = random_encodings(encoder, 7, rng);
    std::vector<const std::vector<double>*> pointers;
    for (const auto& encoding : encodings) pointers.push_back(&encoding);
    batch = layers.batch(pointers);
    labels = random_vector(7, 1, rng);
    device = random_vector(10, 1, rng).cwiseAbs().transpose();
  }
  double loss(const Layers::Vector& theta) const {
    Layers::Trace trace;
    return (layers.forward(theta, batch, device, trace) - labels).squaredNorm() / 7;
  }
  Layers::Vector gradient(const Layers::Vector& theta, Layers::Trace& trace) const {
    const Layers::Matrix errors = layers.forward(theta, batch, device, trace) - labels;
    Layers::Vector result;
    layers.backward(theta, batch, 2.0 / 7 * errors, trace, result);
    return result;
  }
};

/// Devices whose latency is a sum over the operations.
std::vector<HelpTask> toy_devices() {
  Rng rng({.seed = 2});
  const auto encodings = random_encodings(HelpEncoder::kGraph, 60, rng);
  std::vector<HelpTask> tasks;
  for (int device = 0; device < 3; ++device) {
    HelpTask& task = tasks.emplace_back();
    std::vector<double> weights, latencies;
    for (int i = 0; i < 72; ++i) weights.push_back(rng.uniform());
    for (const auto& encoding : encodings) {
      double sum = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * encoding[i];
      latencies.push_back(sum);
    }
    const auto [low, high] = std::minmax_element(latencies.begin(), latencies.end());
    for (const double value : latencies) task.labels.push_back(help_label(value, *low, *high));
    task.encodings = encodings;
    task.embedding = help_embedding(std::span(latencies).first(10));
  }
  return tasks;
}

}  // namespace

TEST_CASE("help: gradient and Hessian products equal finite differences, both encoders") {
  for (const HelpEncoder encoder : {HelpEncoder::kGraph, HelpEncoder::kVector}) {
    CAPTURE(static_cast<int>(encoder));
    Rng rng({.seed = 1});
    const Problem problem(encoder, rng);
    const Eigen::Index size = problem.layers.parameters();
    const Layers::Vector theta = random_vector(size, 0.08, rng);
    Layers::Trace trace, scratch;
    const Layers::Vector gradient = problem.gradient(theta, trace);
    for (int trial = 0; trial < 3; ++trial) {
      const Layers::Vector direction = random_vector(size, 1, rng);
      constexpr double kStep = 1e-7;
      const Layers::Vector ahead = theta + kStep * direction, behind = theta - kStep * direction;
      CHECK(gradient.dot(direction) ==
            doctest::Approx((problem.loss(ahead) - problem.loss(behind)) / (2 * kStep))
                .epsilon(1e-5));
      Layers::Vector product;
      problem.layers.hessian_product(theta, problem.batch, 2.0 / 7, direction, trace, scratch,
                                     product);
      Layers::Trace other;
      const Layers::Vector change =
          (problem.gradient(ahead, other) - problem.gradient(behind, other)) / (2 * kStep);
      CHECK((product - change).norm() < 1e-5 * change.norm());
    }
  }
}

TEST_CASE("help: the modulator's gradient equals finite differences") {
  Rng rng({.seed = 3});
  std::vector<double> modulator, embedding, at_mean, at_deviation;
  for (std::size_t i = 0; i < kHelpModulatorSize; ++i) modulator.push_back(0.3 * rng.normal());
  for (std::size_t i = 0; i < kHelpReferences; ++i) embedding.push_back(rng.uniform());
  for (std::size_t i = 0; i < kHelpModulations; ++i) {
    at_mean.push_back(rng.normal());
    at_deviation.push_back(rng.normal());
  }
  const auto value = [&] {
    const HelpGaussians gaussians(modulator, embedding);
    double sum = 0;
    for (std::size_t i = 0; i < kHelpModulations; ++i) {
      sum += at_mean[i] * gaussians.mean[i] + at_deviation[i] * gaussians.deviation[i];
    }
    return sum;
  };
  std::vector<double> gradient(kHelpModulatorSize, 0.0);
  HelpGaussians(modulator, embedding)
      .add_gradient(modulator, embedding, at_mean, at_deviation, gradient);
  for (std::size_t i = 0; i < kHelpModulatorSize; i += 97) {
    constexpr double kStep = 1e-6;
    const double before = modulator[i];
    modulator[i] = before + kStep;
    const double ahead = value();
    modulator[i] = before - kStep;
    const double behind = value();
    modulator[i] = before;
    CAPTURE(i);
    CHECK(gradient[i] == doctest::Approx((ahead - behind) / (2 * kStep)).epsilon(1e-4));
  }
}

TEST_CASE("help: meta-gradients through the inner steps equal finite differences") {
  const std::vector<HelpTask> tasks = toy_devices();
  // Rates of 0.1 make the second order count.
  HelpMetaTraining training(HelpEncoder::kGraph, tasks, {.inner_rate = 0.1, .kl = 0}, Rng({}));
  Rng rng({.seed = 9});
  for (float& value : training.theta()) value += static_cast<float>(0.05 * rng.normal());
  // Along the gradient the change is largest against the rounding; a rectifier that switches within
  // the step spoils single episodes, hence the median.
  const auto ratio = [&](std::size_t number, auto& values, const auto& gradient) {
    const auto before = values;
    double square = 0;
    for (const auto value : gradient) square += static_cast<double>(value * value);
    const double step = 1e-4 * training.episode(number).loss / square;
    const auto loss_at = [&](double move) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(values.size()); ++i) {
        using Number = std::decay_t<decltype(values[0])>;
        values.data()[i] = static_cast<Number>(static_cast<double>(before.data()[i]) +
                                               move * static_cast<double>(gradient.data()[i]));
      }
      return training.episode(number).loss;
    };
    const double change = loss_at(step) - loss_at(-step);
    values = before;
    return change / (2 * step) / square;
  };
  std::vector<double> theta, rates, modulator;
  for (std::size_t number = 0; number < 7; ++number) {
    const HelpEpisode at = training.episode(number);
    theta.push_back(ratio(number, training.theta(), at.theta));
    rates.push_back(ratio(number, training.rates(), at.rates));
    modulator.push_back(ratio(number, training.modulator(), at.modulator));
  }
  CHECK(median(theta) == doctest::Approx(1).epsilon(0.02));
  CHECK(median(rates) == doctest::Approx(1).epsilon(0.02));
  CHECK(median(modulator) == doctest::Approx(1).epsilon(0.05));
}

TEST_CASE("help: a checkpoint that is written reads back as the same network") {
  const std::vector<HelpTask> tasks = toy_devices();
  HelpMetaTraining training(HelpEncoder::kGraph, tasks,
                            {.episodes = 6, .evaluate_every = 2, .validation = 1}, Rng({}));
  std::size_t steps = 0;
  training.run([&](std::size_t) { ++steps; });
  CHECK(steps == 6);
  CHECK(training.evaluations().size() == 3);
  const HelpTensors tensors = training.checkpoint();
  CHECK(tensors.at("model/meta_learner.fc3.weight").shape == std::vector<std::int64_t>{200, 200});
  const HelpLayers<double> layers = help_layers(HelpEncoder::kGraph, tensors);
  CHECK(layers.parameters() == 123'001);
  const HelpTensors again = write_help(layers, read_help(layers, tensors));
  REQUIRE(again.size() == tensors.size());
  for (const auto& [name, tensor] : tensors) CHECK(again.at(name).data == tensor.data);
}

TEST_CASE("samplers: wanted ones first, then what is farthest; nothing twice") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  Rng rng({.seed = 4});
  std::vector<Architecture> cells;
  for (int i = 0; i < 200; ++i) cells.push_back(sample(*space, rng));
  const std::vector<Subject> all = subjects_of(*space, cells);
  const std::vector<Architecture> wanted{cells[7], cells[3], cells[50]};
  const auto chosen =
      most_different(std::span(all).first(20), std::span(all).subspan(3, 1), wanted, 6);
  REQUIRE(chosen.size() == 6);
  CHECK(chosen[0] == 7);  // 3 is measured, 50 no candidate
  const auto differ = [&](std::size_t a, std::size_t b) {
    int sum = 0;
    for (std::size_t i = 0; i < 6; ++i) sum += cells[a].choices[i] != cells[b].choices[i] ? 1 : 0;
    return sum;
  };
  CHECK(std::min(differ(chosen[1], 7), differ(chosen[1], 3)) == 6);
  const auto clusters = clustered(all, {}, 20, rng);
  CHECK(clusters.size() == 20);
  CHECK(clusters == clustered(all, {}, 20, rng));
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    CHECK(std::count(clusters.begin(), clusters.end(), clusters[i]) == 1);
  }
}
