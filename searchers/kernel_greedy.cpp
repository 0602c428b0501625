#include <algorithm>
#include <array>
#include <cmath>

#include "searchers/cloud.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct KernelOptions {
  std::string features{kCloudFeatures};
  std::int64_t initial = 16;
  double width = 0.15;
  double prior = 0.02;
  double explore = 0.1;
  std::int64_t pool = 20'000;
};

constexpr std::string_view kMeasured = "measured: docs/quantum.md";
constexpr std::array kFields = {
    Field<KernelOptions>{
        .name = "features", .member = &KernelOptions::features, .meaning = kCloudFeaturesMeaning},
    Field<KernelOptions>{"initial", &KernelOptions::initial, "random ones at the start",
                         "architectures", 1, 100'000, kMeasured},
    Field<KernelOptions>{"width", &KernelOptions::width,
                         "of the kernel exp(-d^2 / h): h as a part of the median squared distance "
                         "of two architectures",
                         "", 1e-6, 1e6, kMeasured},
    Field<KernelOptions>{"prior", &KernelOptions::prior,
                         "weight of the mean of all values, which far architectures get", "", 0,
                         1e6, kMeasured},
    Field<KernelOptions>{"explore", &KernelOptions::explore,
                         "probability that a random one is proposed instead of the best", "", 0, 1,
                         kMeasured},
    Field<KernelOptions>{"pool", &KernelOptions::pool, kCloudPoolMeaning, "architectures", 2,
                         1'000'000},
};

KernelOptions parse(const OptionMap& options) {
  return parse_fields<KernelOptions>(kFields, options, "searcher 'kernel_greedy'");
}

// The estimate of Nadaraya (1964) and Watson (1964) with a prior: (sum_i w_i r_i + p mean r) /
// (sum_i w_i + p), w_i = exp(-|f - f_i|^2 / h). The sums are kept for every point of the cloud, so
// that a result costs one pass.
class KernelGreedy final : public Searcher {
 public:
  explicit KernelGreedy(KernelOptions options) : options_(std::move(options)) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    cloud_ = Cloud::of(setup, options_.features, static_cast<std::size_t>(options_.pool),
                       "searcher 'kernel_greedy'");
    const double median = cloud_.median_squared_distance(proposals_->rng(0).stream(1));
    inverse_width_ = static_cast<float>(1 / (options_.width * (median > 0 ? median : 1)));
    weighted_.assign(cloud_.size(), 0);
    weights_.assign(cloud_.size(), 0);
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    Rng rng = proposals_->rng(number);
    if (cloud_.unmarked() == 0) return propose_beyond_pool(*proposals_, rng);
    const bool random = number < options_.initial || count_ == 0 || rng.bernoulli(options_.explore);
    const std::size_t row = random ? cloud_.draw_unmarked(rng) : best();
    Proposal proposal{cloud_.architecture(row), random ? "random" : "best by its neighbours"};
    note(proposal.architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    note(told.architecture);
    const auto row = cloud_.find(told.architecture);
    if (!row) return;
    const Fitness fitness = fitness_of(told);
    if (fitness.outcome == Outcome::kComplete) {
      worst_ = std::min(worst_.value_or(fitness.merits[0]), fitness.merits[0]);
      learn(*row, fitness.merits[0]);
    } else if (worst_) {
      learn(*row, *worst_);  // as bad as anything known, at whatever scale
    }
  }

 private:
  void note(const Architecture& architecture) {
    proposals_->note(architecture);
    if (const auto row = cloud_.find(architecture)) cloud_.mark(*row);
  }

  void learn(std::size_t row, double value) {
    cloud_.squared_distances(cloud_.point(row), distances_);
    for (std::size_t i = 0; i < cloud_.size(); ++i) {
      constexpr float kNothing = -80;  // exp of it is 0 beside any other weight
      const float exponent = -distances_[i] * inverse_width_;
      if (exponent < kNothing) continue;
      const double weight = std::exp(exponent);
      weighted_[i] += weight * value;
      weights_[i] += weight;
    }
    sum_ += value;
    ++count_;
  }

  std::size_t best() const {
    const double prior = std::max(options_.prior, 1e-12);  // far from everything the mean
    const double mean = sum_ / static_cast<double>(count_);
    std::optional<std::size_t> best;
    double best_value = 0;
    for (std::size_t row = 0; row < cloud_.size(); ++row) {
      if (cloud_.marked(row)) continue;
      const double value = (weighted_[row] + prior * mean) / (weights_[row] + prior);
      if (best && !(value > best_value)) continue;
      best = row;
      best_value = value;
    }
    return *best;
  }

  KernelOptions options_;
  std::optional<Proposals> proposals_;
  Cloud cloud_;
  float inverse_width_ = 1;
  std::vector<double> weighted_, weights_;  // by row: sums of w r, of w
  std::vector<float> distances_;
  double sum_ = 0;
  std::int64_t count_ = 0;
  std::optional<double> worst_;
};

}  // namespace

extern const Plugin<Searcher> kernel_greedy_searcher;
constinit const Plugin<Searcher> kernel_greedy_searcher{
    .name = "kernel_greedy",
    .summary =
        "the best of a pool by a kernel mean of known results, from counts of operations and of "
        "pairs along edges (first objective)",
    .paper =
        "E. A. Nadaraya: On Estimating Regression, 1964; G. S. Watson: Smooth Regression Analysis, "
        "1964; pool and protocol of arXiv:2401.11576",
    .fields = [] { return describe_fields<KernelOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<KernelOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<KernelGreedy>(parse(options));
    },
};

}  // namespace nas
