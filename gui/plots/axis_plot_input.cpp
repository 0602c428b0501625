#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>

#include "gui/plots/axis_plot.h"

namespace nas {
namespace {

constexpr double kClick = 4;       ///< a shorter drag is a click, pixels
constexpr double kZoomStep = 1.2;  ///< for a notch of the wheel
constexpr double kKeyZoom = 1.4;
constexpr double kKeyPan = 0.1;  ///< of the visible range

}  // namespace

void AxisPlot::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  if (!hasData()) return;
  const bool left = event->button() == Qt::LeftButton;
  const Qt::KeyboardModifiers keys = event->modifiers();
  if (event->button() == Qt::MiddleButton || (left && keys.testFlag(Qt::ControlModifier))) {
    drag_ = Drag::kPan;
    setCursor(Qt::ClosedHandCursor);
  } else if (left && keys.testFlag(Qt::AltModifier)) {
    drag_ = Drag::kZoom;
  } else if (left) {
    drag_ = Drag::kBrush;
  }
}

void AxisPlot::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (drag_ == Drag::kPan) {
    const QRectF area = plotArea(size());
    panBy((last_.x() - at.x()) / area.width(), (at.y() - last_.y()) / area.height());
  } else if (drag_ == Drag::kNone) {
    hover(at);
  } else {
    const QRectF band = QRectF(pressed_, at).normalized();
    const bool adds = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool click = band.width() < kClick && band.height() < kClick;
    if (drag_ == Drag::kBrush && !adds && !click && brushesLive()) finishBrush(band, false);
    update();
  }
  last_ = at;
}

void AxisPlot::mouseReleaseEvent(QMouseEvent* event) {
  const Drag drag = std::exchange(drag_, Drag::kNone);
  unsetCursor();
  const QRectF band = QRectF(pressed_, event->position()).normalized();
  if (drag == Drag::kBrush) {
    finishBrush(band, event->modifiers().testFlag(Qt::ShiftModifier));
  } else if (drag == Drag::kZoom && band.width() > kClick && band.height() > kClick) {
    const QRectF area = plotArea(size()), part = band & area;
    x_.show((part.left() - area.left()) / area.width(),
            (part.right() - area.left()) / area.width());
    y_.show((area.bottom() - part.bottom()) / area.height(),
            (area.bottom() - part.top()) / area.height());
    changed();
  }
  update();
}

void AxisPlot::finishBrush(QRectF band, bool add) {
  if (selection_ == nullptr) return;
  const Theme theme = Theme::of(palette());
  if (band.width() < kClick && band.height() < kClick) {
    const std::optional<Hit> hit = hitAt(band.center(), frame(theme));
    if (hit && hit->key) {
      if (add) {
        selection_->toggle(*hit->key);
      } else {
        selection_->set({*hit->key});
      }
      selection_->setCurrent(hit->key);
    } else if (!add) {
      selection_->clear();
    }
    return;
  }
  if (brushesInterval()) {
    band.setTop(plotArea(size()).top());
    band.setBottom(plotArea(size()).bottom());
  }
  std::optional<std::vector<RowKey>> keys = keysIn(band, frame(theme));
  if (!keys) return;
  if (add) {
    selection_->add(*keys);
  } else {
    selection_->set(std::move(*keys));
  }
}

void AxisPlot::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) fit();
}

void AxisPlot::hover(QPointF at) {
  std::optional<Hit> hit;
  if (hasData() && plotArea(size()).adjusted(-6, -6, 6, 6).contains(at)) {
    hit = hitAt(at, frame(Theme::of(palette())));
  }
  setCard(hit ? hit->at : QPointF(), hit ? hit->lines : QStringList());
  if (selection_ != nullptr) selection_->setHovered(hit ? hit->key : std::nullopt);
}

void AxisPlot::leaveEvent(QEvent* event) {
  if (selection_ != nullptr) selection_->setHovered(std::nullopt);
  Canvas::leaveEvent(event);
}

void AxisPlot::wheelEvent(QWheelEvent* event) {
  if (!hasData() || event->angleDelta().y() == 0) return;
  const QRectF area = plotArea(size());
  const QPointF at = event->position();
  const double factor = std::pow(kZoomStep, event->angleDelta().y() / 120.0);
  const double share_x = (at.x() - area.left()) / area.width();
  const double share_y = (area.bottom() - at.y()) / area.height();
  const bool over_x = at.y() > area.bottom(), over_y = at.x() < area.left();
  if (!over_y) x_.zoom(factor, share_x);
  if (!over_x) y_.zoom(factor, share_y);
  changed();
  event->accept();
}

void AxisPlot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return panBy(-kKeyPan, 0);
    case Qt::Key_Right:
      return panBy(kKeyPan, 0);
    case Qt::Key_Up:
      return panBy(0, kKeyPan);
    case Qt::Key_Down:
      return panBy(0, -kKeyPan);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kKeyZoom);
    case Qt::Key_Minus:
      return zoomBy(1 / kKeyZoom);
    case Qt::Key_0:
      return fit();
    case Qt::Key_X:
      return setLogarithmic(Qt::Horizontal, !isLogarithmic(Qt::Horizontal));
    case Qt::Key_Y:
      return setLogarithmic(Qt::Vertical, !isLogarithmic(Qt::Vertical));
    case Qt::Key_Return:
    case Qt::Key_Enter:
      return selectVisible(event->modifiers().testFlag(Qt::ShiftModifier));
    case Qt::Key_Escape:
      return selectNothing();
    default:
      Canvas::keyPressEvent(event);
  }
}

}  // namespace nas
