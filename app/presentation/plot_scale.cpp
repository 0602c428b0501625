#include "app/presentation/plot_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/presentation/plot_axis.h"

namespace nas {
namespace {

constexpr double kAir = 0.04;       ///< of the range, on both sides
constexpr double kDeepest = 1e-9;   ///< of the fitted range: the strongest zoom
constexpr double kLargest = 8e307;  ///< beyond, ranges would overflow
/// The smallest range, of the size of its values: a thousand times the resolution of doubles.
constexpr double kFinest = 1e-12;
constexpr double kSmallest = 1e-300;    ///< below, steps would vanish
constexpr double kWidest = 1e3;         ///< the weakest zoom
constexpr double kLeastPower = -323.3;  ///< of ten, that doubles hold
constexpr double kMostPower = 308.2;
constexpr double kNormal = -305;  ///< below are subnormal numbers
constexpr double kPowers = 2.2;   ///< hold two powers of ten

}  // namespace

void PlotScale::setData(std::span<const double> values) {
  heights_ = false;
  double low = std::numeric_limits<double>::infinity(), high = -low, positive = low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, std::clamp(value, -kLargest, kLargest));
    high = std::max(high, std::clamp(value, -kLargest, kLargest));
    if (value > 0) positive = std::min(positive, value);
  }
  const bool any = low <= high;
  data_low_ = any ? low : 0;
  data_high_ = any ? high : 1;
  positive_low_ = std::isfinite(positive) ? positive : 0;
  if (positive_low_ == 0) logarithmic_ = false;
  fit();
}

void PlotScale::setHeights(double most) {
  const double values[] = {0, most};
  setData(values);
  heights_ = true;
  fit();
}

void PlotScale::include(double value) {
  if (!(std::abs(value) <= kLargest)) return;
  data_low_ = std::min(data_low_, value);
  data_high_ = std::max(data_high_, value);
  if (value > 0 && (positive_low_ == 0 || value < positive_low_)) positive_low_ = value;
  fit();
}

void PlotScale::setLogarithmic(bool wanted) {
  logarithmic_ = wanted && positive_low_ > 0;
  fit();
}

void PlotScale::keep(const PlotScale& before) {
  setLogarithmic(before.logarithmic_);
  if (before.fitted() || logarithmic_ != before.logarithmic_) return;
  low_ = before.low_;
  high_ = before.high_;
}

bool PlotScale::places(double value) const {
  return std::isfinite(value) && (!logarithmic_ || value > 0);
}

void PlotScale::fit() {
  double low = logarithmic_ ? std::log10(positive_low_) : data_low_;
  double high = logarithmic_ ? std::log10(std::max(data_high_, positive_low_)) : data_high_;
  const double range = high - low;
  // One value of a count stands between its neighbours.
  const double alone = counted_ ? 1 : std::max(std::abs(low) * 0.1, 0.5);
  const double air = range > 0 ? range * kAir : logarithmic_ ? 0.3 : alone;
  low_ = heights_ && !logarithmic_ ? 0 : low - air;
  high_ = high + air;
  if (logarithmic_) {
    // At the ends of what doubles hold there is room for two powers as well.
    low_ = std::clamp(low_, kLeastPower, kMostPower - kPowers);
    high_ = std::clamp(high_, kLeastPower + kPowers, kMostPower);
  }
  widen();
  fit_low_ = low_;
  fit_high_ = high_;
}

void PlotScale::widen() {
  const double least = std::max(kFinest * std::max(std::abs(low_), std::abs(high_)), kSmallest);
  if (high_ - low_ >= least) return;
  const double middle = low_ + (high_ - low_) / 2;
  low_ = middle - least;
  high_ = middle + least;
}

bool PlotScale::fitted() const {
  return low_ == fit_low_ && high_ == fit_high_;
}

void PlotScale::look(double low, double high) {
  if (!(high > low) || !std::isfinite(high - low)) return;
  if (logarithmic_ && (low < kLeastPower || high > kMostPower)) {
    const double width = std::min(high - low, kMostPower - kLeastPower);
    low = std::clamp(low, kLeastPower, kMostPower - width);
    high = low + width;
  }
  // Subnormal numbers are too coarse for parts of a power.
  if (logarithmic_ && low < kNormal && high - low < kPowers) return;
  // Two whole numbers stay in sight.
  if (counted_ && !logarithmic_ && high - low < std::min(2.0, fit_high_ - fit_low_)) return;
  low_ = low;
  high_ = high;
  widen();
}

void PlotScale::zoom(double factor, double share) {
  const double width = (high_ - low_) / factor, full = fit_high_ - fit_low_;
  if (width < full * kDeepest || width > full * kWidest) return;
  const double low = low_ + share * (high_ - low_) - share * width;
  look(low, low + width);
}

void PlotScale::pan(double share) {
  const double step = share * (high_ - low_);
  look(low_ + step, high_ + step);
}

void PlotScale::showValues(std::span<const double> values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    const double at = transformed(value);
    if (!std::isfinite(at)) continue;
    low = std::min(low, at);
    high = std::max(high, at);
  }
  if (!(low <= high)) return;
  const double air = std::max((high - low) * 0.08, (fit_high_ - fit_low_) * 1e-3);
  look(low - air, high + air);
}

void PlotScale::show(double from_share, double to_share) {
  if (!(to_share > from_share)) return;
  const double low = low_, width = high_ - low_;
  if ((to_share - from_share) * width < (fit_high_ - fit_low_) * kDeepest) return;
  look(low + from_share * width, low + to_share * width);
}

double PlotScale::transformed(double value) const {
  if (!logarithmic_) return value;
  return value > 0 ? std::log10(value) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> PlotScale::transformed(std::span<const double> values) const {
  std::vector<double> result(values.begin(), values.end());
  if (logarithmic_) {
    for (double& value : result) value = transformed(value);
  }
  return result;
}

double PlotScale::share(double value) const {
  // By halves: the difference of two large numbers would overflow.
  const double share = (0.5 * transformed(value) - 0.5 * low_) / (0.5 * high_ - 0.5 * low_);
  return std::isfinite(share) ? share : std::numeric_limits<double>::quiet_NaN();
}

double PlotScale::value(double share) const {
  const double at = low_ + share * (high_ - low_);
  return logarithmic_ ? std::pow(10.0, at) : at;
}

std::vector<double> PlotScale::ticks(int wanted) const {
  std::vector<double> ticks =
      logarithmic_ ? log_ticks(low_, high_, wanted) : nice_ticks(low_, high_, wanted);
  if (!counted_) return ticks;
  std::vector<double> whole = ticks;
  std::erase_if(whole, [](double tick) { return tick != std::floor(tick); });
  if (!logarithmic_ || whole.size() < 2) whole = whole_ticks(low(), high(), wanted);
  return whole.size() < 2 ? ticks : whole;
}

}  // namespace nas
