#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/api/search_space.h"

namespace nas {

/// One 0/1 for each choice of each decision; zeros where a decision has no effect.
std::vector<double> one_hot(const SearchSpace& space, const Architecture& architecture);
std::size_t one_hot_width(const SearchSpace& space);

/// Path encoding (BANANAS, White et al. 2021, arXiv:1910.11858): one bit for each sequence of
/// operations on a way from the cell's input to its output; shorter sequences first, those of equal
/// length by number (first operation most significant). NAS-Bench-201: 5 + 25 + 125 = 155 bits, of
/// which 30 remain without the longest; NAS-Bench-101: 1 + 3 + ... + 243 = 364, the first 40 are of
/// up to three operations. Spaces without cells have none: Throws Error(kUnsupported).
class PathEncoder {
 public:
  /// `longest` operations are told apart, longer paths left out; 0: half of the longest path's,
  /// rounded up (the published truncations). At most 20,000 bits.
  explicit PathEncoder(const SearchSpace& space, int longest = 0);
  std::size_t width() const { return width_; }
  std::vector<double> encode(const Architecture& architecture) const;

 private:
  const SearchSpace* space_;
  std::size_t operations_ = 0;      ///< without input and output
  std::vector<std::size_t> first_;  ///< by length: position of the first bit
  int shortest_ = 0;
  int longest_ = 0;
  std::size_t width_ = 0;
};

}  // namespace nas
