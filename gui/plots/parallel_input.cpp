#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>
#include <span>

#include "gui/plots/parallel_plot.h"

namespace nas {
namespace {

constexpr double kReach = 14;         ///< of an axis around its line, pixels
constexpr double kLeastBrush = 0.01;  ///< a shorter drag removes the brush
constexpr double kKeyStep = 0.05;
constexpr std::size_t kLiveRows = 50'000;  ///< up to here the selection follows the pointer

}  // namespace

void ParallelPlot::moveAxis(int from, int to) {
  if (from < 0 || to < 0 || from >= axisCount() || to >= axisCount() || from == to) return;
  const auto begin = axes_.begin();
  if (from < to) {
    std::rotate(begin + from, begin + from + 1, begin + to + 1);
  } else {
    std::rotate(begin + to, begin + from, begin + from + 1);
  }
  density_ = QImage();
  update();
}

void ParallelPlot::invertAxis(int index) {
  if (index < 0 || index >= axisCount()) return;
  Axis& axis = axes_[static_cast<std::size_t>(index)];
  axis.inverted = !axis.inverted;
  // The brush stays on its values.
  if (axis.brush) axis.brush = std::pair(1 - axis.brush->second, 1 - axis.brush->first);
  updateLevels(axis);
  update();
}

void ParallelPlot::setAxisLogarithmic(int index, bool on) {
  if (index < 0 || index >= axisCount()) return;
  Axis& axis = axes_[static_cast<std::size_t>(index)];
  axis.scale.setLogarithmic(on);
  axis.brush.reset();
  updateLevels(axis);
  if (axis.column == color_column_) updateColors();
  update();
}

void ParallelPlot::setBrush(int index, double low, double high) {
  if (index < 0 || index >= axisCount()) return;
  Axis& axis = axes_[static_cast<std::size_t>(index)];
  low = std::clamp(low, 0.0, 1.0);
  high = std::clamp(high, 0.0, 1.0);
  if (high > low) {
    axis.brush = std::pair(low, high);
  } else {
    axis.brush.reset();
  }
  selectByBrushes();
  update();
}

void ParallelPlot::clearBrushes() {
  for (Axis& axis : axes_) axis.brush.reset();
  if (selection_ != nullptr) selection_->clear();
  update();
}

void ParallelPlot::selectByBrushes() {
  if (selection_ == nullptr) return;
  struct Bounds {
    std::span<const double> values;
    const PlotScale* scale;
    double low, high;  ///< shares of the scale
  };
  std::vector<Bounds> bounds;
  for (const Axis& axis : axes_) {
    if (!axis.brush) continue;
    const auto [low, high] = *axis.brush;
    bounds.push_back({columns_[static_cast<std::size_t>(axis.column)].span(), &axis.scale,
                      axis.inverted ? 1 - high : low, axis.inverted ? 1 - low : high});
  }
  // By the values themselves: the levels of the drawing are too coarse to select by.
  std::vector<RowKey> keys;
  for (std::size_t row = 0; row < rows_ && !bounds.empty(); ++row) {
    const bool inside = std::all_of(bounds.begin(), bounds.end(), [row](const Bounds& bound) {
      const double share = bound.scale->share(bound.values[row]);
      return share >= bound.low && share <= bound.high;
    });
    if (inside) keys.push_back(keys_.key(row));
  }
  selection_->set(std::move(keys));
}

void ParallelPlot::fillMenu(QMenu& menu) {
  if (axes_.empty()) return;
  const int axis = current_;
  const QString name = columns_[static_cast<std::size_t>(columnAt(axis))].title.left(60);
  menu.addAction(tr("&Invert %1").arg(name), this, [this, axis] { invertAxis(axis); });
  QAction* log = menu.addAction(tr("&Logarithmic %1").arg(name));
  log->setCheckable(true);
  log->setChecked(axes_[static_cast<std::size_t>(axis)].scale.logarithmic());
  connect(log, &QAction::toggled, this, [this, axis](bool on) { setAxisLogarithmic(axis, on); });
  menu.addAction(tr("Colour &by %1").arg(name), this,
                 [this, axis] { setColorColumn(columnAt(axis)); });
  menu.addAction(tr("&Remove all brushes"), this, &ParallelPlot::clearBrushes);
}

void ParallelPlot::mousePressEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  const bool on_name = at.y() < axisPoint(0, 1).y() - 4;
  const int axis = axisNear(at.x(), on_name ? 46 : kReach);
  if (axis < 0) return;
  current_ = axis;
  if (event->button() != Qt::LeftButton) return;
  if (on_name) {
    dragged_ = axis;
    drag_x_ = at.x();
  } else {
    brushed_ = axis;
    brush_start_ = heightAt(at);
  }
  update();
}

void ParallelPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (dragged_ >= 0) {
    drag_x_ = at.x();
    const double own = axisPoint(dragged_, 0).x();
    const int target = axisNear(at.x(), 1e9);
    const bool past = std::abs(at.x() - axisPoint(target, 0).x()) < std::abs(at.x() - own);
    if (target != dragged_ && past) {
      moveAxis(dragged_, target);
      dragged_ = current_ = target;
    }
    update();
  } else if (brushed_ >= 0) {
    const auto [low, high] = std::minmax({brush_start_, heightAt(at)});
    if (rows_ <= kLiveRows) {
      setBrush(brushed_, low, high);
    } else {
      axes_[static_cast<std::size_t>(brushed_)].brush = std::pair(low, high);
      update();
    }
  } else {
    const bool on_name = at.y() < axisPoint(0, 1).y() - 4;
    const bool near = axisNear(at.x(), on_name ? 46 : kReach) >= 0;
    setCursor(near ? (on_name ? Qt::OpenHandCursor : Qt::SplitVCursor) : Qt::ArrowCursor);
  }
}

void ParallelPlot::mouseReleaseEvent(QMouseEvent* event) {
  if (brushed_ >= 0) {
    const auto [low, high] = std::minmax({brush_start_, heightAt(event->position())});
    setBrush(brushed_, low, high - low < kLeastBrush ? low : high);
  }
  dragged_ = brushed_ = -1;
  update();
}

void ParallelPlot::mouseDoubleClickEvent(QMouseEvent* event) {
  const bool on_name = event->position().y() < axisPoint(0, 1).y() - 4;
  if (on_name) invertAxis(axisNear(event->position().x(), 46));
}

void ParallelPlot::keyPressEvent(QKeyEvent* event) {
  if (axes_.empty()) return Canvas::keyPressEvent(event);
  const bool move = event->modifiers().testFlag(Qt::ControlModifier);
  Axis& axis = axes_[static_cast<std::size_t>(current_)];
  const auto [low, high] = axis.brush.value_or(std::pair(0.75, 1.0));
  const auto walk = [&](int step) {
    const int next = std::clamp(current_ + step, 0, axisCount() - 1);
    if (move) moveAxis(current_, next);
    current_ = next;
    update();
  };
  const auto shift = [&](double from, double to) {
    if (!axis.brush) return setBrush(current_, low, high);
    setBrush(current_, low + from, high + to);
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return walk(-1);
    case Qt::Key_Right:
      return walk(1);
    case Qt::Key_Up:
      return shift(high < 1 ? kKeyStep : 0, kKeyStep);
    case Qt::Key_Down:
      return shift(-kKeyStep, low > 0 ? -kKeyStep : 0);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return shift(-kKeyStep, kKeyStep);
    case Qt::Key_Minus:
      return shift(kKeyStep, -kKeyStep);
    case Qt::Key_I:
      return invertAxis(current_);
    case Qt::Key_L:
      return setAxisLogarithmic(current_, !axis.scale.logarithmic());
    case Qt::Key_C:
      return setColorColumn(columnAt(current_));
    case Qt::Key_Delete:
      return setBrush(current_, 0, 0);
    case Qt::Key_Escape:
      return clearBrushes();
    default:
      Canvas::keyPressEvent(event);
  }
}

}  // namespace nas
