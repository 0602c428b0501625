#include "predictors/help/meta_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

// Streams of random numbers beside those of the episodes.
constexpr std::uint64_t kInitStream = 1, kEpisodeStream = 2, kEvaluationStream = 3;

std::size_t inputs_of(HelpEncoder encoder, std::span<const HelpTask> tasks) {
  constexpr std::size_t kFeatures = 8;
  NAS_CHECK(!tasks.empty() && !tasks.front().encodings.empty(), "devices with a pool");
  return encoder == HelpEncoder::kGraph ? kFeatures : tasks.front().encodings.front().size();
}

/// The first `count` positions of a random order of `size`.
std::vector<std::size_t> draw_positions(std::size_t size, std::size_t count, Rng& rng) {
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + rng.below(size - i)]);
  order.resize(count);
  return order;
}

}  // namespace

/// The samples of one device in an episode.
struct HelpMetaTraining::Draw {
  Layers::Row device;
  Layers::Batch support, query;
  Layers::Matrix support_labels, query_labels;  ///< [samples, 1]
};

struct HelpMetaTraining::Scratch {
  std::vector<Layers::Vector> theta;     ///< before each step, and after the last
  std::vector<Layers::Vector> gradient;  ///< of each step
  std::vector<Layers::Trace> trace;      ///< of each step
  Layers::Trace query, tangent;
  Layers::Vector back, direction, product;
};

HelpMetaTraining::HelpMetaTraining(HelpEncoder encoder, std::span<const HelpTask> tasks,
                                   const HelpMetaOptions& options, Rng rng)
    : layers_(encoder, inputs_of(encoder, tasks)), tasks_(tasks), options_(options), rng_(rng) {
  NAS_CHECK(tasks.size() > options.validation && options.steps > 0, "devices to train on");
  for (const HelpTask& task : tasks) {
    NAS_CHECK(task.encodings.size() == task.labels.size() && task.labels.size() >= 2,
              "two samples of each device");
  }
  Rng init = rng_.stream(kInitStream);
  theta_.resize(layers_.parameters());
  for (const Layers::Layer& layer : layers_.layers()) {
    // The released code's graph convolutions; its other layers are PyTorch's default.
    const double fan = 1 / std::sqrt(static_cast<double>(layer.in));
    const double weight = layer.graph ? 0.05 : fan, bias = layer.graph ? 0.1 : fan;
    for (Eigen::Index i = 0; i < layer.in * layer.out; ++i) {
      theta_[layer.weight + i] = static_cast<float>(init.uniform(-weight, weight));
    }
    for (Eigen::Index i = 0; i < layer.out; ++i) {
      theta_[layer.bias + i] = static_cast<float>(init.uniform(-bias, bias));
    }
  }
  rates_.setConstant(layers_.parameters(), static_cast<float>(options.inner_rate));
  const double fan = 1 / std::sqrt(static_cast<double>(kHelpReferences));
  for (std::size_t i = 0; i < kHelpModulatorSize; ++i) {
    modulator_.push_back(init.uniform(-fan, fan));
  }
}

HelpMetaTraining::Draw HelpMetaTraining::draw(const HelpTask& task, std::size_t support,
                                              std::size_t queries, Rng& rng) const {
  const std::size_t size = task.labels.size();
  support = std::clamp<std::size_t>(size / 2, 1, support);
  queries = std::min(queries, size - support);
  const std::vector<std::size_t> rows = draw_positions(size, support + queries, rng);
  std::vector<const std::vector<double>*> encodings;
  Layers::Matrix labels(static_cast<Eigen::Index>(rows.size()), 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    encodings.push_back(&task.encodings[rows[i]]);
    labels(static_cast<Eigen::Index>(i), 0) = static_cast<float>(task.labels[rows[i]]);
  }
  const std::span all(encodings);
  Draw result;
  result.device =
      Eigen::Map<const Eigen::RowVectorXd>(task.embedding.data(), kHelpReferences).cast<float>();
  result.support = layers_.batch(all.first(support));
  result.query = layers_.batch(all.subspan(support));
  result.support_labels = labels.topRows(static_cast<Eigen::Index>(support));
  result.query_labels = labels.bottomRows(static_cast<Eigen::Index>(queries));
  return result;
}

/// Gradient of `share` times the mean squared error; returns that error.
double HelpMetaTraining::step_gradient(const Layers::Vector& theta, const Draw& draw, bool support,
                                       float share, Layers::Trace& trace,
                                       Layers::Vector& gradient) const {
  const Layers::Batch& batch = support ? draw.support : draw.query;
  const Layers::Matrix errors = layers_.forward(theta, batch, draw.device, trace) -
                                (support ? draw.support_labels : draw.query_labels);
  const auto count = static_cast<float>(errors.rows());
  layers_.backward(theta, batch, share * 2 / count * errors, trace, gradient);
  return static_cast<double>(errors.squaredNorm() / count);
}

void HelpMetaTraining::add_device(const HelpTask& task, Rng rng, bool last, float share,
                                  Scratch& scratch, HelpEpisode& episode) const {
  const Draw draw = this->draw(task, options_.support, options_.queries, rng);
  const HelpGaussians gaussians(modulator_, task.embedding);
  std::vector<double> noise, z;
  for (std::size_t i = 0; i < kHelpModulations; ++i) {
    noise.push_back(rng.normal());
    z.push_back(gaussians.mean[i] + gaussians.deviation[i] * noise[i]);
  }
  const std::size_t steps = options_.steps;
  scratch.theta.resize(steps + 1);
  scratch.gradient.resize(steps);
  scratch.trace.resize(steps);
  scratch.theta[0] = theta_;
  layers_.modulate(z, scratch.theta[0]);
  for (std::size_t k = 0; k < steps; ++k) {
    step_gradient(scratch.theta[k], draw, true, 1, scratch.trace[k], scratch.gradient[k]);
    scratch.theta[k + 1] = scratch.theta[k] - rates_.cwiseProduct(scratch.gradient[k]);
  }
  Layers::Vector& back = scratch.back;
  episode.loss += static_cast<double>(share) *
                  step_gradient(scratch.theta[steps], draw, false, share, scratch.query, back);
  // theta_{k+1} = theta_k - alpha g(theta_k): the slope v at theta_{k+1} gives -v g to the rates
  // and v - H (alpha v) to theta_k.
  const float curvature = 2 / static_cast<float>(draw.support.samples);
  for (std::size_t k = steps; k-- > 0;) {
    episode.rates -= back.cwiseProduct(scratch.gradient[k]);
    scratch.direction = rates_.cwiseProduct(back);
    layers_.hessian_product(scratch.theta[k], draw.support, curvature, scratch.direction,
                            scratch.trace[k], scratch.tangent, scratch.product);
    back -= scratch.product;
  }
  std::vector<double> at_mean = layers_.modulation_gradient(z, theta_, back);
  episode.theta += back;
  std::vector<double> at_deviation;
  for (std::size_t i = 0; i < kHelpModulations; ++i) {
    at_deviation.push_back(at_mean[i] * noise[i]);
    if (!last) continue;
    const double weight = options_.kl / static_cast<double>(share);
    at_mean[i] += weight * gaussians.mean[i];
    at_deviation[i] += weight * (gaussians.deviation[i] - 1 / gaussians.deviation[i]);
  }
  gaussians.add_gradient(modulator_, task.embedding, at_mean, at_deviation, episode.modulator);
}

HelpEpisode HelpMetaTraining::episode(std::size_t number) const {
  Rng rng = rng_.stream(kEpisodeStream).stream(number);
  const std::size_t trained = tasks_.size() - options_.validation;
  const std::vector<std::size_t> chosen =
      draw_positions(trained, std::min(options_.devices, trained), rng);
  HelpEpisode episode;
  episode.theta.setZero(layers_.parameters());
  episode.rates.setZero(layers_.parameters());
  episode.modulator.assign(kHelpModulatorSize, 0.0);
  Scratch scratch;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    add_device(tasks_[chosen[i]], rng.stream(i), i + 1 == chosen.size(),
               1 / static_cast<float>(chosen.size()), scratch, episode);
  }
  return episode;
}

double HelpMetaTraining::spearman_of(const HelpTask& task, Rng rng) const {
  const Draw draw = this->draw(task, options_.support, task.labels.size(), rng);
  const HelpGaussians gaussians(modulator_, task.embedding);
  Layers::Vector theta = theta_, gradient;
  layers_.modulate(gaussians.mean, theta);
  Layers::Trace trace;
  for (std::size_t k = 0; k < options_.steps; ++k) {
    step_gradient(theta, draw, true, 1, trace, gradient);
    theta -= rates_.cwiseProduct(gradient);
  }
  const Layers::Matrix& values = layers_.forward(theta, draw.query, draw.device, trace);
  const std::vector<double> predicted(values.data(), values.data() + values.size()),
      truth(draw.query_labels.data(), draw.query_labels.data() + draw.query_labels.size());
  return spearman(predicted, truth).value_or(0);
}

void HelpMetaTraining::evaluate(std::size_t done) {
  const Rng rng = rng_.stream(kEvaluationStream).stream(done);
  const std::size_t trained = tasks_.size() - options_.validation;
  Evaluation result{done, 0, -2};
  if (options_.validation > 0) result.validation = 0;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const double one = spearman_of(tasks_[i], rng.stream(i));
    if (i < trained) {
      result.training += one / static_cast<double>(trained);
    } else {
      result.validation += one / static_cast<double>(options_.validation);
    }
  }
  evaluations_.push_back(result);
  const double better = std::max(result.training, result.validation);
  if (better <= best_) return;
  best_ = better;
  kept_episode_ = done;
  kept_ = {theta_.cast<double>(), rates_.cast<double>(), modulator_};
}

void HelpMetaTraining::run(const std::function<void(std::size_t done)>& each) {
  Adam<float> theta_adam({options_.learning_rate}), rates_adam({options_.learning_rate});
  Adam<double> modulator_adam({options_.learning_rate});
  const auto numbers = [](Layers::Vector& values) {
    return std::span(values.data(), static_cast<std::size_t>(values.size()));
  };
  for (std::size_t number = 0; number < options_.episodes; ++number) {
    HelpEpisode gradient = episode(number);
    theta_adam.step(numbers(theta_), numbers(gradient.theta));
    rates_adam.step(numbers(rates_), numbers(gradient.rates));
    modulator_adam.step(modulator_, gradient.modulator);
    const bool last = number + 1 == options_.episodes;
    if (last || (number + 1) % options_.evaluate_every == 0) evaluate(number + 1);
    each(number + 1);
  }
}

HelpTensors HelpMetaTraining::checkpoint() const {
  NAS_CHECK(kept_episode_ > 0, "run before it is kept");
  return write_help(HelpLayers<double>(layers_.encoder(), inputs_of(layers_.encoder(), tasks_)),
                    kept_);
}

}  // namespace nas
