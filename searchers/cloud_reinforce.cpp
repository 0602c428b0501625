#include <algorithm>
#include <array>

#include "core/util/adam.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchers/cloud.h"
#include "searchers/fitness.h"
#include "searchers/lstm_policy.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct CloudOptions {
  std::string features{kCloudFeatures};
  double rate = 0.01;
  double momentum = 0.7;
  double baseline = 0.5;
  std::int64_t hidden = 128;
  std::int64_t episode = 16;
  std::string episodes = "0.7/0.9/0.95";
  double penalty = 0;
  std::int64_t pool = 20'000;
};

constexpr std::string_view kPaper = "QAS-URL (arXiv 2401.11576), released code";
constexpr std::array kFields = {
    Field<CloudOptions>{
        .name = "features", .member = &CloudOptions::features, .meaning = kCloudFeaturesMeaning},
    Field<CloudOptions>{"rate", &CloudOptions::rate, "learning rate of Adam", "", 1e-6, 10, kPaper},
    Field<CloudOptions>{"momentum", &CloudOptions::momentum,
                        "of the moving mean of rewards that is the baseline", "", 0, 0.9999,
                        kPaper},
    Field<CloudOptions>{"baseline", &CloudOptions::baseline, "where that mean starts", "", -1e9,
                        1e9, kPaper},
    Field<CloudOptions>{"hidden", &CloudOptions::hidden, "units of the LSTM", "units", 1, 4096,
                        kPaper},
    Field<CloudOptions>{"episode", &CloudOptions::episode, "steps of the first episode",
                        "architectures", 1, 100'000, kPaper},
    Field<CloudOptions>{"episodes", &CloudOptions::episodes,
                        "bounds of the mean reward below which the next episode has 8, 16 or 24 "
                        "steps; else it has 32",
                        "", -1e9, 1e9, kPaper},
    Field<CloudOptions>{"penalty", &CloudOptions::penalty,
                        "rewards below it are squared; 0: none is", "", 0, 1e9, kPaper},
    Field<CloudOptions>{"pool", &CloudOptions::pool, kCloudPoolMeaning, "architectures", 2,
                        1'000'000},
};

std::vector<double> read_bounds(const std::string& text) {
  constexpr std::size_t kBounds = 3;
  std::vector<double> bounds;
  for (const std::string& word : split(text, '/')) {
    const auto bound = parse_double(std::string(trim(word)));
    if (bound) bounds.push_back(*bound);
  }
  if (bounds.size() != kBounds || !std::is_sorted(bounds.begin(), bounds.end())) {
    throw Error(ErrorKind::kUsage, "searcher 'cloud_reinforce': episodes = " + printable(text) +
                                       ", expected three ascending numbers such as 0.7/0.9/0.95");
  }
  return bounds;
}

CloudOptions parse(const OptionMap& map) {
  CloudOptions options = parse_fields<CloudOptions>(kFields, map, "searcher 'cloud_reinforce'");
  read_bounds(options.episodes);
  return options;
}

// The policy gives the mean of a normal action with unit covariance; the architecture that is
// nearest to the action and new is the next one, and its point the next input. An episode ends with
// one step of Adam on the mean of -log p(action) (reward - baseline), and the LSTM starts from
// zeros again. All of it follows from the tells: the action of a proposal is the mean that they
// give plus the noise of its number.
class CloudReinforce final : public Searcher {
 public:
  explicit CloudReinforce(const CloudOptions& options)
      : options_(options),
        bounds_(read_bounds(options.episodes)),
        adam_({.rate = options.rate}),
        baseline_(options.baseline),
        length_(static_cast<std::size_t>(options.episode)) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    cloud_ = Cloud::of(setup, options_.features, static_cast<std::size_t>(options_.pool),
                       "searcher 'cloud_reinforce'");
    policy_ = LstmPolicy(cloud_.width(), static_cast<std::size_t>(options_.hidden),
                         proposals_->rng(0).stream(1));
    if (cloud_.size() == 0) return;
    Rng rng = proposals_->rng(0).stream(2);
    here_ = rng.below(cloud_.size());
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (cloud_.unmarked() == 0) return propose_beyond_pool(*proposals_, proposals_->rng(number));
    const std::vector<double> action = this->action(next_step(), number);
    const std::vector<float> target(action.begin(), action.end());
    const std::size_t row = *cloud_.nearest_unmarked(target);
    note(cloud_.architecture(row));
    return Proposal{cloud_.architecture(row), "nearest to the policy's action"};
  }

  void tell(const Told& told) override {
    note(told.architecture);
    const auto row = cloud_.find(told.architecture);
    if (!row) return;
    LstmPolicy::Step step = next_step();
    std::vector<double> slope = action(step, told.number);  // a - mean, the derivative of log p
    for (std::size_t k = 0; k < slope.size(); ++k) slope[k] -= step.mean[k];
    steps_.push_back(std::move(step));
    deviations_.push_back(std::move(slope));
    rewards_.push_back(reward_of(told));
    here_ = *row;
    if (steps_.size() == length_) learn();
  }

 private:
  void note(const Architecture& architecture) {
    proposals_->note(architecture);
    if (const auto row = cloud_.find(architecture)) cloud_.mark(*row);
  }

  LstmPolicy::Step next_step() const {
    const std::span<const float> point = cloud_.point(here_);
    const std::vector<double> input(point.begin(), point.end());
    return policy_.step(input, steps_.empty() ? nullptr : &steps_.back());
  }

  std::vector<double> action(const LstmPolicy::Step& step, std::int64_t number) const {
    Rng rng = proposals_->rng(number);
    std::vector<double> action = step.mean;
    for (double& value : action) value += rng.normal();
    return action;
  }

  /// Negative rewards count as 0, as do failures.
  double reward_of(const Told& told) const {
    const Fitness fitness = fitness_of(told);
    if (fitness.outcome != Outcome::kComplete) return 0;
    const double reward = std::max(0.0, fitness.merits[0]);
    return reward < options_.penalty ? reward * reward : reward;
  }

  void learn() {
    double mean = 0;
    for (const double reward : rewards_) mean += reward;
    mean /= static_cast<double>(length_);
    baseline_ = options_.momentum * baseline_ + (1 - options_.momentum) * mean;
    for (std::size_t t = 0; t < length_; ++t) {
      const double factor = -(rewards_[t] - baseline_) / static_cast<double>(length_);
      for (double& value : deviations_[t]) value *= factor;
    }
    const std::vector<double> gradient = policy_.gradient(steps_, deviations_);
    adam_.step(policy_.parameters(), gradient);
    steps_.clear();
    deviations_.clear();
    rewards_.clear();
    constexpr std::size_t kStep = 8;
    const auto above = std::upper_bound(bounds_.begin(), bounds_.end(), mean) - bounds_.begin();
    length_ = kStep * (1 + static_cast<std::size_t>(above));
  }

  CloudOptions options_;
  std::vector<double> bounds_;
  std::optional<Proposals> proposals_;
  Cloud cloud_;
  LstmPolicy policy_;
  Adam<double> adam_;
  double baseline_;
  std::size_t length_;    // of this episode
  std::size_t here_ = 0;  // row of the last result
  std::vector<LstmPolicy::Step> steps_;
  std::vector<std::vector<double>> deviations_;
  std::vector<double> rewards_;
};

}  // namespace

extern const Plugin<Searcher> cloud_reinforce_searcher;
constinit const Plugin<Searcher> cloud_reinforce_searcher{
    .name = "cloud_reinforce",
    .summary =
        "policy gradient over a cloud of features: an LSTM says where to look next; the first "
        "objective is a reward from 0 to about 1",
    .paper =
        "Y. Sun, Z. Wu, Y. Ma, V. Tresp: Quantum Architecture Search with Unsupervised "
        "Representation Learning, Quantum 2025, arXiv:2401.11576; S. Yan et al.: Does Unsupervised "
        "Architecture Representation Learning Help Neural Architecture Search?, 2020, "
        "arXiv:2006.06936",
    .fields = [] { return describe_fields<CloudOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<CloudOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<CloudReinforce>(parse(options));
    },
};

}  // namespace nas
