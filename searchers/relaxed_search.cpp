#include "searchers/relaxed_search.h"

#include <algorithm>
#include <cmath>

#include "core/ir/blueprint/rewrite.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Of the smallest network, by the loss's cost.
double least_cost(const LatencyLoss& loss, const ChoiceGroups& groups) {
  const AlternativeCosts cost = by_group(loss.cost, groups);
  double least = cost.fixed;
  for (const auto& alternatives : cost.alternatives) least += std::ranges::min(alternatives);
  return least;
}

/// A target that no network of the space reaches is worth a line: the search still comes as close
/// as it can.
void say_unreachable(const LatencyLoss& loss, const ChoiceGroups& groups,
                     const std::function<void(const std::string&)>& event) {
  if (loss.kind == "none" || loss.kind == "cost" || !event) return;
  const double least = least_cost(loss, groups);
  if (least <= loss.reference) return;
  event("the target of " + format_short(loss.reference) + " (" + loss.metric +
        ") is below the smallest network, " + format_short(least) +
        "; the search comes as close "
        "as it can");
}

/// The logarithm of mul_log needs costs above 1, whatever the shares. Said before anything trains.
void check_logarithm(const LatencyLoss& loss, const ChoiceGroups& groups) {
  if (loss.kind != "mul_log") return;
  const double least = least_cost(loss, groups);
  if (loss.reference > 1 && least > 1) return;
  throw Error(
      ErrorKind::kUsage,
      "the loss mul_log takes logarithms of the cost, so the target and the smallest network "
      "must be above 1; they have " +
          format_short(loss.reference) + " and " + format_short(least) +
          "; use --searcher-option loss=add_linear");
}

}  // namespace

void RelaxedSearcher::start(const SearchSetup& setup) {
  proposals_.emplace(setup);
  seed_ = setup.seed;
  study_ = setup.study;
}

Recipe RelaxedSearcher::recipe(const PreparationInputs& inputs) const {
  Recipe recipe;
  recipe.epochs = options_.epochs;
  recipe.batch = options_.batch;
  recipe.learning_rate = options_.rate;
  recipe.final_learning_rate = options_.final_rate;
  recipe.momentum = options_.momentum;
  recipe.nesterov = options_.nesterov;
  recipe.weight_decay = options_.decay;
  recipe.decay_norm = options_.decay_norm;
  recipe.gradient_clip = options_.clip;
  recipe.label_smoothing = options_.label_smoothing;
  recipe.validation_fraction = options_.held_out;
  recipe.train_samples = options_.train_samples;
  recipe.validation_samples = options_.held_out_samples;
  recipe.problem = inputs.problem_options;
  recipe.width = options_.channels;
  recipe.depth = options_.cells;
  // A recipe's seed has a sign; its bits are all that counts.
  recipe.seed = static_cast<std::int64_t>(seed_ & 0x7FFF'FFFF'FFFF'FFFF);
  return recipe;
}

Blueprint RelaxedSearcher::blueprint(const PreparationInputs& inputs) const {
  const SearchSpace& space = proposals_->space();
  Task task = space.info().default_task;
  if (inputs.problem) {
    task = task_for(space, *inputs.problem, recipe(inputs));
  } else {
    task.width = options_.channels;
    task.depth = options_.cells;
  }
  std::optional<Blueprint> blueprint = space.blueprint(task);
  if (!blueprint) {
    throw Error(ErrorKind::kUnsupported, "space '" + space.info().name +
                                             "' has no supernet: its networks are not parts of one "
                                             "graph; choose a searcher without one, such as "
                                             "'evolution'");
  }
  if (!options_.affine) blueprint = without_affine(*blueprint);
  if (options_.pool_norm) blueprint = normalised_pools(*blueprint);
  if (options_.edge_normalisation) blueprint = edge_normalised(*blueprint);
  return partial_channels(*blueprint, options_.share);
}

/// The loss's cost with what the study knows of it.
LatencyLoss RelaxedSearcher::settled_loss(const Blueprint& blueprint,
                                          const PreparationInputs& inputs) const {
  LatencyLoss loss = method_.relaxation.latency;
  const AdditiveLatency* latency = inputs.latencies.empty() ? nullptr : &inputs.latencies.front();
  if (loss.kind == "auto") {
    const bool joins = method_.cost != "auto" || latency != nullptr;
    loss.kind = !joins ? "none" : method_.policy ? "reward" : "mul_log";
  }
  if (loss.kind == "none") return loss;
  if (method_.cost == "latency_ms" && latency == nullptr) {
    throw Error(ErrorKind::kUsage,
                "cost = latency_ms, but no objective or constraint of the study is a latency of a "
                "look-up table; name one, such as --constraint 'latency_ms<80@DEVICE' --origin "
                "latency_ms@DEVICE=lookup:FILE");
  }
  if (method_.cost == "macs" || latency == nullptr) {
    constexpr double kMega = 1e6;
    loss.reference = kMega * method_.target_macs;
    loss.cost = alternative_macs(blueprint);
    return loss;
  }
  try {
    const AdditiveCost cost = latency->cost();
    loss.cost = costs_of_terms(cost.fixed, cost.terms, blueprint);
  } catch (const Error& error) {
    throw error.with_context("the expectation of " + latency->metric);
  }
  loss.metric = "latency_ms";
  loss.reference = method_.target_ms > 0 ? method_.target_ms
                   : latency->limit > 0  ? latency->limit
                                         : kTargetMs;
  return loss;
}

ArchitectureSearch RelaxedSearcher::search(const Blueprint& blueprint,
                                           const PreparationInputs& inputs) const {
  ArchitectureSearch search{.space = proposals_->space(), .relaxation = method_.relaxation};
  search.policy = method_.policy;
  search.policy_paths = method_.policy_paths;
  search.second_order = method_.second_order;
  search.architecture_first = options_.first_step == "architecture";
  search.schedule = {.warmup_epochs = options_.warmup_epochs,
                     .warmup_rate = method_.warmup_rate,
                     .lead_epochs = method_.lead_epochs,
                     .every = options_.every,
                     .updates = method_.updates};
  search.search_batch = method_.search_batch;
  search.adam = {.rate = options_.architecture_rate,
                 .beta1 = options_.architecture_beta,
                 .decay = options_.architecture_decay};
  search.track_statistics = options_.track_statistics;
  search.eigenvalue = method_.eigenvalue;
  search.watch_samples = options_.watch_samples;
  search.relaxation.latency = settled_loss(blueprint, inputs);
  return search;
}

/// What only the study decides: which target the loss refers to.
void RelaxedSearcher::check_target(const LatencyLoss& loss) const {
  const bool none = loss.kind == "none", latency = loss.metric == "latency_ms";
  const auto refuse = [&](const std::string& name) {
    throw Error(ErrorKind::kUsage,
                name + " has no effect: " +
                    (none ? "nothing joins the loss, as the study has no latency of a look-up table"
                          : "the loss refers to " + loss.metric) +
                    "; leave it out");
  };
  if (method_.target_macs != kTargetMacs && (none || latency)) refuse("target_macs");
  if (method_.target_ms > 0 && (none || !latency)) refuse("target_ms");
}

/// The architecture has steps.
void RelaxedSearcher::check_schedule(const PreparationInputs& inputs) const {
  const auto refuse = [](const std::string& why) { throw Error(ErrorKind::kUsage, why); };
  const std::int64_t alone = options_.warmup_epochs + method_.lead_epochs;
  if (alone >= options_.epochs) {
    const std::string epochs = "epochs = " + std::to_string(options_.epochs);
    refuse(method_.lead_epochs == 0
               ? "warmup_epochs = " + std::to_string(options_.warmup_epochs) + ", must be below " +
                     epochs
               : "warmup_epochs = " + std::to_string(options_.warmup_epochs) +
                     " and the epoch of weights alone that follows must end before the last of " +
                     epochs);
  }
  const TrainSplit split = inputs.problem->split(recipe(inputs));
  if (split.train.size() < 2 || split.validation.empty()) {
    refuse("too few samples: " + std::to_string(split.train.size()) + " for the weights, " +
           std::to_string(split.validation.size()) + " for the architecture");
  }
  const auto samples = static_cast<std::int64_t>(split.train.size());
  const std::int64_t steps = (samples + options_.batch - 1) / options_.batch;
  if (method_.updates == 0 && options_.every > steps) {
    refuse("every = " + std::to_string(options_.every) + ", but an epoch has " +
           std::to_string(steps) + " steps: the architecture would never be trained");
  }
}

void RelaxedSearcher::check_preparation(const PreparationInputs& inputs) const {
  try {
    const Blueprint open = blueprint(inputs);
    check_searchable(proposals_->space(), open);
    const ArchitectureSearch settings = search(open, inputs);
    const ChoiceGroups groups = choice_groups(open);
    make_relaxation(settings.relaxation, groups);
    check_logarithm(settings.relaxation.latency, groups);
    check_target(settings.relaxation.latency);
    if (needs_data()) check_schedule(inputs);
  } catch (const Error& error) {
    throw error.with_context("searcher '" + method_.name + "'");
  }
}

ArchitectureSearchReport RelaxedSearcher::run(const Preparation& preparation) const {
  const Blueprint open = blueprint(preparation.inputs);
  ArchitectureSearch settings = search(open, preparation.inputs);
  settings.curve = preparation.curve;
  settings.event = preparation.event;
  say_unreachable(settings.relaxation.latency, choice_groups(open), preparation.event);
  if (!needs_data()) {
    return search_by_cost(open, settings,
                          {.epochs = options_.epochs,
                           .steps = method_.steps,
                           .seed = seed_,
                           .stop = preparation.stop});
  }
  WeightBank bank(open, {.seed = seed_, .study = study_});
  TrainSetup setup;
  setup.problem = preparation.inputs.problem;
  setup.recipe = recipe(preparation.inputs);
  setup.checkpoint = preparation.checkpoint;
  setup.progress = &preparation.progress;
  setup.stop = preparation.stop;
  return search_architecture(bank, settings, setup);
}

bool RelaxedSearcher::prepare(const Preparation& preparation) {
  check_preparation(preparation.inputs);
  const ArchitectureSearchReport report = run(preparation);
  if (report.training.stopped) return false;
  if (preparation.curve) {
    for (const CurvePoint& point : report.training.curve) preparation.curve(point);
  }
  list_found(report.weights);
  return true;
}

void RelaxedSearcher::list_found(const std::vector<std::vector<ChoiceWeights>>& weights) {
  found_.clear();
  const SearchSpace& space = proposals_->space();
  for (std::size_t epoch = weights.size(); epoch > 0; --epoch) {
    Architecture architecture = derive(space, weights[epoch - 1]);
    if (space.objection(architecture.choices)) continue;
    const bool known = std::ranges::any_of(
        found_, [&](const Proposal& proposal) { return proposal.architecture == architecture; });
    if (known) continue;
    found_.push_back({std::move(architecture), "derived after epoch " + std::to_string(epoch)});
  }
  weights_ = weights.back();
}

/// A draw of the shares: the largest of their logarithms with Gumbel noise.
std::optional<Architecture> RelaxedSearcher::drawn(Rng& rng) const {
  constexpr int kDraws = 200;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<ChoiceWeights> noisy = *weights_;
    for (ChoiceWeights& choice : noisy) {
      for (double& weight : choice.weights) weight /= -std::log(1 - rng.uniform()) + 1e-300;
    }
    Architecture architecture = derive(proposals_->space(), noisy);
    const bool valid = !proposals_->space().objection(architecture.choices);
    if (valid && !proposals_->seen(architecture)) return architecture;
  }
  return std::nullopt;
}

std::optional<Proposal> RelaxedSearcher::ask(std::int64_t number) {
  if (!weights_) {
    throw Error(ErrorKind::kUsage, "searcher '" + method_.name +
                                       "' trains a supernet on data first; run it by nasctl search "
                                       "run with --data");
  }
  std::optional<Proposal> proposal;
  if (number < static_cast<std::int64_t>(found_.size())) {
    proposal = found_[static_cast<std::size_t>(number)];
  } else if (proposals_->exhausted()) {
    return std::nullopt;
  } else {
    Rng rng = proposals_->rng(number);
    if (auto architecture = drawn(rng)) {
      proposal = {*std::move(architecture), "drawn from the shares"};
    } else {
      proposal = {proposals_->draw_new(rng), "random: what the shares give is known"};
    }
  }
  proposals_->note(proposal->architecture);
  return proposal;
}

}  // namespace nas
