#include "app/presentation/plot_axis.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kLeastPower = -323, kMostPower = 308;  ///< that doubles hold
constexpr int kMostDigits = 17;                         ///< tell any two doubles apart
constexpr int kMostTicks = 700;                         ///< there are not more powers of ten

double nice_step(double rough) {
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

/// Without 0.30000000000000004 and -0: as many digits as tell multiples of the step apart.
double rounded(double value, double largest, double step) {
  const double digits = std::ceil(std::log10(largest / step)) + 3;
  if (!(digits < kMostDigits)) return value + 0.0;
  return parse_double(format_short(value, static_cast<int>(digits))).value_or(value) + 0.0;
}

std::vector<double> multiples(double low, double high, double step, int most) {
  std::vector<double> ticks;
  if (!(step > 0)) return ticks;
  const double largest = std::max(std::abs(low), std::abs(high));
  const double first = std::ceil(low / step - 1e-9);
  // Bounded: where steps are smaller than the resolution of doubles, i + 1 == i.
  for (int count = 0; count <= most; ++count) {
    const double i = first + count;
    if (!(i * step <= high + step * 1e-9)) break;
    ticks.push_back(rounded(i * step, largest, step));
  }
  ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
  return ticks;
}

/// Every power of ten whose exponent is a multiple of some round number.
std::vector<double> powers(double low, double high, int wanted) {
  std::vector<double> chosen;
  for (const double step : {1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0}) {
    const std::vector<double> exponents = multiples(low, high, step, kMostTicks);
    if (exponents.size() < 2) break;
    chosen = exponents;
    if (static_cast<double>(exponents.size()) <= 1.5 * wanted) break;
  }
  for (double& tick : chosen) tick = std::pow(10.0, tick);
  return chosen;
}

/// 1, 2 and 5 times powers of ten.
std::vector<double> parts_of_powers(double low, double high) {
  std::vector<double> ticks;
  for (double power = std::floor(low); power <= high; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double at = power + std::log10(factor);
      if (at >= low && at <= high) ticks.push_back(factor * std::pow(10.0, power));
    }
  }
  return ticks;
}

std::string label(double value, int digits) {
  constexpr std::pair<double, const char*> kSteps[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  constexpr double kHuge = 1e12;  // beyond the letters
  for (const auto& [unit, letter] : kSteps) {
    if (std::abs(value) >= unit && std::abs(value) < kHuge)
      return format_short(value / unit, digits) + letter;
  }
  return format_short(value, digits);
}

}  // namespace

std::vector<double> log_ticks(double low, double high, int wanted) {
  low = std::clamp(low, kLeastPower, kMostPower);
  high = std::clamp(high, kLeastPower, kMostPower);
  wanted = std::max(2, wanted);
  std::vector<double> ticks;
  if (high - low < wanted) ticks = parts_of_powers(low, high);
  if (ticks.size() >= 3 && static_cast<int>(ticks.size()) <= 2 * wanted) return ticks;
  const std::vector<double> whole = powers(low, high, wanted);
  if (whole.size() >= 2) return whole;
  if (ticks.size() >= 3) return ticks;
  // A range of less than a decade has too few of them.
  return nice_ticks(std::pow(10.0, low), std::pow(10.0, high), wanted);
}

std::vector<double> nice_ticks(double low, double high, int wanted) {
  if (!(high > low)) return {low};
  wanted = std::max(1, wanted);
  // A step may leave one of its multiples in the range, or none: then it is too long.
  std::vector<double> ticks;
  for (int parts = wanted; ticks.size() < 2 && parts <= 16 * wanted; parts *= 2) {
    ticks = multiples(low, high, nice_step(high / parts - low / parts), 4 * wanted);
  }
  return ticks;
}

std::vector<double> whole_ticks(double low, double high, int wanted) {
  const double step = std::max(1.0, nice_step((high - low) / std::max(1, wanted)));
  std::vector<double> ticks = multiples(low, high, step, 4 * std::max(1, wanted));
  if (ticks.size() < 2) ticks = multiples(low, high, 1, 8);
  return ticks;
}

std::string tick_label(double value) {
  return label(value, 6);
}

std::vector<std::string> tick_labels(std::span<const double> ticks) {
  std::vector<std::string> labels;
  for (const int digits : {6, 9, 12, kMostDigits}) {
    labels.clear();
    for (const double tick : ticks) labels.push_back(label(tick, digits));
    if (std::set<std::string>(labels.begin(), labels.end()).size() == ticks.size()) break;
  }
  return labels;
}

}  // namespace nas
