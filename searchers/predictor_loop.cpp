#include "searchers/predictor_loop.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/gp/gaussian_process.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchers/score_pool.h"

namespace nas {
namespace {

double acquired(Acquisition acquisition, const GpPosterior& guess, double kappa, double best,
                double common_draw, Rng& rng) {
  switch (acquisition) {
    case Acquisition::kMean:
      return guess.mean;
    case Acquisition::kThompsonEach:
      return guess.mean + guess.deviation * rng.normal();
    case Acquisition::kThompsonAll:
      return guess.mean + guess.deviation * common_draw;
    case Acquisition::kUpperBound:
      return upper_confidence_bound(guess, kappa);
    case Acquisition::kImprovement:
      return expected_improvement(guess, best);
    case Acquisition::kProbability:
      break;
  }
  if (!(guess.deviation > 0)) return guess.mean > best ? 1 : 0;
  return normal_distribution((guess.mean - best) / guess.deviation);
}

}  // namespace

Acquisition parse_acquisition(std::string_view name) {
  if (name == "its") return Acquisition::kThompsonEach;
  if (name == "ts") return Acquisition::kThompsonAll;
  if (name == "ucb") return Acquisition::kUpperBound;
  if (name == "ei") return Acquisition::kImprovement;
  if (name == "pi") return Acquisition::kProbability;
  return Acquisition::kMean;
}

OptionMap parse_settings(std::string_view text) {
  OptionMap options;
  for (const std::string& entry : split(text, ';')) {
    if (trim(entry).empty()) continue;
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  "settings '" + printable(text) + "': expected key=value;key=value");
    }
    options[std::string(trim(entry.substr(0, equals)))] =
        std::string(trim(entry.substr(equals + 1)));
  }
  return options;
}

void PredictorLoop::start(const SearchSetup& setup) {
  proposals_.emplace(setup);
  predictors_ = setup.predictors;
  scores_ = setup.scores;
  seed_ = stable_mix(setup.seed, setup.study);
  if (!predictors_) {
    throw Error(ErrorKind::kUsage, settings_.who + ": there are no predictors in this study");
  }
  predictors_(settings_.predictor, settings_.predictor_options);  // unknown ones are refused now
  if (!settings_.scores.empty() && scores_ == nullptr) {
    throw Error(ErrorKind::kUsage, settings_.who + ": scores=" + settings_.scores +
                                       ", but this study has no zero-cost scores");
  }
  if (settings_.scores.empty()) return;
  std::vector<std::string> names;
  for (const std::string& name : split(settings_.scores, '+')) {
    const std::vector<std::string> named = scores_named(scores_, name, {}, settings_.who);
    names.insert(names.end(), named.begin(), named.end());
  }
  settings_.scores = join(names, "+");
}

std::optional<Proposal> PredictorLoop::ask(std::int64_t number) {
  if (proposals_->exhausted()) return std::nullopt;
  std::optional<Proposal> proposal;
  if (number >= settings_.initial) {
    const std::int64_t slot = (number - settings_.initial) % settings_.batch;
    if (planned_ != number - slot) {
      planned_ = number - slot;
      plan_ = plan(planned_);
    }
    const auto i = static_cast<std::size_t>(slot);
    if (i < plan_.size()) proposal = plan_[i];
  }
  if (!proposal) {
    Rng rng = proposals_->rng(number);
    proposal = Proposal{proposals_->draw_new(rng), "random"};
  }
  note(number, proposal->architecture);
  return proposal;
}

void PredictorLoop::tell(const Told& told) {
  note(told.number, told.architecture);
  if (told.outcome != Outcome::kComplete || !std::isfinite(told.merits[0])) return;
  results_.insert_or_assign(told.number, Result{told.architecture, told.merits[0]});
}

void PredictorLoop::note(std::int64_t number, const Architecture& architecture) {
  proposals_->note(architecture);
  first_number_.try_emplace(architecture.choices, number);
}

bool PredictorLoop::proposed_before(std::int64_t number, const Architecture& architecture) const {
  const auto found = first_number_.find(architecture.choices);
  return found != first_number_.end() && found->second < number;
}

std::vector<const PredictorLoop::Result*> PredictorLoop::results_before(std::int64_t number) const {
  std::vector<const Result*> results;
  for (const auto& [told, result] : results_) {
    if (told < number) results.push_back(&result);
  }
  return results;
}

Samples PredictorLoop::samples(std::vector<Architecture> architectures) const {
  Samples samples;
  samples.architectures = std::move(architectures);
  if (settings_.scores.empty()) return samples;
  samples.feature_names = split(settings_.scores, '+');
  samples.features = scores_->scores(samples.architectures, samples.feature_names);
  return samples;
}

std::vector<Architecture> PredictorLoop::candidates(std::int64_t first, Rng& rng) const {
  std::vector<const Result*> parents = results_before(first);
  std::stable_sort(parents.begin(), parents.end(),
                   [](const Result* a, const Result* b) { return a->value > b->value; });
  parents.resize(std::min(parents.size(), static_cast<std::size_t>(settings_.parents)));
  const SearchSpace& space = proposals_->space();
  std::vector<Architecture> found;
  std::set<std::vector<std::uint16_t>> known;
  const auto take = [&](Architecture architecture) {
    if (proposed_before(first, architecture) || !known.insert(architecture.choices).second) return;
    found.push_back(std::move(architecture));
  };
  constexpr std::int64_t kPatience = 5;  // draws for each candidate wanted
  const auto near = static_cast<std::size_t>(settings_.mutations);
  for (std::int64_t i = 0; i < kPatience * settings_.mutations && found.size() < near; ++i) {
    const Result& parent = *parents[static_cast<std::size_t>(i) % parents.size()];
    try {
      take(mutate(space, parent.architecture, rng));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnsupported) throw;
      break;  // no architecture differs in one decision
    }
  }
  const std::size_t all = found.size() + static_cast<std::size_t>(settings_.random);
  for (std::int64_t i = 0; i < kPatience * settings_.random && found.size() < all; ++i) {
    take(sample(space, rng));
  }
  return found;
}

std::vector<double> PredictorLoop::merits(const std::vector<Architecture>& found,
                                          std::int64_t first, Rng& rng) const {
  const std::unique_ptr<Predictor> predictor =
      predictors_(settings_.predictor, settings_.predictor_options);
  std::vector<Architecture> known;
  std::vector<double> values;
  for (const Result* result : results_before(first)) {
    known.push_back(result->architecture);
    values.push_back(result->value);
  }
  const SearchSpace& space = proposals_->space();
  FitContext context;
  context.seed = stable_mix(seed_, static_cast<std::uint64_t>(first));
  predictor->fit(space, samples(std::move(known)), values, context);
  const double best = *std::max_element(values.begin(), values.end());
  const double common_draw = rng.normal();
  std::vector<double> merits;
  for (const Prediction& guess : predictor->predict(space, samples(found))) {
    merits.push_back(acquired(settings_.acquisition,
                              {guess.mean, guess.deviation * settings_.deviation_factor},
                              settings_.kappa, best, common_draw, rng));
  }
  return merits;
}

std::vector<Proposal> PredictorLoop::plan(std::int64_t first) const {
  constexpr std::size_t kFewest = 2;
  if (results_before(first).size() < kFewest) return {};
  Rng rng = proposals_->rng(first).stream(1);
  const std::vector<Architecture> found = candidates(first, rng);
  if (found.empty()) return {};
  const std::vector<double> values = merits(found, first, rng);
  std::vector<std::size_t> order(found.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&values](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  constexpr double kRounding = 1e-9;  // 10 * (1 - 0.7) is more than 3
  const auto predicted = static_cast<std::size_t>(
      std::ceil(static_cast<double>(settings_.batch) * (1 - settings_.random_share) - kRounding));
  std::vector<Proposal> plan;
  for (std::size_t i = 0; i < std::min(predicted, order.size()); ++i) {
    plan.push_back({found[order[i]], "predicted by " + settings_.predictor});
  }
  return plan;
}

}  // namespace nas
