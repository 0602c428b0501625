#include "gui/plots/parallel_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nas {
namespace {

constexpr int kCells = 256;  ///< levels of the counting, each way

}  // namespace

AxisLevels axis_levels(const PlotColumn& column, const PlotScale& scale, bool inverted) {
  AxisLevels levels(column.size(), kNoLevel);
  const auto values = column.span();
  for (std::size_t row = 0; row < values.size(); ++row) {
    const double share = scale.share(values[row]);
    if (!(share >= 0 && share <= 1)) continue;
    levels[row] =
        static_cast<std::uint16_t>(std::lround((inverted ? 1 - share : share) * (kLevels - 1)));
  }
  return levels;
}

QColor level_color(const Theme& theme, double at) {
  return theme.ramp(theme.dark ? 0.25 + 0.75 * at : 0.9 * at);
}

void GapDensity::count(const AxisLevels& left, const AxisLevels& right,
                       std::span<const std::uint8_t> mask, const AxisLevels& colors) {
  struct Pair {
    float rows = 0, levels = 0;
  };
  std::vector<Pair> pairs(std::size_t{kCells} * kCells);
  const bool colored = !colors.empty();
  for (std::size_t row = 0; row < std::min(left.size(), right.size()); ++row) {
    if (!mask.empty() && mask[row] == 0) continue;
    if (left[row] == kNoLevel || right[row] == kNoLevel) continue;
    Pair& pair = pairs[static_cast<std::size_t>(left[row] / 2) * kCells + right[row] / 2];
    pair.rows += 1;
    // A row without a colour counts as the lowest: its line must not vanish.
    if (colored && colors[row] != kNoLevel) pair.levels += static_cast<float>(colors[row]);
  }
  const int width = pixels_.width(), height = pixels_.height();
  const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  lines_.assign(size, 0.0F);
  levels_.assign(colored ? size : 0, 0.0F);
  const auto y_of = [height](int cell) {
    return static_cast<float>(height - 1) * (1 - static_cast<float>(cell) / (kCells - 1));
  };
  for (int a = 0; a < kCells; ++a) {
    for (int b = 0; b < kCells; ++b) {
      const Pair& pair = pairs[static_cast<std::size_t>(a) * kCells + static_cast<std::size_t>(b)];
      if (pair.rows == 0) continue;
      float y = y_of(a) + 0.5F;
      const float step = (y_of(b) - y_of(a)) / static_cast<float>(std::max(1, width - 1));
      for (int x = 0; x < width; ++x, y += step) {
        const int line = std::clamp(static_cast<int>(y), 0, height - 1);
        const std::size_t at = static_cast<std::size_t>(line) * static_cast<std::size_t>(width) +
                               static_cast<std::size_t>(x);
        lines_[at] += pair.rows;
        if (colored) levels_[at] += pair.levels;
      }
    }
  }
  smooth(lines_);
  if (colored) smooth(levels_);
}

void GapDensity::smooth(std::vector<float>& lines) const {
  const int height = pixels_.height(), radius = (height + 2 * kCells - 1) / (2 * kCells);
  const auto width = static_cast<std::size_t>(pixels_.width());
  const auto window = static_cast<float>(2 * radius + 1);
  std::vector<float> column(static_cast<std::size_t>(height));
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < column.size(); ++y) column[y] = lines[y * width + x];
    for (int y = 0; y < height; ++y) {
      float sum = 0;
      for (int k = std::max(0, y - radius); k <= std::min(height - 1, y + radius); ++k) {
        sum += column[static_cast<std::size_t>(k)];
      }
      lines[static_cast<std::size_t>(y) * width + x] = sum / window;
    }
  }
}

template <class ColorOf>
QImage GapDensity::paint(double weak, const ColorOf& color_of) const {
  QImage image(pixels_, QImage::Format_ARGB32_Premultiplied);
  const float most = lines_.empty() ? 1.0F : *std::max_element(lines_.begin(), lines_.end());
  const double scale = 1 / std::max(0.7, std::log1p(static_cast<double>(most)));
  std::size_t at = 0;
  for (int y = 0; y < pixels_.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < pixels_.width(); ++x, ++at) {
      const float count = lines_.empty() ? 0.0F : lines_[at];
      if (count == 0) {
        line[x] = 0;
        continue;
      }
      const double strength = std::log1p(static_cast<double>(count)) * scale;
      const double alpha = std::clamp(weak + (1 - weak) * strength, 0.0, 1.0);
      const QRgb color = color_of(at);
      line[x] = qPremultiply(qRgba(qRed(color), qGreen(color), qBlue(color),
                                   static_cast<int>(std::lround(alpha * 255))));
    }
  }
  return image;
}

QImage GapDensity::image(QColor color, double weak) const {
  return paint(weak, [rgb = color.rgb()](std::size_t) { return rgb; });
}

QImage GapDensity::image(const Theme& theme, double weak) const {
  std::array<QRgb, kCells> ramp;
  for (std::size_t i = 0; i < ramp.size(); ++i)
    ramp[i] = level_color(theme, static_cast<double>(i) / (kCells - 1)).rgb();
  return paint(weak, [&](std::size_t at) {
    const float level = levels_[at] / lines_[at] * (kCells - 1) / (kLevels - 1);
    return ramp[static_cast<std::size_t>(std::clamp(level, 0.0F, kCells - 1.0F))];
  });
}

}  // namespace nas
