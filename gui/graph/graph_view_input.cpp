#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/graph/graph_view.h"

namespace nas {
namespace {

constexpr double kZoomStep = 1.2, kPanStep = 60, kClick = 4;

}  // namespace

void GraphView::fillMenu(QMenu& menu) {
  menu.addAction(tr("&Fit"), this, &GraphView::fit);
  const int box = currentBox();
  const std::shared_ptr<const Layout> drawn = layout();
  const bool group = drawn && box >= 0 && box < static_cast<int>(drawn->boxes.size()) &&
                     drawn->boxes[static_cast<std::size_t>(box)].group;
  if (group) menu.addAction(tr("&Open group"), this, [this, box] { openGroup(box); });
  if (box >= 0) menu.addAction(tr("Fold &around"), this, [this, box] { closeGroup(box); });
  menu.addAction(tr("Fol&d groups"), this, &GraphView::foldAll);
}

void GraphView::mousePressEvent(QMouseEvent* event) {
  pressed_ = last_ = event->position();
  dragging_ = event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton;
  if (event->button() == Qt::RightButton) setCurrentBox(boxAt(event->position()));
}

void GraphView::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (dragging_) {
    setCursor(Qt::ClosedHandCursor);
    panBy(last_ - at);
    last_ = at;
    return;
  }
  const int index = boxAt(at);
  if (index < 0) return setCard({}, {});
  const LayoutBox& box = layout()->boxes[static_cast<std::size_t>(index)];
  QStringList lines{QString::fromStdString(box.label)};
  if (!box.detail.empty()) lines.append(QString::fromStdString(box.detail));
  lines.append(QString::fromStdString(box.group ? box.scope : graph_.path(box.members.front())));
  lines.append(box.group ? tr("double click opens it")
                         : tr("Shift and double click fold what is around it"));
  setCard(at, lines);
}

void GraphView::mouseReleaseEvent(QMouseEvent* event) {
  unsetCursor();
  const bool click = (event->position() - pressed_).manhattanLength() < kClick;
  if (dragging_ && click && event->button() == Qt::LeftButton) {
    setCurrentBox(boxAt(event->position()));
  }
  dragging_ = false;
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event) {
  const int box = boxAt(event->position());
  if (box >= 0 && event->modifiers().testFlag(Qt::ShiftModifier)) {
    closeGroup(box);
  } else if (box >= 0) {
    openGroup(box);
  } else {
    fit();
  }
}

void GraphView::wheelEvent(QWheelEvent* event) {
  const QPointF turn = event->angleDelta();
  if (event->modifiers().testFlag(Qt::ControlModifier)) {
    zoomAt(std::pow(kZoomStep, turn.y() / 120), event->position());
  } else if (event->modifiers().testFlag(Qt::ShiftModifier)) {
    panBy({-(turn.x() + turn.y()) / 120 * kPanStep, 0});
  } else {
    panBy(-turn / 120 * kPanStep);
  }
  event->accept();
}

void GraphView::keyPressEvent(QKeyEvent* event) {
  const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
  const std::shared_ptr<const Layout> drawn = layout();
  const int last = drawn ? static_cast<int>(drawn->boxes.size()) - 1 : -1;
  switch (event->key()) {
    case Qt::Key_Up:
      return shift ? zoomBy(kZoomStep) : panBy({0, -kPanStep});
    case Qt::Key_Down:
      return shift ? zoomBy(1 / kZoomStep) : panBy({0, kPanStep});
    case Qt::Key_Left:
      return panBy({-kPanStep, 0});
    case Qt::Key_Right:
      return panBy({kPanStep, 0});
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kZoomStep);
    case Qt::Key_Minus:
      return zoomBy(1 / kZoomStep);
    case Qt::Key_0:
      return fit();
    case Qt::Key_N:
      return setCurrentBox(std::min(currentBox() + 1, last));
    case Qt::Key_P:
      return setCurrentBox(std::max(currentBox() - 1, std::min(0, last)));
    case Qt::Key_D:
      return showDifference(shift ? -1 : 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (cancelled_) return startLayout();
      return shift ? closeGroup(currentBox()) : openGroup(currentBox());
    case Qt::Key_Backspace:
      return foldAll();
    case Qt::Key_Escape:
      return job_.running() ? cancelLayout() : setCurrentBox(-1);
    default:
      Canvas::keyPressEvent(event);
  }
}

void GraphView::resizeEvent(QResizeEvent* event) {
  Canvas::resizeEvent(event);
  if (fitted_) return showStart();
  // What is at the upper left stays there.
  const QSize before = event->oldSize().isValid() ? event->oldSize() : size();
  const QSizeF grown = QSizeF(size() - before) / 2;
  setView(zoom_, center_ + QPointF(grown.width(), grown.height()) / zoom_);
}

}  // namespace nas
