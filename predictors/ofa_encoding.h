#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// The one-hot inputs of the accuracy predictors of Once-for-All, in the layouts of the released
/// predictors (Cai et al., ICLR 2020, tutorials of the released code):
///
///   spaces with kernels: kernels slot by slot (3 each: 3, 5, 7), expansion ratios slot by slot (3
///   each: 3, 4, 6), the resolution (8: 112, 128, ..., 224). 20 slots make 128 inputs. The
///   library's own encoder has another order.
///   ResNet50-D: resolution (8: 128, 144, 160, 176, 192, 224, 240, 256), whether the stem has its
///   middle layer (2), widths (3 each), expansion ratios slot by slot (3 each): 82 inputs.
///
///   any other space: all choices of all decisions.
///
/// Decisions without effect are zeros, so that depths are implied.
class OfaEncoding {
 public:
  explicit OfaEncoding(const SearchSpace& space);

  std::size_t width() const { return width_; }
  /// Throws Error(kUsage) for a resolution that the layout does not have.
  std::vector<float> encode(const Architecture& architecture) const;

 private:
  static constexpr std::int32_t kNoInput = -1;  ///< a depth, which is implied
  static constexpr std::int32_t kUnknown = -2;  ///< the layout does not have this choice

  void add(DecisionId decision, const std::vector<std::string>& names);
  void add_all(DecisionKind kind, const std::vector<std::string>& names);

  const SearchSpace* space_;
  std::size_t width_ = 0;
  std::vector<std::vector<std::int32_t>> inputs_;  ///< by decision and choice
};

}  // namespace nas
