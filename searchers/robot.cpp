#include <algorithm>
#include <array>

#include "core/gp/box_search.h"
#include "core/gp/gaussian_process.h"
#include "core/util/text.h"
#include "searchers/proposals.h"
#include "searchers/score_pool.h"

namespace nas {
namespace {

struct RobotOptions {
  std::string proxies;
  std::int64_t queries = 0;
  std::int64_t pool = 20'000;
  double kappa = 2.576;
  std::int64_t points = 10'000;
  std::int64_t starts = 10;
};

constexpr std::string_view kRobot = "RoBoT (arXiv:2403.07591)";
constexpr std::string_view kLibrary = "bayesian-optimization 1.2.0, as in the authors' code";
constexpr std::array kFields = {
    Field<RobotOptions>{"proxies", &RobotOptions::proxies,
                        "scores to combine, joined by '+'; empty: those of grad_norm, snip, grasp, "
                        "fisher, synflow, jacob_cov (jacov) that are there, or all",
                        "", -1e9, 1e9, kRobot},
    Field<RobotOptions>{"queries", &RobotOptions::queries,
                        "steps of the search for weights, and architectures to evaluate in all; "
                        "0 = the study's budget of trials",
                        "architectures", 0, 1'000'000, "20 on NAS-Bench-201, 100 on TransNAS"},
    Field<RobotOptions>{"pool", &RobotOptions::pool,
                        "architectures ranked, where the scores have no table of their own: all of "
                        "a space not larger than this, else this many drawn",
                        "architectures", 2, 1'000'000, "60,000 in the DARTS space"},
    Field<RobotOptions>{"kappa", &RobotOptions::kappa,
                        "deviations above the mean in the upper confidence bound", "", 0, 100,
                        kLibrary},
    Field<RobotOptions>{"points", &RobotOptions::points,
                        "random weights among which the bound is maximised", "", 1, 1'000'000,
                        kLibrary},
    Field<RobotOptions>{"starts", &RobotOptions::starts, "climbs by L-BFGS after that", "", 0, 1000,
                        kLibrary},
};

RobotOptions parse(const OptionMap& options) {
  return parse_fields<RobotOptions>(kFields, options, "searcher 'robot'");
}

// He et al. (ICLR 2024), algorithm 1: Bayesian optimisation of the weights of a linear combination
// of scores, where the value of a weight vector is the merit of the one architecture it ranks
// first; then the ranking of the best weights is walked from the top. Many weights choose the same
// architecture, and a repeat costs nothing: so how many of the queries the first part takes is an
// outcome, not an option.
class RobotSearcher final : public Searcher {
 public:
  explicit RobotSearcher(RobotOptions options) : options_(std::move(options)) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    pool_ = ScorePool::of(setup, options_.proxies, static_cast<std::size_t>(options_.pool),
                          "searcher 'robot'");
    constexpr std::int64_t kUnlimited = 100;  // of a study limited by time alone
    steps_ = options_.queries > 0      ? options_.queries
             : setup.budget_trials > 0 ? setup.budget_trials
                                       : kUnlimited;
    seen_.assign(pool_.size(), false);
    GpOptions gp;  // sheet of the authors' library: Matern 5/2, unit amplitude, fixed jitter
    process_ = GaussianProcess(gp);
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    advance();
    std::optional<Proposal> proposal;
    if (step_ < steps_ && pool_.size() > 0) {
      proposal = from_pool(weights_, "weights of step " + std::to_string(step_ + 1));
    } else if (!best_weights_.empty()) {
      proposal = from_pool(best_weights_, "best weights");
    }
    if (!proposal) {
      // The pool is used up, or nothing of it could be judged.
      if (proposals_->exhausted()) return std::nullopt;
      Rng rng = proposals_->rng(number);
      proposal = Proposal{proposals_->draw_new(rng), "random"};
    }
    note(proposal->architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    note(told.architecture);
    const auto row = pool_.find(told.architecture);
    if (!row) return;
    const bool complete = told.outcome == Outcome::kComplete && !std::isnan(told.merits[0]);
    told_[*row] = complete ? std::optional<double>(told.merits[0]) : std::nullopt;
  }

 private:
  void note(const Architecture& architecture) {
    proposals_->note(architecture);
    if (const auto row = pool_.find(architecture)) seen_[*row] = true;
  }

  // Takes steps as long as the architectures they choose are known; stops with the weights whose
  // choice has to be evaluated.
  void advance() {
    for (; step_ < steps_ && pool_.size() > 0; ++step_) {
      if (weights_.empty()) weights_ = next_weights();
      const auto found = told_.find(pool_.first(weights_));
      if (found == told_.end()) return;
      learn(found->second);
      weights_.clear();
    }
  }

  // What could not be judged counts as the worst value met before it.
  void learn(std::optional<double> merit) {
    if (!merit && values_.empty()) return;
    const double value = merit ? *merit : *std::min_element(values_.begin(), values_.end());
    if (values_.empty() || value >= best_value_) {  // of equal ones the later
      best_value_ = value;
      best_weights_ = weights_;
    }
    const std::size_t dims = weights_.size();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (std::equal(weights_.begin(), weights_.end(),
                     points_.begin() + static_cast<std::ptrdiff_t>(i * dims))) {
        return;  // an equal point adds nothing
      }
    }
    points_.insert(points_.end(), weights_.begin(), weights_.end());
    values_.push_back(value);
  }

  std::vector<double> next_weights() {
    const std::size_t dims = pool_.names().size();
    // Beside the proposals' own streams: the first numbers of a step far from any proposal.
    Rng rng = proposals_->rng(step_).stream(1);
    if (values_.empty()) {
      std::vector<double> weights(dims);
      for (double& weight : weights) weight = rng.uniform(-1, 1);
      return weights;
    }
    process_.fit(points_, values_, rng.stream(1));
    const BoxSearch box{.dimensions = dims,
                        .low = -1,
                        .high = 1,
                        .points = static_cast<std::size_t>(options_.points),
                        .starts = static_cast<std::size_t>(options_.starts)};
    const double kappa = options_.kappa;
    const BoxBatch batch = [this, kappa](std::span<const double> points) {
      std::vector<double> bounds;
      for (const GpPosterior& posterior : process_.posteriors(points)) {
        bounds.push_back(upper_confidence_bound(posterior, kappa));
      }
      return bounds;
    };
    const BoxFunction bound = [this, kappa](std::span<const double> point,
                                            std::span<double> gradient) {
      return process_.upper_confidence_bound(point, kappa, gradient);
    };
    return maximise_in_box(box, batch, bound, rng.stream(2));
  }

  std::optional<Proposal> from_pool(const std::vector<double>& weights,
                                    const std::string& reason) const {
    const auto row = pool_.first_unseen(weights, seen_);
    if (!row) return std::nullopt;
    return Proposal{pool_.architecture(*row), reason};
  }

  RobotOptions options_;
  std::optional<Proposals> proposals_;
  ScorePool pool_;
  std::int64_t steps_ = 0;
  std::int64_t step_ = 0;                              // the next one to be learned from
  std::vector<double> weights_;                        // of that step; empty until they are drawn
  std::vector<bool> seen_;                             // rows of the pool that were proposed
  std::map<std::size_t, std::optional<double>> told_;  // by row; nullopt: could not be judged
  std::vector<double> points_, values_;                // weights and merits the process knows
  GaussianProcess process_;
  std::vector<double> best_weights_;
  double best_value_ = 0;
};

}  // namespace

extern const Plugin<Searcher> robot_searcher;
constinit const Plugin<Searcher> robot_searcher{
    .name = "robot",
    .summary =
        "RoBoT: Bayesian optimisation of the weights of zero-cost scores, then down the ranking of "
        "the best; looks at the first objective",
    .paper =
        "Z. He, Y. Shu, Z. Dai, B. K. H. Low: Robustifying and Boosting Training-Free Neural "
        "Architecture Search, ICLR 2024, arXiv:2403.07591",
    .fields = [] { return describe_fields<RobotOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<RobotOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<RobotSearcher>(parse(options));
    },
};

}  // namespace nas
