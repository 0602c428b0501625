#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/subject.h"
#include "core/api/transfer_predictor.h"
#include "core/util/rng.h"
#include "predictors/transfer/subject_blocks.h"

namespace nas {

// What transfer predictors share whose networks answer in numbers of their own.

/// From a predictor's numbers to the unit of what was measured: the smallest and the largest
/// prediction of the measured networks are their smallest and largest measurement (HELP's
/// constrained search). Below half of the smallest measurement, where all are positive,
/// predictions approach zero in unchanged order.
struct MeasuredScale {
  double from = 0, slope = 0, to = 0;
  double floor = 0;  ///< 0: none
  static MeasuredScale of(std::span<const double> predictions, std::span<const double> measured);
  double out(double prediction) const;
};

/// Throws Error(kData) for fewer than two measurements, one that is not finite, or all equal.
/// `who` is "predictor 'help'".
void check_measurements(std::string_view who, std::span<const double> targets);
/// Throws Error(kData), naming the task, for fewer than `least` measurements or one that is not
/// finite.
void check_source(std::string_view who, const TransferTask& task, std::size_t least);
/// Throws Error(kData) for fewer than the three measurements that leaving one out needs.
void check_leave_one_out(std::string_view who, std::size_t measurements);
/// Up to `most` of a task's subjects with their targets, drawn at random.
TransferTask drawn_part(const TransferTask& task, std::size_t most, Rng& rng);

/// "nasbench201", or "" for a network without a space.
std::string space_name(const Subject& subject);
/// Throws Error(kUsage) for subjects of another space than this; one without a space is of "".
void check_space_name(std::string_view who, std::span<const Subject> subjects,
                      std::string_view space);
/// Throws Error(kUsage) for subjects of another space than `space` ("": any, but the same for all),
/// Error(kUnsupported) for networks without a space. Returns the space.
const SearchSpace& check_space(std::string_view who, std::span<const Subject> subjects,
                               std::string_view space);

/// What a predictor without an uncertainty of its own says: each error is distributed as those of
/// the measurements that were left out.
double left_out_deviation(std::span<const double> left_out, std::span<const double> measured);

/// One block: what networks cost, in spaces with cells counts of their operations.
BlockRows cost_rows(std::span<const Subject> subjects);

/// Values of networks that were not measured, by ridge regression on those that were: on choices
/// where there are three measurements for each, else on counts of operations (in spaces without
/// cells: on costs).
std::vector<double> ridge_estimates(std::span<const Subject> measured,
                                    std::span<const double> targets,
                                    std::span<const Subject> wanted);

}  // namespace nas
