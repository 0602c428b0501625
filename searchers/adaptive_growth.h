#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/api/growable_space.h"
#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/mutation.h"
#include "searchers/proposals.h"

namespace nas {

struct AdaptiveGrowthOptions {
  std::int64_t initial = 16;
  std::int64_t kept = 8;
  double focus = 0.5;
  std::string enough = "none";
};

/// Keeps the best architectures of every size and makes new ones of them: with a part more, with a
/// part less, or with another one (core/api/growable_space.h). In other spaces all have one size,
/// and decisions change.
class AdaptiveGrowth final : public Searcher {
 public:
  /// Throws Error(kUsage) for an `enough` that is not a number.
  explicit AdaptiveGrowth(const AdaptiveGrowthOptions& options);

  void start(const SearchSetup& setup) override;
  std::optional<Proposal> ask(std::int64_t number) override;
  void tell(const Told& told) override;

  /// The proposal that the last one was made of; nullopt: it was made of none. What fits weights
  /// can begin at those of the parent.
  std::optional<std::int64_t> parent() const { return parent_; }

 private:
  struct Member {
    std::int64_t number;
    Architecture architecture;
    Fitness fitness;
  };
  using Members = std::vector<Member>;  ///< best first

  std::optional<Proposal> child(Rng& rng);
  std::optional<Proposal> of_any_size(Rng& rng);
  std::optional<Proposal> of_size(std::size_t size, Rng& rng);
  std::optional<Proposal> made(const Member& from, std::optional<Architecture> next,
                               std::string_view how);
  std::optional<Architecture> changed(const Architecture& from, Rng& rng) const;
  std::size_t size_of(const Architecture& architecture) const;
  void forget_above(std::size_t size);
  void keep(Members& members, const Member& member) const;

  AdaptiveGrowthOptions options_;
  std::optional<double> enough_;
  bool maximize_ = true;
  std::optional<Proposals> proposals_;
  std::optional<Mutation> mutation_;
  const GrowableSpace* growable_ = nullptr;  ///< null: all sizes are 0
  std::function<double(const Architecture&)> violation_;
  std::vector<Architecture> designs_;
  std::vector<Members> by_size_;
  Members best_;         ///< of all sizes
  std::size_t top_ = 0;  ///< the largest size that is looked at
  std::optional<std::int64_t> parent_;
};

}  // namespace nas
