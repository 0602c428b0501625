#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/problem.h"
#include "core/runtime/supernet/arch_parameters.h"

namespace nas {

/// What the shares of the alternatives look like after an epoch: "entropy" (mean over the choices,
/// nats), "gap" (mean of the best share less the second), "skip_share", "parameter_free_share" and
/// "none_share" (of the choices, by their best alternative; skips are not counted again as
/// parameter-free).
std::vector<NamedValue> share_values(const ChoiceGroups& groups, const ArchVectors& shares);

/// Says when a search drifts to skip connections, which differentiable search is known for, while
/// it happens. A choice prefers a skip connection when its share is at least 1.1 times that of
/// every other alternative but `none`: parameters as they are drawn prefer nothing. Criteria:
/// - two or more edges of one cell prefer a skip connection (Liang et al., DARTS+, arXiv
///   1909.06035, section 3.3: where they stop);
/// - half of all choices do ("collapsed" from here on);
/// - the largest eigenvalue of the Hessian of the validation loss in the alphas, a mean over five
///   epochs, was below 0.75 of today's five epochs ago (Zela et al., Understanding and
///   Robustifying DARTS, ICLR 2020, arXiv 1909.09656, section 4.1).
/// Each is said once.
class CollapseWatch {
 public:
  CollapseWatch(const ChoiceGroups& groups, std::int64_t epochs);
  /// After epoch `epoch` (from 1), to be called for all in order; texts of what is new.
  /// `eigenvalue`: NaN where it is not known.
  std::vector<std::string> look(std::int64_t epoch, const ArchVectors& shares, double eigenvalue);

  /// All that it remembers, for a checkpoint: as many numbers in every epoch.
  std::vector<double>& state() { return state_; }

 private:
  enum Said : std::size_t { kSeveral, kHalf, kSharp, kEigenvalues };
  bool say(Said what, bool holds);

  const ChoiceGroups& groups_;
  std::vector<double> state_;  ///< what was said; from kEigenvalues on, one for each epoch
};

}  // namespace nas
