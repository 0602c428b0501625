#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/searcher.h"
#include "searchers/proposals.h"

namespace nas {

/// How candidates are ordered by what a predictor says of them; larger first.
enum class Acquisition : std::uint8_t {
  kMean,
  kThompsonEach,  ///< a draw from each candidate's own distribution (independent Thompson sampling)
  kThompsonAll,   ///< one draw for all: mean + z * deviation with the same z
  kUpperBound,    ///< mean + kappa * deviation
  kImprovement,   ///< expected improvement over the best so far
  kProbability,   ///< probability of improvement
};
inline constexpr std::string_view kAcquisitionChoices = "its|ts|ucb|ei|pi|mean";
Acquisition parse_acquisition(std::string_view name);

/// What searchers that learn from their own results have in common.
struct LoopSettings {
  std::string who;  ///< "searcher 'bananas'"
  std::string predictor;
  OptionMap predictor_options;
  std::string scores;            ///< features: names of zero-cost scores joined by '+', or none
  std::int64_t initial = 10;     ///< random architectures at the start
  std::int64_t batch = 10;       ///< proposals for each fit
  std::int64_t mutations = 100;  ///< candidates near the best ones
  std::int64_t parents = 10;     ///< the best ones
  std::int64_t random = 0;       ///< candidates drawn from the space
  double random_share = 0;       ///< part of each batch that is drawn instead of predicted
  Acquisition acquisition = Acquisition::kMean;
  double kappa = 0.5;           ///< of the upper bound
  double deviation_factor = 1;  ///< deviations are multiplied by it (calibration)
};

/// "key=value;key=value" as an option of a searcher passes options on to its predictor.
OptionMap parse_settings(std::string_view text);

/// Fits a predictor to all results known when a batch begins, and proposes the best candidates.
/// Only the first objective is looked at; failed and infeasible ones teach nothing but are not
/// proposed again. A batch follows from the results before it alone, so that a study resumes from
/// its tells.
class PredictorLoop final : public Searcher {
 public:
  explicit PredictorLoop(LoopSettings settings) : settings_(std::move(settings)) {}
  /// Throws Error(kUsage) when the study has no predictors, or not the scores asked for.
  void start(const SearchSetup& setup) override;
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override;

 private:
  struct Result {
    Architecture architecture;
    double value;
  };
  void note(std::int64_t number, const Architecture& architecture);
  bool proposed_before(std::int64_t number, const Architecture& architecture) const;
  std::vector<Proposal> plan(std::int64_t first) const;
  std::vector<Architecture> candidates(std::int64_t first, Rng& rng) const;
  std::vector<const Result*> results_before(std::int64_t number) const;
  Samples samples(std::vector<Architecture> architectures) const;
  std::vector<double> merits(const std::vector<Architecture>& found, std::int64_t first,
                             Rng& rng) const;

  LoopSettings settings_;
  std::optional<Proposals> proposals_;
  PredictorFactory predictors_;
  const ScoreSource* scores_ = nullptr;
  std::uint64_t seed_ = 0;
  std::map<std::vector<std::uint16_t>, std::int64_t> first_number_;  // of each proposed one
  std::map<std::int64_t, Result> results_;                           // complete ones, by number
  std::int64_t planned_ = -1;  // the batch that plan_ is for, by its first number
  std::vector<Proposal> plan_;
};

}  // namespace nas
