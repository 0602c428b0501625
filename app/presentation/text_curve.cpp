#include "app/presentation/text_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

namespace nas {
namespace {

constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/// NaN where a part has no finite value.
std::vector<double> averaged(std::span<const double> values, std::size_t parts) {
  std::vector<double> means;
  for (std::size_t part = 0; part < parts; ++part) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = part * values.size() / parts; i < (part + 1) * values.size() / parts;
         ++i) {
      if (!std::isfinite(values[i])) continue;
      sum += values[i];
      ++count;
    }
    means.push_back(count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / count);
  }
  return means;
}

}  // namespace

std::string text_curve(std::span<const double> values, std::size_t width) {
  const std::vector<double> means = averaged(values, std::min(width, values.size()));
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double mean : means) {
    if (std::isnan(mean)) continue;
    low = std::min(low, mean);
    high = std::max(high, mean);
  }
  std::string text;
  for (const double mean : means) {
    if (std::isnan(mean)) {
      text += ' ';
      continue;
    }
    const double part = high > low ? (mean - low) / (high - low) : 0.5;
    const auto bar = static_cast<std::size_t>(part * kBars.size());
    text += kBars[std::min(bar, kBars.size() - 1)];
  }
  return text;
}

}  // namespace nas
