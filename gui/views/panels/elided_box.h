#pragma once

#include <QComboBox>
#include <QStylePainter>

namespace nas {

/// A list to choose from whose text ends in an ellipsis where there is no room, whole in its tool
/// tip. Its list is as wide as its texts.
class ElidedBox final : public QComboBox {
 public:
  using QComboBox::QComboBox;

  void showPopup() override {
    view()->setMinimumWidth(view()->sizeHintForColumn(0) + 40);
    QComboBox::showPopup();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const int room =
        style()
            ->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this)
            .width() -
        4;
    const QString shown = fontMetrics().elidedText(currentText(), Qt::ElideRight, room);
    setToolTip(shown == currentText() ? QString()
                                      : "<p>" + currentText().left(1000).toHtmlEscaped() + "</p>");
    option.currentText = shown;
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
  }
};

}  // namespace nas
