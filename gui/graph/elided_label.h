#pragma once

#include <QLabel>
#include <QPainter>

namespace nas {

/// One line of plain text that ends in an ellipsis where there is no room, whole in its tool tip.
class ElidedLabel final : public QLabel {
 public:
  using QLabel::QLabel;

  void setWhole(const QString& text) {
    whole_ = text.left(4000);
    setAccessibleName(whole_);
    setToolTip(whole_.left(1000).toHtmlEscaped());
    update();
  }
  QSize sizeHint() const override { return {200, fontMetrics().height() + 4}; }
  QSize minimumSizeHint() const override { return {40, fontMetrics().height() + 4}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(whole_, Qt::ElideRight, width()));
  }

 private:
  QString whole_;
};

}  // namespace nas
