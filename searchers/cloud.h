#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/searcher.h"
#include "searchers/proposals.h"

namespace nas {

inline constexpr std::string_view kCloudFeatures = "counts+pairs";
inline constexpr std::string_view kCloudFeaturesMeaning =
    "what places an architecture in the cloud, joined by '+': counts (of operations, on wires "
    "too), "
    "pairs (of operations along edges), or scores of the benchmark: names of columns, or of a "
    "vector such as an auto-encoder's";
inline constexpr std::string_view kCloudPoolMeaning =
    "architectures of the cloud, where the scores have no table of their own: all of a space not "
    "larger than this, else this many drawn";

/// A fixed cloud of points, one for each architecture of a finite pool: what searchers walk in that
/// look at features instead of decisions.
class Cloud {
 public:
  Cloud() = default;
  /// The pool of the study (`study_pool`) with the features of a text as in
  /// kCloudFeaturesMeaning. Throws Error(kUsage), with near misses, for features that are not
  /// there.
  static Cloud of(const SearchSetup& setup, std::string_view features, std::size_t most,
                  std::string_view who);
  /// Row-major points; missing values (NaN, infinite) become 0.
  Cloud(std::vector<Architecture> architectures, std::size_t width, std::vector<float> points);

  std::size_t size() const { return architectures_.size(); }
  std::size_t width() const { return width_; }
  const Architecture& architecture(std::size_t row) const { return architectures_[row]; }
  std::optional<std::size_t> find(const Architecture& architecture) const;
  std::span<const float> point(std::size_t row) const {
    return std::span(points_).subspan(row * width_, width_);
  }

  /// From one point to every point of the cloud.
  void squared_distances(std::span<const float> from, std::vector<float>& distances) const;
  /// Median over pairs of different rows, drawn.
  double median_squared_distance(Rng rng) const;

  void mark(std::size_t row);
  bool marked(std::size_t row) const { return marked_[row]; }
  std::size_t unmarked() const { return size() - marks_; }
  /// The unmarked row that is nearest; of equal ones the first. nullopt: all are marked.
  std::optional<std::size_t> nearest_unmarked(std::span<const float> to) const;
  /// Uniform among the unmarked rows. Requires one.
  std::size_t draw_unmarked(Rng& rng) const;

 private:
  std::vector<Architecture> architectures_;
  std::map<std::vector<std::uint16_t>, std::size_t> rows_;
  std::size_t width_ = 0;
  std::vector<float> points_;  ///< row-major
  std::vector<bool> marked_;
  std::size_t marks_ = 0;
};

/// A random architecture outside of a pool whose rows were all proposed, and noted as proposed;
/// nullopt where the space has no other.
std::optional<Proposal> propose_beyond_pool(Proposals& proposals, Rng rng);

}  // namespace nas
