#include "tests/searchers/toy_study.h"

#include <cmath>

#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchers/registry.h"

namespace nas::test {

ToySpace::ToySpace(std::vector<std::size_t> sizes, bool restricted) : restricted_(restricted) {
  info_.name = "toy";
  info_.version = "1";
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Decision decision{.name = "d" + std::to_string(i)};
    for (std::size_t c = 0; c < sizes[i]; ++c) decision.choices.push_back(std::to_string(c));
    decisions_.push_back(decision);
  }
}

std::optional<std::string> ToySpace::objection(Choices choices) const {
  int sum = 0;
  for (const std::uint16_t choice : choices) sum += choice;
  if (restricted_ && sum % 2 != 0) return "the sum of the choices is odd";
  return std::nullopt;
}

ArchGraph ToySpace::build(const Architecture&, const Task&) const {
  throw Error(ErrorKind::kUnsupported, "the toy space has no networks");
}

Architecture ToySpace::parse(std::string_view text) const {
  Architecture architecture{"toy", {}};
  for (const std::string& word : split(text, ',')) {
    architecture.choices.push_back(static_cast<std::uint16_t>(parse_int(word).value()));
  }
  validate(*this, architecture);
  return architecture;
}

std::string ToySpace::format(const Architecture& architecture) const {
  std::vector<std::string> words;
  for (const std::uint16_t choice : architecture.choices) words.push_back(std::to_string(choice));
  return join(words, ",");
}

std::vector<double> ToyScores::scores(std::span<const Architecture> architectures,
                                      std::span<const std::string> names) const {
  std::vector<double> values;
  for (const Architecture& architecture : architectures) {
    for (const std::string& name : names) {
      const double score = hill(architecture).merits[0];
      values.push_back(name == "follows" ? score : std::fmod(37 * score + 5, 11));
    }
  }
  return values;
}

namespace {

OptionMap light_options(const ToyStudy& study) {
  if (!study.options.empty()) return study.options;
  if (study.searcher == "robot") return {{"points", "50"}, {"starts", "1"}};
  if (study.searcher == "bananas") {
    return {{"settings", "networks=2;layers=1;width=8;epochs=5"}, {"candidates", "20"}};
  }
  if (study.searcher == "bayesian") return {{"mutations", "10"}, {"random", "10"}, {"refit", "5"}};
  if (study.searcher == "predictor_guided") return {{"settings", "rounds=5"}, {"pool", "50"}};
  if (study.searcher == "cloud_reinforce") return {{"hidden", "8"}};
  if (study.searcher == "cloud_bayesian") {
    return {{"settings", "width=4;epochs=3"}, {"pool", "100"}};
  }
  return {};
}

}  // namespace

std::unique_ptr<Searcher> started(const ToyStudy& study, const SearchSpace& space) {
  static const ToyScores kScores;
  auto searcher =
      find_plugin(searcher_plugins(), "searcher", study.searcher).make(light_options(study));
  searcher->start({.space = space,
                   .objectives = std::vector<Objective>(study.objectives, {"merit", true}),
                   .seed = study.seed,
                   .study = stable_hash("toy study"),
                   .budget_trials = study.trials,
                   .predictors = make_predictor,
                   .scores = &kScores});
  return searcher;
}

void tell(Searcher& searcher, const ToyTrial& trial) {
  searcher.tell({trial.number, trial.architecture, trial.judgement.outcome, trial.judgement.merits,
                 trial.judgement.violation});
}

std::vector<ToyTrial> run(const ToyStudy& study, const SearchSpace& space, const ToyJudge& judge) {
  const std::unique_ptr<Searcher> searcher = started(study, space);
  std::vector<ToyTrial> trials;
  for (std::int64_t number = 0; number < study.trials; ++number) {
    if (number >= study.workers) {
      tell(*searcher, trials[static_cast<std::size_t>(number - study.workers)]);
    }
    std::optional<Proposal> proposal = searcher->ask(number);
    if (!proposal) break;
    const Judgement judgement = judge(proposal->architecture);
    trials.push_back({number, proposal->architecture, proposal->reason, judgement});
  }
  return trials;
}

Judgement hill(const Architecture& architecture) {
  double merit = 0;
  for (std::size_t i = 0; i < architecture.choices.size(); ++i) {
    const double top = 2.0 + static_cast<double>(i % 3);
    const double distance = architecture.choices[i] - top;
    merit -= distance * distance;
  }
  return {.outcome = Outcome::kComplete, .merits = {merit}, .violation = 0};
}

}  // namespace nas::test
