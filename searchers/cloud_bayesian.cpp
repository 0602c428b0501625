#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/gp/gaussian_process.h"
#include "core/util/error.h"
#include "searchers/cloud.h"
#include "searchers/predictor_loop.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct CloudBayesianOptions {
  std::string features{kCloudFeatures};
  std::string predictor = "dngo";
  std::string settings;
  std::int64_t initial = 16;
  std::int64_t batch = 5;
  std::string acquisition = "published";
  double target = 0.9;
  std::int64_t pool = 20'000;
};

constexpr std::string_view kPaper = "QAS-URL (arXiv 2401.11576), released code";
constexpr std::array kFields = {
    Field<CloudBayesianOptions>{.name = "features",
                                .member = &CloudBayesianOptions::features,
                                .meaning = kCloudFeaturesMeaning},
    Field<CloudBayesianOptions>{"predictor", &CloudBayesianOptions::predictor,
                                "plug-in that predicts and knows how uncertain it is: dngo, gp, "
                                "mlp; it sees the features",
                                "", -1e9, 1e9, kPaper},
    Field<CloudBayesianOptions>{"settings", &CloudBayesianOptions::settings,
                                "options of the predictor, key=value;key=value"},
    Field<CloudBayesianOptions>{"initial", &CloudBayesianOptions::initial,
                                "random ones at the start", "architectures", 2, 100'000, kPaper},
    Field<CloudBayesianOptions>{"batch", &CloudBayesianOptions::batch, "proposals for each fit",
                                "architectures", 1, 100'000, kPaper},
    Field<CloudBayesianOptions>{
        .name = "acquisition",
        .member = &CloudBayesianOptions::acquisition,
        .meaning = "ei: expected improvement over the best so far; published: the released code's, "
                   "with the variance in the place of the deviation and a constant target",
        .source = kPaper,
        .choices = "published|ei"},
    Field<CloudBayesianOptions>{"target", &CloudBayesianOptions::target,
                                "what acquisition=published improves on", "", -1e9, 1e9, kPaper},
    Field<CloudBayesianOptions>{"pool", &CloudBayesianOptions::pool, kCloudPoolMeaning,
                                "architectures", 2, 1'000'000},
};

CloudBayesianOptions parse(const OptionMap& options) {
  return parse_fields<CloudBayesianOptions>(kFields, options, "searcher 'cloud_bayesian'");
}

/// u = (mean - t) / v, v (pdf(u) + u cdf(u)) with the variance as v.
double published_improvement(const Prediction& guess, double target) {
  const double v = guess.deviation * guess.deviation;
  if (!(v > 0)) return std::max(guess.mean - target, 0.0);
  const double u = (guess.mean - target) / v;
  return v * (normal_density(u) + u * normal_distribution(u));
}

// A batch follows from the results before it alone, so that a study resumes from its tells.
class CloudBayesian final : public Searcher {
 public:
  explicit CloudBayesian(CloudBayesianOptions options) : options_(std::move(options)) {}

  void start(const SearchSetup& setup) override {
    constexpr std::string_view kWho = "searcher 'cloud_bayesian'";
    proposals_.emplace(setup);
    predictors_ = setup.predictors;
    seed_ = stable_mix(setup.seed, setup.study);
    settings_ = parse_settings(options_.settings);
    settings_["encoding"] = "features";
    if (!predictors_) {
      throw Error(ErrorKind::kUsage, std::string(kWho) + ": there are no predictors in this study");
    }
    predictors_(options_.predictor, settings_);  // unknown ones are refused now
    cloud_ = Cloud::of(setup, options_.features, static_cast<std::size_t>(options_.pool), kWho);
    std::vector<std::size_t> all(cloud_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    everything_ = samples(all);
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    Rng rng = proposals_->rng(number);
    if (cloud_.unmarked() == 0) return propose_beyond_pool(*proposals_, rng);
    std::optional<std::size_t> row;
    if (number >= options_.initial) {
      const std::int64_t slot = (number - options_.initial) % options_.batch;
      if (planned_ != number - slot) plan(number - slot);
      const auto i = static_cast<std::size_t>(slot);
      if (i < plan_.size() && first_number(plan_[i]) >= number - slot) row = plan_[i];
      if (row && cloud_.marked(*row) && first_number(*row) != number) row.reset();
    }
    const bool predicted = row.has_value();
    if (!row) row = cloud_.draw_unmarked(rng);
    note(number, *row);
    return Proposal{cloud_.architecture(*row),
                    predicted ? "improvement expected by " + options_.predictor : "random"};
  }

  void tell(const Told& told) override {
    proposals_->note(told.architecture);
    const auto row = cloud_.find(told.architecture);
    if (!row) return;
    note(told.number, *row);
    if (told.outcome != Outcome::kComplete || !std::isfinite(told.merits[0])) return;
    results_.insert_or_assign(told.number, std::pair(*row, told.merits[0]));
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  void note(std::int64_t number, std::size_t row) {
    proposals_->note(cloud_.architecture(row));
    cloud_.mark(row);
    numbers_.try_emplace(row, number);
  }
  std::int64_t first_number(std::size_t row) const {
    const auto found = numbers_.find(row);
    return found == numbers_.end() ? kNever : found->second;
  }

  Samples samples(std::span<const std::size_t> rows) const {
    Samples samples;
    for (std::size_t k = 0; k < cloud_.width(); ++k) {
      samples.feature_names.push_back(std::to_string(k));
    }
    for (const std::size_t row : rows) {
      samples.architectures.push_back(cloud_.architecture(row));
      const std::span<const float> point = cloud_.point(row);
      samples.features.insert(samples.features.end(), point.begin(), point.end());
    }
    return samples;
  }

  /// The published rule takes the new ones among the best 2 k, at most k; where those are fewer,
  /// the next best follow instead of a repeat.
  void plan(std::int64_t first) {
    planned_ = first;
    plan_.clear();
    std::vector<std::size_t> rows;
    std::vector<double> values;
    for (const auto& [number, result] : results_) {
      if (number >= first) break;
      rows.push_back(result.first);
      values.push_back(result.second);
    }
    constexpr std::size_t kFewest = 2;
    if (rows.size() < kFewest) return;
    const std::unique_ptr<Predictor> predictor = predictors_(options_.predictor, settings_);
    FitContext context;
    context.seed = stable_mix(seed_, static_cast<std::uint64_t>(first));
    const SearchSpace& space = proposals_->space();
    predictor->fit(space, samples(rows), values, context);
    const double best = *std::max_element(values.begin(), values.end());
    std::vector<double> merits;
    for (const Prediction& guess : predictor->predict(space, everything_)) {
      merits.push_back(options_.acquisition == "ei"
                           ? expected_improvement({guess.mean, guess.deviation}, best)
                           : published_improvement(guess, options_.target));
    }
    std::vector<std::size_t> unseen;
    for (std::size_t row = 0; row < cloud_.size(); ++row) {
      if (first_number(row) >= first) unseen.push_back(row);
    }
    const auto count = std::min(unseen.size(), static_cast<std::size_t>(options_.batch));
    std::partial_sort(unseen.begin(), unseen.begin() + static_cast<std::ptrdiff_t>(count),
                      unseen.end(), [&merits](std::size_t a, std::size_t b) {
                        return merits[a] != merits[b] ? merits[a] > merits[b] : a < b;
                      });
    plan_.assign(unseen.begin(), unseen.begin() + static_cast<std::ptrdiff_t>(count));
  }

  CloudBayesianOptions options_;
  OptionMap settings_;
  std::optional<Proposals> proposals_;
  PredictorFactory predictors_;
  std::uint64_t seed_ = 0;
  Cloud cloud_;
  Samples everything_;                                              // the whole cloud
  std::map<std::size_t, std::int64_t> numbers_;                     // first proposal of a row
  std::map<std::int64_t, std::pair<std::size_t, double>> results_;  // complete ones, by number
  std::int64_t planned_ = -1;  // the batch that plan_ is for, by its first number
  std::vector<std::size_t> plan_;
};

}  // namespace

extern const Plugin<Searcher> cloud_bayesian_searcher;
constinit const Plugin<Searcher> cloud_bayesian_searcher{
    .name = "cloud_bayesian",
    .summary =
        "Bayesian optimisation over a cloud of features with DNGO or another predictor that "
        "knows its uncertainty (first objective)",
    .paper =
        "J. Snoek et al.: Scalable Bayesian Optimization Using Deep Neural Networks, 2015, "
        "arXiv:1502.05700; as in Y. Sun et al., Quantum 2025, arXiv:2401.11576",
    .fields = [] { return describe_fields<CloudBayesianOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<CloudBayesianOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<CloudBayesian>(parse(options));
    },
};

}  // namespace nas
