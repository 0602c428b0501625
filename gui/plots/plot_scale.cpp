#include "gui/plots/plot_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/plot.h"
#include "app/plot_axis.h"

namespace nas {
namespace {

constexpr double kAir = 0.04;       ///< of the range, on both sides
constexpr double kDeepest = 1e-9;   ///< of the fitted range: the strongest zoom
constexpr double kLargest = 1e304;  ///< beyond, ranges would overflow
/// The smallest range, of the size of its values: a thousand times the resolution of doubles.
constexpr double kFinest = 1e-12;
constexpr double kWidest = 1e3;  ///< the weakest

}  // namespace

void PlotScale::setData(std::span<const double> values) {
  heights_ = false;
  double low = std::numeric_limits<double>::infinity(), high = -low, positive = low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, std::max(value, -kLargest));
    high = std::max(high, std::min(value, kLargest));
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

void PlotScale::fit() {
  double low = logarithmic_ ? std::log10(positive_low_) : data_low_;
  double high = logarithmic_ ? std::log10(std::max(data_high_, positive_low_)) : data_high_;
  const double range = high - low;
  const double air = range > 0      ? range * kAir
                     : logarithmic_ ? 0.3
                                    : std::max(std::abs(low) * 0.1, 0.5);
  fit_low_ = low_ = heights_ && !logarithmic_ ? 0 : low - air;
  fit_high_ = high_ = high + air;
  widen();
  fit_low_ = low_;
  fit_high_ = high_;
}

void PlotScale::widen() {
  const double least = kFinest * std::max(std::abs(low_), std::abs(high_));
  if (high_ - low_ >= least) return;
  const double middle = low_ + (high_ - low_) / 2;
  low_ = middle - least;
  high_ = middle + least;
}

bool PlotScale::fitted() const {
  return low_ == fit_low_ && high_ == fit_high_;
}

void PlotScale::zoom(double factor, double share) {
  const double width = (high_ - low_) / factor, full = fit_high_ - fit_low_;
  if (width < full * kDeepest || width > full * kWidest) return;
  const double fixed = low_ + share * (high_ - low_);
  low_ = fixed - share * width;
  high_ = low_ + width;
  widen();
}

void PlotScale::pan(double share) {
  const double step = share * (high_ - low_);
  low_ += step;
  high_ += step;
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
  low_ = low - air;
  high_ = high + air;
  widen();
}

void PlotScale::show(double from_share, double to_share) {
  if (!(to_share > from_share)) return;
  const double low = low_, width = high_ - low_;
  if ((to_share - from_share) * width < (fit_high_ - fit_low_) * kDeepest) return;
  low_ = low + from_share * width;
  high_ = low + to_share * width;
  widen();
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
  return (transformed(value) - low_) / (high_ - low_);
}

double PlotScale::value(double share) const {
  const double at = low_ + share * (high_ - low_);
  return logarithmic_ ? std::pow(10.0, at) : at;
}

std::vector<double> PlotScale::ticks(int wanted) const {
  const double from = low(), to = high();
  if (!std::isfinite(from) || !std::isfinite(to)) return {};
  if (!logarithmic_) return nice_ticks(from, to, wanted);
  std::vector<double> ticks = log_ticks(from, to, wanted);
  const auto count = static_cast<double>(ticks.size());
  if (count <= 1.5 * wanted) return ticks;
  // Over tens of powers of ten, each of them would lie on the next: every second, third, ...
  const double step = std::ceil(count / wanted);
  std::erase_if(ticks, [step](double tick) {
    return std::abs(std::remainder(std::log10(tick), step)) > 1e-6;
  });
  return ticks;
}

}  // namespace nas
