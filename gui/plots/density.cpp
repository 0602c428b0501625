#include "gui/plots/density.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nas {
namespace {

constexpr std::size_t kColors = 256;

/// The ramp without the end that would melt into the background.
std::array<QRgb, kColors> ramp_colors(const Theme& theme) {
  std::array<QRgb, kColors> colors;
  const double from = theme.dark ? 0.3 : 0.0, to = theme.dark ? 1.0 : 0.92;
  for (std::size_t i = 0; i < kColors; ++i) {
    const double at = static_cast<double>(i) / (kColors - 1);
    colors[i] = theme.ramp(from + at * (to - from)).rgb();
  }
  return colors;
}

}  // namespace

DensityGrid::DensityGrid(QSize pixels, const PlotScale& x, const PlotScale& y)
    : pixels_(pixels.expandedTo({1, 1})),
      x_(x),
      y_(y),
      counts_(static_cast<std::size_t>(pixels_.width()) *
              static_cast<std::size_t>(pixels_.height())) {}

void DensityGrid::add(std::span<const double> x, std::span<const double> y,
                      std::span<const std::uint8_t> mask) {
  const double width = pixels_.width(), height = pixels_.height();
  // The affine part of the scales is folded into two multiplications for each row.
  const double slope_x = x_.slope() * width, offset_x = x_.offset() * width;
  const double slope_y = -y_.slope() * height, offset_y = (1 - y_.offset()) * height;
  const std::size_t rows = std::min(x.size(), y.size());
  for (std::size_t row = 0; row < rows; ++row) {
    if (!mask.empty() && mask[row] == 0) continue;
    const double px = x[row] * slope_x + offset_x;
    const double py = y[row] * slope_y + offset_y;
    // NaN and infinities fail these comparisons.
    if (!(px >= 0 && px < width && py >= 0 && py < height)) continue;
    ++counts_[static_cast<std::size_t>(py) * static_cast<std::size_t>(pixels_.width()) +
              static_cast<std::size_t>(px)];
  }
}

std::uint32_t DensityGrid::largest() const {
  return *std::max_element(counts_.begin(), counts_.end());
}

std::uint32_t DensityGrid::at(int x, int y) const {
  return counts_[static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels_.width()) +
                 static_cast<std::size_t>(x)];
}

void DensityGrid::spread(int radius) {
  if (radius <= 0) return;
  const int width = pixels_.width(), height = pixels_.height();
  std::vector<std::uint32_t> wide(counts_.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint32_t count = at(x, y);
      if (count == 0) continue;
      for (int dy = -radius; dy <= radius; ++dy) {
        for (int dx = -radius; dx <= radius; ++dx) {
          const int tx = x + dx, ty = y + dy;
          if (dx * dx + dy * dy > radius * radius + 1 || tx < 0 || ty < 0 || tx >= width ||
              ty >= height) {
            continue;
          }
          auto& target = wide[static_cast<std::size_t>(ty) * static_cast<std::size_t>(width) +
                              static_cast<std::size_t>(tx)];
          target = std::max(target, count);
        }
      }
    }
  }
  counts_ = std::move(wide);
}

QImage DensityGrid::image(const Theme& theme) const {
  const std::array<QRgb, kColors> colors = ramp_colors(theme);
  const double scale = (kColors - 1) / std::max(1.0, std::log1p(largest()));
  // Small counts are most of a picture: their colours are looked up.
  std::array<QRgb, 1024> small;
  const auto color_of = [&](std::uint32_t count) {
    return colors[std::min(kColors - 1, static_cast<std::size_t>(std::log1p(count) * scale))];
  };
  for (std::size_t i = 0; i < small.size(); ++i) small[i] = color_of(static_cast<std::uint32_t>(i));
  QImage image(pixels_, QImage::Format_ARGB32_Premultiplied);
  std::size_t at = 0;
  for (int y = 0; y < pixels_.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < pixels_.width(); ++x, ++at) {
      const std::uint32_t count = counts_[at];
      line[x] = count == 0 ? 0 : count < small.size() ? small[count] : color_of(count);
    }
  }
  return image;
}

QImage DensityGrid::image(QColor color) const {
  QImage image(pixels_, QImage::Format_ARGB32_Premultiplied);
  const QRgb value = color.rgb();
  std::size_t at = 0;
  for (int y = 0; y < pixels_.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < pixels_.width(); ++x, ++at) line[x] = counts_[at] == 0 ? 0 : value;
  }
  return image;
}

}  // namespace nas
