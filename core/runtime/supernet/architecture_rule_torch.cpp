#include "core/runtime/supernet/architecture_rule_torch.h"

#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>

#include "core/runtime/evaluate_torch.h"
#include "core/runtime/supernet/gates.h"
#include "core/runtime/supernet/unrolled_torch.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Rounds through the held-out samples that an epoch may need, at most.
constexpr std::int64_t kRounds = 1 << 20;

BatchOptions search_batches(const TrainSetup& setup, std::int64_t batch, std::size_t samples) {
  return {.batch = batch,
          .shuffle = true,
          .drop_last = static_cast<std::int64_t>(samples) > batch,
          .augment = true,
          .threads = setup.loader_threads,
          .seed = stable_mix(static_cast<std::uint64_t>(setup.recipe.seed), stable_hash("search"))};
}

void add(ArchVectors& to, const ArchVectors& from, double factor) {
  const auto lists = [&](std::vector<std::vector<double>>& a,
                         const std::vector<std::vector<double>>& b) {
    for (std::size_t g = 0; g < a.size(); ++g) {
      for (std::size_t i = 0; i < a[g].size(); ++i) a[g][i] += factor * b[g][i];
    }
  };
  lists(to.alphas, from.alphas);
  lists(to.betas, from.betas);
}

double dot(const ArchVectors& a, const ArchVectors& b) {
  double sum = 0;
  for (std::size_t g = 0; g < a.alphas.size(); ++g) {
    for (std::size_t i = 0; i < a.alphas[g].size(); ++i) sum += a.alphas[g][i] * b.alphas[g][i];
  }
  for (std::size_t g = 0; g < a.betas.size(); ++g) {
    for (std::size_t i = 0; i < a.betas[g].size(); ++i) sum += a.betas[g][i] * b.betas[g][i];
  }
  return sum;
}

}  // namespace

SearchBatches::SearchBatches(const TrainSetup& setup, std::int64_t batch, at::Device device)
    : input_(setup.problem->poses(setup.recipe).input), device_(device) {
  std::vector<std::uint32_t> samples = setup.problem->split(setup.recipe).validation;
  if (samples.empty()) {
    throw Error(ErrorKind::kUsage,
                "a differentiable search trains its architecture on held-out samples: "
                "validation_fraction = 0");
  }
  const BatchOptions options = search_batches(setup, batch, samples.size());
  source_ = setup.problem->batches(Part::kTraining, std::move(samples), setup.recipe, options);
}

void SearchBatches::start_epoch(std::int64_t epoch) {
  epoch_ = epoch;
  round_ = 0;
  source_->start_epoch(epoch_ * kRounds);
}

TensorBatch SearchBatches::next() {
  Batch batch;
  while (!source_->next(batch)) source_->start_epoch(epoch_ * kRounds + ++round_);
  return tensor_batch(batch, input_, device_);
}

ArchitectureRule::ArchitectureRule(WeightBankImpl& bank, const LossHead& head,
                                   const LossHead& search_head, const ArchitectureSearch& search,
                                   const TrainSetup& setup)
    : bank_(bank),
      head_(head),
      search_head_(search_head),
      search_(search),
      recipe_(setup.recipe),
      groups_(choice_groups(*bank.blueprint)),
      relaxation_(make_relaxation(search.relaxation, groups_)),
      cost_(search.relaxation.latency.kind == "none"
                ? AlternativeCosts{}
                : by_group(search.relaxation.latency.cost, groups_)),
      network_(bank, groups_, search.track_statistics),
      batches_(setup, search.search_batch > 0 ? search.search_batch : setup.recipe.batch,
               bank.device),
      watch_(groups_, setup.recipe.epochs),
      random_({.seed = static_cast<std::uint64_t>(setup.recipe.seed), .purpose = Purpose::kPaths}),
      parameters_(initial_vectors(groups_, search.deviation,
                                  static_cast<std::uint64_t>(setup.recipe.seed))),
      adam_(search.adam, groups_) {}

void ArchitectureRule::start_epoch(std::int64_t epoch) {
  epoch_ = epoch;
  steps_ = search_steps_ = 0;
  search_loss_ = weight_loss_ = 0;
  batches_.start_epoch(epoch);
}

double ArchitectureRule::progress() const {
  return recipe_.epochs < 2 ? 0
                            : static_cast<double>(epoch_) / static_cast<double>(recipe_.epochs - 1);
}

StepOutcome ArchitectureRule::accumulate(const TensorBatch& batch, const StepContext& context) {
  if (has_search_step(search_.schedule, epoch_, steps_++, context.epoch_steps)) {
    if (search_.architecture_first) {
      search_step(batch, context);
    } else {
      pending_.emplace(context);
      pending_batch_ = batch;
    }
  }
  Rng rng = random_.stream(2 * static_cast<std::uint64_t>(context.step));
  const MixDraw draw = relaxation_->weight_draw(parameters_, progress(), rng);
  const at::Tensor output = network_.forward(batch.inputs, draw, context.chance);
  const double value = backward(head_.loss(output, batch.labels));
  weight_loss_ += value;
  return {value, head_.class_scores(output)};
}

void ArchitectureRule::finish_step() {
  if (!pending_) return;
  search_step(pending_batch_, *pending_);
  pending_.reset();
  pending_batch_ = {};
}

void ArchitectureRule::check(const std::string& what, double value) const {
  if (std::isfinite(value)) return;
  throw Error(ErrorKind::kNumeric, what + " is " + format_double(value) + " in epoch " +
                                       std::to_string(epoch_ + 1) + ", step " +
                                       std::to_string(steps_));
}

void ArchitectureRule::check_parameters() const {
  for (std::size_t g = 0; g < groups_.choices.size(); ++g) {
    for (const double value : parameters_.alphas[g]) {
      check("an alpha of '" + groups_.choices[g].name + "'", value);
    }
  }
  for (std::size_t s = 0; s < groups_.sums.size(); ++s) {
    for (const double value : parameters_.betas[s]) {
      check("a beta of '" + groups_.sums[s].name + "'", value);
    }
  }
}

void ArchitectureRule::search_step(const TensorBatch& training, const StepContext& context) {
  MixDraw draw;
  ArchVectors gradient = search_.policy         ? policy_step_gradient(context)
                         : search_.second_order ? unrolled_gradient(training, context)
                                                : sampled_gradient(context, draw);
  ++search_steps_;
  if (search_.gradient_clip > 0) {
    const double length = norm(gradient);
    if (length > search_.gradient_clip) scale(gradient, search_.gradient_clip / length);
  }
  const ArchVectors before = parameters_;
  adam_.step(gradient, parameters_);
  relaxation_->settle(draw, before, parameters_);
  check_parameters();
}

ArchVectors ArchitectureRule::sampled_gradient(const StepContext& context, MixDraw& draw) {
  Rng rng = random_.stream(2 * static_cast<std::uint64_t>(context.step) + 1);
  draw = relaxation_->search_draw(parameters_, progress(), rng);
  last_ = batches_.next();
  const MixedLoss loss =
      network_.loss(last_, search_head_, draw, context.chance, relaxation_->gates_of_absent());
  check("the loss on held-out samples", loss.value);
  search_loss_ += loss.value;
  return relaxation_->gradient(parameters_, draw, loss);
}

ArchVectors ArchitectureRule::policy_step_gradient(const StepContext& context) {
  const c10::NoGradGuard no_grad;
  Rng rng = random_.stream(2 * static_cast<std::uint64_t>(context.step) + 1);
  last_ = batches_.next();
  const LatencyLoss& latency = search_.relaxation.latency;
  std::vector<std::vector<std::uint16_t>> paths;
  std::vector<double> rewards;
  double mean = 0, loss = 0;
  for (std::int64_t j = 0; j < search_.policy_paths; ++j) {
    paths.push_back(draw_path(parameters_, rng));
    MixDraw draw;
    double cost = cost_.fixed;
    for (std::size_t g = 0; g < paths.back().size(); ++g) {
      draw.present.push_back({paths.back()[g]});
      draw.weights.alphas.push_back({1});
      if (!cost_.alternatives.empty()) cost += cost_.alternatives[g][paths.back()[g]];
    }
    for (const auto& betas : parameters_.betas) draw.weights.betas.push_back(softmax(betas));
    const at::Tensor output = network_.forward(last_.inputs, draw, context.chance);
    loss += search_head_.loss(output, last_.labels).item<double>();
    const at::Tensor hits = search_head_.class_scores(output).argmax(1).eq(last_.labels);
    const double accuracy = hits.to(at::kDouble).mean().item<double>();
    rewards.push_back(path_reward(accuracy, cost, latency.kind == "none" ? 0 : latency.reference));
    mean += rewards.back();
  }
  mean /= static_cast<double>(search_.policy_paths);
  search_loss_ += loss / static_cast<double>(search_.policy_paths);
  check("a reward", mean);
  baseline_[0] = moved_baseline(baseline_[0], baseline_[1] == 0, mean, search_.baseline_decay);
  baseline_[1] = 1;
  return policy_gradient(parameters_, paths, rewards, baseline_[0]);
}

ArchVectors ArchitectureRule::unrolled_gradient(const TensorBatch& training,
                                                const StepContext& context) {
  Rng rng = random_.stream(2 * static_cast<std::uint64_t>(context.step) + 1);
  const MixDraw draw = relaxation_->search_draw(parameters_, progress(), rng);
  last_ = batches_.next();
  const UnrolledStep step{network_, head_,   search_head_,      draw, training, last_,
                          recipe_,  context, bank_.parameters()};
  const UnrolledLosses losses = unrolled_losses(step);
  check("the loss on held-out samples", losses.validation.value);
  search_loss_ += losses.validation.value;
  ArchVectors gradient = relaxation_->gradient(parameters_, draw, losses.validation);
  if (losses.plus.gradient.alphas.empty()) return gradient;  // the held-out loss is flat
  check("the loss beside the weights", losses.plus.value);
  check("the loss beside the weights", losses.minus.value);
  const double factor = context.rate / (2 * losses.epsilon);
  add(gradient, relaxation_->gradient(parameters_, draw, losses.plus), -factor);
  add(gradient, relaxation_->gradient(parameters_, draw, losses.minus), factor);
  return gradient;
}

/// Power iteration with finite differences of the gradient, on the last held-out batch; running
/// statistics stay.
double ArchitectureRule::largest_eigenvalue() {
  constexpr int kIterations = 4;
  constexpr double kStep = 0.01;
  if (!search_.eigenvalue || search_.relaxation.method != "softmax" || !last_.inputs.defined()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  MixedNetwork network(bank_, groups_, false);
  Rng chance({.seed = 0, .purpose = Purpose::kDropout});
  const auto gradient = [&](const ArchVectors& at) {
    const MixDraw draw = relaxation_->weight_draw(at, 0, chance);
    const MixedLoss loss = network.loss(last_, search_head_, draw, chance);
    check("the loss on held-out samples", loss.value);
    return relaxation_->gradient(at, draw, loss);
  };
  ArchVectors direction = initial_vectors(groups_, 1, 0);
  double eigenvalue = 0;
  for (int i = 0; i < kIterations; ++i) {
    scale(direction, 1 / std::max(norm(direction), 1e-30));
    ArchVectors forward = parameters_, back = parameters_;
    add(forward, direction, kStep);
    add(back, direction, -kStep);
    ArchVectors product = gradient(forward);
    add(product, gradient(back), -1);
    scale(product, 1 / (2 * kStep));
    eigenvalue = dot(direction, product);
    direction = std::move(product);
  }
  return eigenvalue;
}

void ArchitectureRule::say(const NamedValue& value) const {
  if (search_.curve) search_.curve({epoch_ + 1, value.name, value.value});
}

std::vector<NamedValue> ArchitectureRule::epoch_values() {
  const ArchVectors now = shares();
  std::vector<NamedValue> values;
  if (search_steps_ > 0) {
    values.push_back({"search_loss", search_loss_ / static_cast<double>(search_steps_)});
  }
  const double eigenvalue = largest_eigenvalue();
  if (!std::isnan(eigenvalue)) values.push_back({"eigenvalue", eigenvalue});
  for (const std::string& text : watch_.look(epoch_ + 1, now, eigenvalue)) {
    if (search_.event) search_.event(text);
  }
  for (NamedValue& value : curve_values(search_, groups_, now)) values.push_back(std::move(value));
  // Live; the loop replaces it by the mean over samples when all is done.
  say({"train_loss", weight_loss_ / static_cast<double>(std::max<std::int64_t>(steps_, 1))});
  for (const NamedValue& value : values) say(value);
  return values;
}

void ArchitectureRule::visit_state(bool, const StateVisitor& visitor) {
  const auto visit = [&](const std::string& name, std::vector<double>& values) {
    if (values.empty()) return;
    at::Tensor tensor = at::tensor(at::ArrayRef<double>(values), at::TensorOptions(at::kDouble));
    visitor(name, tensor);
    const auto* begin = tensor.data_ptr<double>();
    values.assign(begin, begin + tensor.numel());
  };
  const auto vector_name = [&](std::size_t i) {
    const std::size_t alphas = groups_.choices.size();
    return i < alphas ? "alpha/" + groups_.choices[i].name
                      : "beta/" + groups_.sums[i - alphas].name;
  };
  std::size_t index = 0;
  each_vector(parameters_, [&](std::vector<double>& values) {
    visit(vector_name(index), values);
    const std::string name = "adam." + vector_name(index);
    Adam<double>::State& state = adam_.state(index++);
    std::vector<double> powers{state.power1, state.power2};
    visit(name + ".powers", powers);
    state.power1 = powers[0];
    state.power2 = powers[1];
    visit(name + ".first", state.first);
    visit(name + ".second", state.second);
  });
  visit("baseline", baseline_);
  visit("collapse", watch_.state());
}

}  // namespace nas
