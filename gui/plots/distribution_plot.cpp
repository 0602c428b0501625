#include "gui/plots/distribution_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace nas {
namespace {

constexpr double kFewest = 8, kMost = 120;

/// Freedman and Diaconis (1981): width 2 IQR / n^(1/3), within limits.
std::size_t count_of_bins(const std::vector<double>& sorted, double range_units, double quartiles) {
  const double width = 2 * quartiles / std::cbrt(static_cast<double>(sorted.size()));
  const double wanted = width > 0 ? range_units / width : kFewest;
  return static_cast<std::size_t>(std::clamp(std::ceil(wanted), kFewest, kMost));
}

}  // namespace

DistributionPlot::DistributionPlot(QWidget* parent) : AxisPlot(parent) {
  setTitle(tr("Distribution"));
  setCounted(Qt::Vertical);
  setRightMargin(52);
}

void DistributionPlot::setData(PlotColumn column, RowKeys keys) {
  column_ = std::move(column);
  keys_ = std::move(keys);
  sorted_.clear();
  for (const double value : column_.span()) {
    if (std::isfinite(value)) sorted_.push_back(value);
  }
  skipped_ = column_.size() - sorted_.size();
  std::sort(sorted_.begin(), sorted_.end());
  setAxisTitles(column_.title, tr("rows"));
  scaleOf(Qt::Horizontal).setData(sorted_);
  scaleOf(Qt::Horizontal).setLogarithmic(column_.logarithmic);
  countBins();
  update();
}

void DistributionPlot::countBins() {
  bins_.clear();
  const PlotScale& scale = scaleOf(Qt::Horizontal);
  binned_log_ = scale.logarithmic();
  const auto begin =
      binned_log_ ? std::upper_bound(sorted_.begin(), sorted_.end(), 0.0) : sorted_.begin();
  if (begin == sorted_.end()) return;
  const std::vector<double> values(begin, sorted_.end());
  const double low = scale.transformed(values.front()), high = scale.transformed(values.back());
  const double quartiles = scale.transformed(values[values.size() * 3 / 4]) -
                           scale.transformed(values[values.size() / 4]);
  // Not of one value, nor so wide that the range overflows.
  const bool several = high > low && std::isfinite(high - low);
  const std::size_t count = several ? count_of_bins(values, high - low, quartiles) : 1;
  const double width = several ? (high - low) / static_cast<double>(count) : 1;
  const auto plain = [&](double units) { return binned_log_ ? std::pow(10.0, units) : units; };
  const double first = several ? low : low - 0.5;
  for (std::size_t i = 0; i < count; ++i) {
    bins_.push_back({plain(first + width * static_cast<double>(i)),
                     plain(first + width * static_cast<double>(i + 1))});
  }
  bins_.front().low = std::min(bins_.front().low, values.front());
  bins_.back().high = std::max(bins_.back().high, values.back());
  for (const double value : values) ++bins_[binOf(value)].rows;
  double most = 0;
  for (const Bin& bin : bins_) most = std::max(most, static_cast<double>(bin.rows));
  scaleOf(Qt::Vertical).setHeights(most);
  selectionChanged();
}

std::size_t DistributionPlot::binOf(double value) const {
  const auto next = std::upper_bound(bins_.begin(), bins_.end(), value,
                                     [](double v, const Bin& bin) { return v < bin.low; });
  return next == bins_.begin() ? 0 : static_cast<std::size_t>(next - bins_.begin()) - 1;
}

void DistributionPlot::selectionChanged() {
  for (Bin& bin : bins_) bin.selected = 0;
  if (selection() != nullptr && !bins_.empty()) {
    for (const RowKey key : selection()->keys()) {
      const std::size_t row = keys_.row(key, column_.size());
      if (row == column_.size()) continue;
      const double value = column_.span()[row];
      if (value >= bins_.front().low && value <= bins_.back().high) ++bins_[binOf(value)].selected;
    }
  }
  update();
}

void DistributionPlot::viewChanged() {
  if (scaleOf(Qt::Horizontal).logarithmic() != binned_log_) countBins();
}

QString DistributionPlot::note() const {
  if (column_.size() == 0) return {};
  QString text =
      tr("Showing all of %1 rows in %2 bins").arg(counted(sorted_.size())).arg(bins_.size());
  if (skipped_ > 0) text += tr("; %1 without a finite value").arg(counted(skipped_));
  if (binned_log_ && !sorted_.empty() && sorted_.front() <= 0) {
    const auto bad = std::upper_bound(sorted_.begin(), sorted_.end(), 0.0) - sorted_.begin();
    text += tr("; %1 not positive").arg(counted(static_cast<std::size_t>(bad)));
  }
  return text;
}

std::vector<LegendEntry> DistributionPlot::legend(const Theme& theme) const {
  if (!hasData()) return {};
  return {{tr("rows in a bin"), theme.series[0], 1, LegendMark::kShape},
          {tr("share up to here"), theme.series[2], 0, LegendMark::kLine}};
}

void DistributionPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  for (const Bin& bin : bins_) {
    const double left = frame.x_at(bin.low), right = frame.x_at(bin.high);
    const auto bar = [&](std::size_t rows, QColor color) {
      if (rows == 0) return;
      // A logarithmic axis has no zero: bars begin at its lower end.
      const double zero = frame.y.logarithmic() ? frame.area.bottom() : frame.y_at(0);
      const double top = std::min(frame.y_at(static_cast<double>(rows)), zero - 1);
      painter.fillRect(QRectF(left + 0.5, top, std::max(1.0, right - left - 1), zero - top), color);
    };
    QColor plain = frame.theme.series[0];
    plain.setAlpha(190);
    bar(bin.rows, plain);
    bar(bin.selected, frame.theme.selection);
  }
  drawCumulative(painter, frame);
}

void DistributionPlot::drawCumulative(QPainter& painter, const PlotFrame& frame) const {
  // One step for each pixel column is all that can be seen.
  QPolygonF line;
  const auto total = static_cast<double>(sorted_.size());
  for (double x = frame.area.left(); x <= frame.area.right(); ++x) {
    const double value = frame.x.value((x - frame.area.left()) / frame.area.width());
    const auto below = std::upper_bound(sorted_.begin(), sorted_.end(), value) - sorted_.begin();
    line.append(
        {x, frame.area.bottom() - static_cast<double>(below) / total * frame.area.height()});
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(frame.theme.background, 4));
  painter.drawPolyline(line);
  painter.setPen(QPen(frame.theme.series[2], 2));
  painter.drawPolyline(line);
  painter.setClipping(false);
  painter.setPen(frame.theme.muted);
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = frame.area.bottom() - percent / 100.0 * frame.area.height();
    painter.drawText(QRectF(frame.area.right() + 6, y - 10, 44, 20),
                     Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("%1 %").arg(percent));
  }
}

std::optional<AxisPlot::Hit> DistributionPlot::hitAt(QPointF at, const PlotFrame& frame) {
  const double value = frame.x.value((at.x() - frame.area.left()) / frame.area.width());
  if (bins_.empty() || value < bins_.front().low || value > bins_.back().high) return std::nullopt;
  const Bin& bin = bins_[binOf(value)];
  const auto below = std::upper_bound(sorted_.begin(), sorted_.end(), value) - sorted_.begin();
  QStringList lines{
      tr("%1 to %2").arg(number_text(bin.low), number_text(bin.high)),
      tr("%1 rows").arg(counted(bin.rows)),
      tr("%1 % up to here")
          .arg(100.0 * static_cast<double>(below) / static_cast<double>(sorted_.size()), 0, 'f',
               1)};
  if (bin.selected > 0) lines.append(tr("%1 selected").arg(counted(bin.selected)));
  return Hit{at, lines, std::nullopt};
}

std::optional<std::vector<RowKey>> DistributionPlot::keysIn(QRectF area, const PlotFrame& frame) {
  std::vector<RowKey> keys;
  const auto values = column_.span();
  for (std::size_t row = 0; row < values.size(); ++row) {
    const double x = frame.x_at(values[row]);
    if (x >= area.left() && x <= area.right()) keys.push_back(keys_.key(row));
  }
  return keys;
}

}  // namespace nas
