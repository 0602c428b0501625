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
  /// MACs times 1e6 that the loss refers to, where `relaxation.latency.kind` is not "none".
  double target_macs = 0;
};

/// Trains a supernet with relaxed choices, then proposes the architecture that is derived from it,
/// those of earlier epochs, the latest first, and after these what is drawn from the shares.
class RelaxedSearcher final : public Searcher, public PreparedSearcher {
 public:
  RelaxedSearcher(const RelaxedOptions& options, RelaxedMethod method)
      : options_(options), method_(std::move(method)) {}

  void start(const SearchSetup& setup) override;
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override { proposals_->note(told.architecture); }

  void check_preparation(const Problem& problem) const override;
  bool prepare(const Preparation& preparation) override;

 private:
  Recipe recipe() const;
  Blueprint blueprint(const Problem& problem) const;
  ArchitectureSearch search(const Blueprint& blueprint) const;
  void check_schedule(const Problem& problem) const;
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
