#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/searcher.h"

namespace nas {

/// A finite list of architectures with their scores, each normalised to (s - min) / (max - min)
/// over the whole list; a constant score stays as it is. Missing and failed scores add nothing to a
/// combination, and are not part of minimum and maximum (RoBoT, arXiv:2403.07591).
class ScorePool {
 public:
  ScorePool() = default;
  /// The score source's own pool; where it has none, the whole space if it has at most `most`
  /// architectures that can be listed, else `most` drawn ones. `proxies` is "a+b" or empty for the
  /// usual ones. Throws Error(kUsage) when the setup has no scores.
  static ScorePool of(const SearchSetup& setup, std::string_view proxies, std::size_t most,
                      std::string_view who);
  /// Row-major scores, architectures x names.
  ScorePool(std::vector<Architecture> architectures, std::vector<std::string> names,
            std::vector<double> scores);

  std::size_t size() const { return architectures_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const Architecture& architecture(std::size_t row) const { return architectures_[row]; }
  std::optional<std::size_t> find(const Architecture& architecture) const;

  /// The row with the largest weighted sum; of equal ones the last (the authors sort ascending and
  /// reverse). Requires a pool that is not empty.
  std::size_t first(std::span<const double> weights) const;
  /// The same among rows not marked; nullopt when all are.
  std::optional<std::size_t> first_unseen(std::span<const double> weights,
                                          const std::vector<bool>& seen) const;

 private:
  std::vector<Architecture> architectures_;
  std::vector<std::string> names_;
  std::vector<double> scores_;  // normalised; 0 where missing
  std::map<std::vector<std::uint16_t>, std::size_t> rows_;
};

/// The architectures that the study's scores belong to; where they have no table of their own,
/// `architecture_pool`.
std::vector<Architecture> study_pool(const SearchSetup& setup, std::size_t most);

/// The scores that a name means: itself, or the elements "NAME[0]", "NAME[1]", ... of a vector.
/// Throws Error(kUsage), with the near miss also among `others`, where there is neither. `scores`
/// may be null.
std::vector<std::string> scores_named(const ScoreSource* scores, const std::string& name,
                                      const std::vector<std::string>& others, std::string_view who);

/// All architectures of the space if they can be listed and are at most `most`, else `most`
/// distinct drawn ones (fewer where draws keep repeating).
std::vector<Architecture> architecture_pool(const SearchSpace& space, std::size_t most, Rng rng);

}  // namespace nas
