#include "app/plot_axis.h"

#include <algorithm>
#include <cmath>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kAir = 0.04;  ///< of the range, on both sides

double nice_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::vector<double> log_ticks(double low, double high, int wanted) {
  const auto collect = [&](const std::vector<double>& factors) {
    std::vector<double> ticks;
    const int first = static_cast<int>(std::floor(std::log10(low)));
    const int last = static_cast<int>(std::ceil(std::log10(high)));
    for (int exponent = first; exponent <= last; ++exponent) {
      for (const double factor : factors) {
        const double tick = factor * std::pow(10.0, exponent);
        if (tick >= low && tick <= high) ticks.push_back(tick);
      }
    }
    return ticks;
  };
  std::vector<double> ticks = collect({1, 2, 5});
  if (static_cast<int>(ticks.size()) > 2 * wanted) ticks = collect({1});
  // A range of less than a decade has too few of them.
  return ticks.size() >= 3 ? ticks : nice_ticks(low, high, wanted);
}

std::vector<double> nice_ticks(double low, double high, int wanted) {
  if (!(high > low)) return {low};
  const double step = nice_step((high - low) / std::max(1, wanted));
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  // Bounded: where steps are smaller than the resolution of doubles, i + 1 == i.
  for (int count = 0; count <= 4 * std::max(1, wanted); ++count) {
    const double i = first + count;
    if (!(i * step <= high + step * 1e-9)) break;
    // Rounding to a multiple of a tiny unit avoids 0.30000000000000004, adding 0.0 avoids -0.
    ticks.push_back(parse_double(format_short(i * step, 10)).value_or(i * step) + 0.0);
  }
  return ticks;
}

std::string tick_label(double value) {
  constexpr std::pair<double, const char*> kSteps[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [unit, letter] : kSteps) {
    if (std::abs(value) >= unit) return format_short(value / unit, 6) + letter;
  }
  return format_short(value, 6);
}

AxisScale::AxisScale(const PlotAxis& axis, const std::vector<double>& values, double from_px,
                     double to_px)
    : from_px_(from_px), to_px_(to_px) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  if (finite.empty()) return;
  const auto [least, most] = std::minmax_element(finite.begin(), finite.end());
  low_ = *least;
  high_ = *most;
  logarithmic_ = axis.logarithmic && low_ > 0;
  if (logarithmic_) {
    const double air = low_ == high_ ? 2 : std::pow(high_ / low_, kAir);
    low_ /= air;
    high_ *= air;
    return;
  }
  const double range = high_ - low_;
  const double air = range > 0 ? range * kAir : std::max(std::abs(low_) * 0.1, 0.5);
  low_ -= air;
  high_ += air;
}

double AxisScale::pixel(double value) const {
  const double share = logarithmic_ ? std::log(value / low_) / std::log(high_ / low_)
                                    : (value - low_) / (high_ - low_);
  return from_px_ + share * (to_px_ - from_px_);
}

std::vector<double> AxisScale::ticks(int wanted) const {
  return logarithmic_ ? log_ticks(low_, high_, wanted) : nice_ticks(low_, high_, wanted);
}

}  // namespace nas
