#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nas {

/// One axis of a movement: a decision with numbers as choices.
struct MovementAxis {
  std::string name;             ///< of the decision
  std::vector<double> choices;  ///< ascending
  double step = 0;              ///< gamma: how far one unit of a step goes
  double error_scale = 0;       ///< tau: change of the error (%) along one of the axis for a unit
  double memory_scale = 0;      ///< likewise of the share (%) of networks that do not fit
};

/// A point where a space was tried.
struct MovementPoint {
  std::vector<double> at;    ///< by axis, one of its choices
  double error = 0;          ///< of its networks, %: 100 - (best + mean accuracy) / 2
  double illegal_share = 0;  ///< of drawn networks that do not fit, %
};

enum class MovementRule : std::uint8_t {
  /// theta - gamma trunc(w_error / tau_error + w_memory / tau_memory): against both gradients.
  kCorrected,
  /// As released: theta + gamma floor(w_error / tau_error) + gamma floor(w_memory / tau_memory),
  /// which goes along the gradient of the error.
  kPublished,
};

struct MovementOptions {
  std::string rule = "corrected";
  std::int64_t points = 5;
  std::int64_t rounds = 7;
  std::int64_t neighbours = 5;
  std::uint64_t seed = 0;
};

/// Where a point goes: planes are fitted by least squares to the errors and the illegal shares of
/// its nearest measured points (itself included; distances on axes of length 1, as released on raw
/// numbers), the step is clamped to the axes and goes to the nearest choice. With fewer points than
/// a plane needs, the flattest plane through them. Requires a measured point.
std::vector<double> moved_point(const std::vector<double>& at,
                                const std::vector<MovementPoint>& measured,
                                const std::vector<MovementAxis>& axes, MovementRule rule,
                                std::size_t neighbours);

/// One visit of a point: the same one may be visited again.
struct MovementVisit {
  std::int64_t round = 0;
  MovementPoint point;
};

/// MCUFormer's movement of the search space (Liang et al., NeurIPS 2023, section 3.2; released
/// code): points drawn at first are measured, then each moves and is measured again, `rounds`
/// times. `measure` fills in error and illegal share of a point; `visit` counts from 0 how often it
/// was there. The best visit is the one with the least sum of error and illegal share. Throws
/// Error(kUsage) for options out of range.
std::vector<MovementVisit> move_space(
    const std::vector<MovementAxis>& axes, const MovementOptions& options,
    const std::function<MovementPoint(const std::vector<double>& at, std::int64_t visit)>& measure);

/// Position of the visit with the least sum of error and illegal share; of equal ones the first.
/// Requires one.
std::size_t best_visit(const std::vector<MovementVisit>& visits);

}  // namespace nas
