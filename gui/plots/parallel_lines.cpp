#include "gui/plots/parallel_lines.h"

#include <algorithm>
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

void GapDensity::count(const AxisLevels& left, const AxisLevels& right,
                       std::span<const std::uint8_t> mask) {
  std::vector<std::uint32_t> pairs(std::size_t{kCells} * kCells, 0);
  for (std::size_t row = 0; row < std::min(left.size(), right.size()); ++row) {
    if (!mask.empty() && mask[row] == 0) continue;
    if (left[row] == kNoLevel || right[row] == kNoLevel) continue;
    ++pairs[static_cast<std::size_t>(left[row] / 2) * kCells + right[row] / 2];
  }
  const int width = pixels_.width(), height = pixels_.height();
  lines_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0.0F);
  const auto y_of = [height](int cell) {
    return static_cast<float>(height - 1) * (1 - static_cast<float>(cell) / (kCells - 1));
  };
  for (int a = 0; a < kCells; ++a) {
    for (int b = 0; b < kCells; ++b) {
      const auto rows = static_cast<float>(
          pairs[static_cast<std::size_t>(a) * kCells + static_cast<std::size_t>(b)]);
      if (rows == 0) continue;
      float y = y_of(a) + 0.5F;
      const float step = (y_of(b) - y_of(a)) / static_cast<float>(std::max(1, width - 1));
      for (int x = 0; x < width; ++x, y += step) {
        const int line = std::clamp(static_cast<int>(y), 0, height - 1);
        lines_[static_cast<std::size_t>(line) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x)] += rows;
      }
    }
  }
  smooth();
}

void GapDensity::smooth() {
  const int height = pixels_.height(), radius = (height + 2 * kCells - 1) / (2 * kCells);
  const auto width = static_cast<std::size_t>(pixels_.width());
  const auto window = static_cast<float>(2 * radius + 1);
  std::vector<float> column(static_cast<std::size_t>(height));
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < column.size(); ++y) column[y] = lines_[y * width + x];
    for (int y = 0; y < height; ++y) {
      float sum = 0;
      for (int k = std::max(0, y - radius); k <= std::min(height - 1, y + radius); ++k) {
        sum += column[static_cast<std::size_t>(k)];
      }
      lines_[static_cast<std::size_t>(y) * width + x] = sum / window;
    }
  }
}

QImage GapDensity::image(QColor color, double weak) const {
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
      line[x] = qPremultiply(qRgba(color.red(), color.green(), color.blue(),
                                   static_cast<int>(std::lround(alpha * 255))));
    }
  }
  return image;
}

}  // namespace nas
