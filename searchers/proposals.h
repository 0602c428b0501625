#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "core/api/searcher.h"
#include "core/util/rng.h"

namespace nas {

/// What a searcher has proposed so far in a study, and the study's random numbers. All of it
/// follows from the proposals before `number`, whether they were asked for or told: so nothing is
/// lost on resume.
class Proposals {
 public:
  explicit Proposals(const SearchSetup& setup);

  const SearchSpace& space() const { return *space_; }
  /// The random numbers of proposal `number`, and of no other.
  Rng rng(std::int64_t number) const;

  void note(const Architecture& architecture) { seen_.insert(architecture.choices); }
  bool seen(const Architecture& architecture) const { return seen_.contains(architecture.choices); }
  /// Whether every architecture of the space was proposed; false where their number is not known.
  bool exhausted() const { return space_size_ && seen_.size() >= *space_size_; }

  /// Uniform among what was not proposed. After a thousand draws of known ones: a known one.
  Architecture draw_new(Rng& rng) const;

 private:
  const SearchSpace* space_;
  std::uint64_t seed_;
  std::uint64_t study_;
  std::optional<std::size_t> space_size_;
  std::set<std::vector<std::uint16_t>> seen_;
};

}  // namespace nas
