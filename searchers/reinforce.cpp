#include <algorithm>
#include <array>

#include "core/api/searcher.h"
#include "core/util/adam.h"
#include "searchers/fitness.h"
#include "searchers/policy.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct ReinforceOptions {
  double rate = 0.01;
  double momentum = 0.9;
  double deviation = 0.001;
  bool repeats = false;
};

constexpr std::string_view kReleased = "NATS-Bench (arXiv 2009.00437), released code";
constexpr std::array kFields = {
    Field<ReinforceOptions>{"rate", &ReinforceOptions::rate, "learning rate of Adam", "", 1e-6, 10,
                            "NATS-Bench, released code: 0.01; the script of NAS-Bench-201: 0.001"},
    Field<ReinforceOptions>{"momentum", &ReinforceOptions::momentum,
                            "of the moving mean of rewards that is the baseline", "", 0, 0.9999,
                            kReleased},
    Field<ReinforceOptions>{"deviation", &ReinforceOptions::deviation,
                            "standard deviation of the initial logits", "", 0, 10, kReleased},
    Field<ReinforceOptions>{"repeats", &ReinforceOptions::repeats,
                            "samples may equal earlier proposals, as in the published method; "
                            "otherwise they are drawn again"},
};

ReinforceOptions parse(const OptionMap& options) {
  return parse_fields<ReinforceOptions>(kFields, options, "searcher 'reinforce'");
}

// Williams (1992) with an independent softmax for each decision. The policy follows from the tells
// alone: a late tell moves it by the gradient at the present logits.
class ReinforceSearcher final : public Searcher {
 public:
  explicit ReinforceSearcher(const ReinforceOptions& options)
      : options_(options), adam_({.rate = options.rate}) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    policy_.emplace(setup.space.decisions(), options_.deviation, proposals_->rng(0).stream(1));
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (!options_.repeats && proposals_->exhausted()) return std::nullopt;
    Rng rng = proposals_->rng(number);
    Proposal proposal{{proposals_->space().info().name, {}}, "sample of the policy"};
    for (int i = 0; i < kDraws; ++i) {
      proposal.architecture.choices = policy_->draw(rng);
      if (!acceptable(proposal.architecture)) continue;
      proposals_->note(proposal.architecture);
      return proposal;
    }
    proposal = {options_.repeats ? sample(proposals_->space(), rng) : proposals_->draw_new(rng),
                "random: the policy's samples are known or invalid"};
    proposals_->note(proposal.architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    proposals_->note(told.architecture);
    const Fitness fitness = fitness_of(told);
    if (fitness.outcome == Outcome::kComplete) {
      worst_ = std::min(worst_.value_or(fitness.merits[0]), fitness.merits[0]);
      learn(told.architecture, fitness.merits[0]);
    } else if (worst_) {
      learn(told.architecture, *worst_);  // as bad as anything known, at whatever scale
    }
  }

 private:
  static constexpr int kDraws = 200;

  bool acceptable(const Architecture& architecture) const {
    if (proposals_->space().objection(architecture.choices)) return false;
    return options_.repeats || !proposals_->seen(architecture);
  }

  void learn(const Architecture& architecture, double reward) {
    // The mean is corrected for its start, and counts this reward before it is used.
    sum_ = options_.momentum * sum_ + (1 - options_.momentum) * reward;
    weight_ = options_.momentum * weight_ + (1 - options_.momentum);
    const double advantage = reward - sum_ / weight_;
    std::vector<double> gradient = policy_->gradient(architecture.choices);
    for (double& value : gradient) value *= -advantage;  // of the loss -log p * advantage
    adam_.step(policy_->logits(), gradient);
  }

  ReinforceOptions options_;
  std::optional<Proposals> proposals_;
  std::optional<CategoricalPolicy> policy_;
  Adam<double> adam_;
  double sum_ = 0, weight_ = 0;
  std::optional<double> worst_;
};

}  // namespace

extern const Plugin<Searcher> reinforce_searcher;
constinit const Plugin<Searcher> reinforce_searcher{
    .name = "reinforce",
    .summary =
        "policy gradient: a softmax for each decision moves towards good samples (first objective)",
    .paper =
        "X. Dong, L. Liu, K. Musial, B. Gabrys: NATS-Bench, 2021, arXiv:2009.00437; R. J. "
        "Williams: Simple Statistical Gradient-Following Algorithms, 1992",
    .fields = [] { return describe_fields<ReinforceOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<ReinforceOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<ReinforceSearcher>(parse(options));
    },
};

}  // namespace nas
