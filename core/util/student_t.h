#pragma once

namespace nas {

/// Distribution function of Student's t with `freedom` > 0 degrees of freedom, through the
/// incomplete beta function (Abramowitz and Stegun 26.7.1 and 26.5.8, as a continued fraction).
double student_t_distribution(double t, double freedom);
/// Its inverse, by bisection to the last digits. Requires 0 < probability < 1.
double student_t_quantile(double probability, double freedom);

}  // namespace nas
