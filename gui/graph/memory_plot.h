#pragma once

#include "app/memory/memory_timeline.h"
#include "gui/plots/axis_plot.h"

namespace nas {

/// A microcontroller's memory over the steps of a network: a box for each buffer where it lies
/// while it is needed, scratch above the arena, a line at the device's SRAM where it is near.
class MemoryPlot final : public AxisPlot {
  Q_OBJECT

 public:
  explicit MemoryPlot(QWidget* parent = nullptr);
  void setTimeline(MemoryTimeline timeline);
  const MemoryTimeline& timeline() const { return timeline_; }
  QString note() const override;

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  bool hasData() const override { return !timeline_.boxes.empty(); }

 private:
  QRectF areaOf(const MemoryTimeline::Box& box, const PlotFrame& frame) const;
  void drawLimit(QPainter& painter, const PlotFrame& frame) const;

  MemoryTimeline timeline_;
};

}  // namespace nas
