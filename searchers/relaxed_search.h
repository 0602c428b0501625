#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/prepared_searcher.h"
#include "core/api/searcher.h"
#include "core/runtime/supernet/differentiable.h"
#include "searchers/proposals.h"
#include "searchers/relaxed_options.h"

namespace nas {

/// References where nothing else is said: ProxylessNAS at its full width, on a Pixel 1 (released
/// code).
inline constexpr double kTargetMs = 80;
inline constexpr double kTargetMacs = 300;  ///< millions

/// What a searcher adds to the common options.
struct RelaxedMethod {
  std::string name;  ///< of the searcher
  RelaxationOptions relaxation;
  bool second_order = false;
  bool policy = false;
  std::int64_t policy_paths = 10;
  bool eigenvalue = false;
  double warmup_rate = 0;  ///< as SearchSchedule has it, like the next two
  std::int64_t lead_epochs = 0;
  std::int64_t updates = 0;
  std::int64_t search_batch = 0;  ///< as ArchitectureSearch has it
  /// What joins the loss. `relaxation.latency.kind` may be "auto" here: mul_log, or reward of a
  /// policy, where the study has an additive latency or `cost` says what to take; else none.
  std::string cost = "auto";  ///< macs, latency_ms; auto: the study's additive latency, else MACs
  double target_macs = kTargetMacs;  ///< the reference, in millions
  double target_ms = 0;    ///< the same; 0: the limit of the study's constraint, else kTargetMs
  std::int64_t steps = 1;  ///< architecture steps of an epoch of kind "cost"
};

/// Trains a supernet with relaxed choices (with the kind "cost" only the architecture parameters,
/// by the expected cost, without data), then proposes the architecture that is derived from it,
/// those of earlier epochs, the latest first, and after these what is drawn from the shares.
class RelaxedSearcher final : public Searcher, public PreparedSearcher {
 public:
  RelaxedSearcher(const RelaxedOptions& options, RelaxedMethod method)
      : options_(options), method_(std::move(method)) {}

  void start(const SearchSetup& setup) override;
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override { proposals_->note(told.architecture); }

  bool needs_data() const override { return method_.relaxation.latency.kind != "cost"; }
  void check_preparation(const PreparationInputs& inputs) const override;
  bool prepare(const Preparation& preparation) override;

 private:
  Recipe recipe(const PreparationInputs& inputs) const;
  Blueprint blueprint(const PreparationInputs& inputs) const;
  ArchitectureSearch search(const Blueprint& blueprint, const PreparationInputs& inputs) const;
  LatencyLoss settled_loss(const Blueprint& blueprint, const PreparationInputs& inputs) const;
  void check_target(const LatencyLoss& loss) const;
  void check_schedule(const PreparationInputs& inputs) const;
  ArchitectureSearchReport run(const Preparation& preparation) const;
  void list_found(const std::vector<std::vector<ChoiceWeights>>& weights);
  std::optional<Architecture> drawn(Rng& rng) const;

  const RelaxedOptions options_;
  const RelaxedMethod method_;
  std::optional<Proposals> proposals_;
  std::uint64_t seed_ = 0, study_ = 0;
  std::vector<Proposal> found_;
  std::optional<std::vector<ChoiceWeights>> weights_;  ///< at the end
};

}  // namespace nas
