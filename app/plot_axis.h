#pragma once

#include <string>
#include <vector>

#include "app/plot.h"

namespace nas {

/// Ticks of a logarithmic axis: 1, 2 and 5 times powers of ten, or only the powers when there are
/// many. Requires 0 < low <= high.
std::vector<double> log_ticks(double low, double high, int wanted);

/// Maps values of one axis to pixels. The range covers all values it was made from, with a little
/// air, and always has positive width.
class AxisScale {
 public:
  /// Falls back to linear when `axis.logarithmic` and some value is not positive. Ignores
  /// non-finite values.
  AxisScale(const PlotAxis& axis, const std::vector<double>& values, double from_px, double to_px);

  double pixel(double value) const;
  bool contains(double value) const { return value >= low_ && value <= high_; }
  std::vector<double> ticks(int wanted) const;

 private:
  double low_ = 0, high_ = 1;
  double from_px_, to_px_;
  bool logarithmic_ = false;
};

}  // namespace nas
