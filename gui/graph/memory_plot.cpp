#include "gui/graph/memory_plot.h"

#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kBytesOfKb = 1024;
constexpr double kRoomForText = 6;  ///< beside and above the shape in a box

double kilobytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / kBytesOfKb;
}

QString words(std::string_view text) {
  return QString::fromStdString(printable(std::string(text)));
}

QString count_text(std::int64_t number) {
  return QString::fromStdString(format_count(number));
}

/// By the name of a maker, which comes from another program: any other is "other".
const FamilyColours& colours_named(std::string_view maker) {
  static const std::vector<FamilyColours> kColours = maker_colours();
  const auto known = std::ranges::find(kColours, maker, &FamilyColours::name);
  return known != kColours.end() ? *known
                                 : *std::ranges::find(kColours, "other", &FamilyColours::name);
}

void paint_box(QPainter& painter, const QRectF& area, const FamilyColours& colours,
               const Theme& theme) {
  painter.setPen(QPen(QColor(words(theme.dark ? colours.dark_stroke : colours.stroke)), 1));
  painter.setBrush(QColor(words(theme.dark ? colours.dark_fill : colours.fill)));
  painter.drawRect(area);
}

}  // namespace

MemoryPlot::MemoryPlot(QWidget* parent) : AxisPlot(parent) {
  setTitle(tr("Memory"));
  setEmptyText(tr("Not planned: Architecture, Plan memory"));
  setAxisTitles(tr("step"), tr("KB"));
  setCounted(Qt::Horizontal);
}

void MemoryPlot::setTimeline(MemoryTimeline timeline) {
  timeline_ = std::move(timeline);
  setTitle(hasData() ? tr("Memory on %1").arg(words(timeline_.device)) : tr("Memory"));
  // A step is as wide as its number is from the next; the number stands below its middle.
  const std::array ends = {-0.5, static_cast<double>(timeline_.steps) - 0.5};
  scaleOf(Qt::Horizontal).setData(ends);
  scaleOf(Qt::Vertical).setHeights(kilobytes(timeline_.top_bytes()));
  fit();
}

QString MemoryPlot::note() const {
  if (!hasData()) return {};
  return tr("SRAM %1 of %2 bytes; most live bytes in step %3: %4")
      .arg(count_text(timeline_.sram_bytes), count_text(timeline_.device_sram_bytes),
           count_text(timeline_.peak_step), count_text(timeline_.peak_bytes));
}

std::vector<LegendEntry> MemoryPlot::legend(const Theme& theme) const {
  std::vector<LegendEntry> entries;
  if (!hasData()) return entries;
  for (const FamilyColours& colours : maker_colours()) {
    const bool used =
        colours.name == "scratch"
            ? timeline_.scratch_bytes() > 0
            : std::ranges::count(timeline_.boxes, colours.name, &MemoryTimeline::Box::made_by) > 0;
    if (!used) continue;
    entries.push_back({.name = words(colours.name),
                       .color = QColor(words(theme.dark ? colours.dark_stroke : colours.stroke)),
                       .mark = LegendMark::kBox,
                       .fill = QColor(words(theme.dark ? colours.dark_fill : colours.fill))});
  }
  return entries;
}

QRectF MemoryPlot::areaOf(const MemoryTimeline::Box& box, const PlotFrame& frame) const {
  const QPointF top_left =
      frame.at(static_cast<double>(box.first_step) - 0.5, kilobytes(box.offset + box.bytes));
  const QPointF bottom_right =
      frame.at(static_cast<double>(box.last_step) + 0.5, kilobytes(box.offset));
  return {top_left, bottom_right};
}

void MemoryPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  for (const MemoryTimeline::Box& box : timeline_.boxes) {
    const QRectF area = areaOf(box, frame);
    if (std::isnan(area.width() + area.height())) continue;  // no place on a logarithmic axis
    paint_box(painter, area, colours_named(box.made_by), frame.theme);
    const QString shape = words(box.shape);
    const QFontMetricsF metrics(painter.font());
    if (metrics.horizontalAdvance(shape) + kRoomForText > area.width() ||
        metrics.height() > area.height()) {
      continue;
    }
    painter.setPen(frame.theme.text);
    painter.drawText(area, Qt::AlignCenter, shape);
  }
  if (timeline_.scratch_bytes() > 0) {
    const MemoryTimeline::Box scratch{.last_step = timeline_.steps - 1,
                                      .offset = timeline_.arena_bytes,
                                      .bytes = timeline_.scratch_bytes()};
    const QRectF area = areaOf(scratch, frame);
    if (!std::isnan(area.width() + area.height())) {
      paint_box(painter, area, colours_named("scratch"), frame.theme);
    }
  }
  drawLimit(painter, frame);
}

void MemoryPlot::drawLimit(QPainter& painter, const PlotFrame& frame) const {
  if (!timeline_.shows_limit()) return;
  const double y = frame.y_at(kilobytes(timeline_.device_sram_bytes));
  painter.setPen(QPen(frame.theme.bound, 1.5, Qt::DashLine));
  painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
  // On the right, where late and small tensors leave room.
  const QString text = tr("SRAM of %1").arg(words(timeline_.device));
  const QFontMetricsF metrics(painter.font());
  painter.setPen(frame.theme.muted);
  painter.drawText(QPointF(frame.area.right() - metrics.horizontalAdvance(text) - kRoomForText,
                           y + metrics.ascent() + 2),
                   text);
}

std::optional<AxisPlot::Hit> MemoryPlot::hitAt(QPointF at, const PlotFrame& frame) {
  for (const MemoryTimeline::Box& box : timeline_.boxes) {
    if (!holds(areaOf(box, frame), at)) continue;
    return Hit{at,
               {words(box.shape + "  " + box.made_by), words(box.name),
                tr("%1 bytes at %2").arg(count_text(box.bytes), count_text(box.offset)),
                tr("steps %1 to %2").arg(box.first_step).arg(box.last_step)},
               std::nullopt};
  }
  return std::nullopt;
}

}  // namespace nas
