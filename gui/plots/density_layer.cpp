#include "gui/plots/density_layer.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/plots/density.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr std::size_t kSparse = 200'000;  ///< fewer rows are drawn as larger dots
constexpr std::size_t kFew = 4000;        ///< chosen rows that are made to stand out
constexpr int kMarginPart = 4;            ///< of the plot area, counted on each side of it
constexpr int kStepBack = 90;             ///< opacity of what is not chosen, of 255

/// Pixels of a picture for a unit of an axis.
double density(const PlotScale& scale, int pixels) {
  return scale.slope() * pixels;
}

/// The pixel of the low end of `inner` in a picture that shows `outer`.
double offset(const PlotScale& inner, const PlotScale& outer, int pixels) {
  const double low = -inner.offset() / inner.slope();
  return (low * outer.slope() + outer.offset()) * pixels;
}

}  // namespace

void DensityLayer::draw(QPainter& painter, const PlotFrame& frame, const DensityRows& all,
                        const DensityRows& chosen) {
  const double ratio = device_ratio(painter);
  const QSize pixels = (frame.area.size() * ratio).toSize().expandedTo({1, 1});
  std::optional<QRect> shown = part(frame, pixels);
  if (!shown) {
    // Only who pans needs a margin: a first picture and each step of a zoom would count for naught.
    count(frame, pixels, !image_.isNull() && sameZoom(frame, pixels));
    paint(frame.theme, ratio, all, chosen);
    shown = part(frame, pixels);
  }
  if (shown) painter.drawImage(frame.area, image_, *shown);
}

bool DensityLayer::sameZoom(const PlotFrame& frame, QSize pixels) const {
  const auto equal = [](double a, double b) { return std::abs(a / b - 1) < 1e-6; };
  return visible_ == pixels && x_.logarithmic() == frame.x.logarithmic() &&
         y_.logarithmic() == frame.y.logarithmic() &&
         equal(density(x_, size_.width()), density(frame.x, pixels.width())) &&
         equal(density(y_, size_.height()), density(frame.y, pixels.height()));
}

std::optional<QRect> DensityLayer::part(const PlotFrame& frame, QSize pixels) const {
  if (image_.isNull() || dark_ != frame.theme.dark || !sameZoom(frame, pixels)) return std::nullopt;
  const double left = std::round(offset(frame.x, x_, size_.width()));
  const double below = std::round(offset(frame.y, y_, size_.height()));
  const double top = size_.height() - pixels.height() - below;
  // NaN fails as well.
  if (!(left >= 0 && top >= 0 && left + pixels.width() <= size_.width() && below >= 0))
    return std::nullopt;
  return QRect(QPoint(static_cast<int>(left), static_cast<int>(top)), pixels);
}

void DensityLayer::count(const PlotFrame& frame, QSize pixels, bool margin) {
  visible_ = size_ = pixels;
  x_ = frame.x;
  y_ = frame.y;
  dark_ = frame.theme.dark;
  if (!margin) return;
  const QSize wide = pixels + 2 * (pixels / kMarginPart);
  x_.zoom(static_cast<double>(pixels.width()) / wide.width(), 0.5);
  y_.zoom(static_cast<double>(pixels.height()) / wide.height(), 0.5);
  size_ = wide;
  if (sameZoom(frame, pixels)) return;
  // At the weakest zoom there is nothing around.
  x_ = frame.x;
  y_ = frame.y;
  size_ = pixels;
}

void DensityLayer::paint(const Theme& theme, double ratio, const DensityRows& all,
                         const DensityRows& chosen) {
  DensityGrid grid(size_, x_, y_);
  grid.add(all.x, all.y);
  grid.spread(static_cast<int>(std::lround(all.shown < kSparse ? ratio : 0)));
  image_ = grid.image(theme);
  if (chosen.shown == 0) return;
  DensityGrid above(size_, x_, y_);
  above.add(chosen.x, chosen.y);
  const double size = chosen.shown < kFew ? 1.5 : chosen.shown < kSparse ? 1 : 0;
  above.spread(static_cast<int>(std::lround(size * ratio)));
  QPainter blend(&image_);
  if (chosen.shown > 1) {
    blend.setCompositionMode(QPainter::CompositionMode_DestinationIn);
    blend.fillRect(image_.rect(), QColor(0, 0, 0, kStepBack));
    blend.setCompositionMode(QPainter::CompositionMode_SourceOver);
  }
  blend.drawImage(0, 0, above.image(theme.selection));
}

}  // namespace nas
