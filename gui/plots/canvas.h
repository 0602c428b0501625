#pragma once

#include <QImage>
#include <QStringList>
#include <QWidget>
#include <functional>

#include "gui/base/theme.h"

class QMenu;

namespace nas {

/// A widget that draws itself with QPainter in the same way on the screen and into SVG, PNG and PDF
/// files: what you see is what is exported. The context menu (right click or the menu key) saves
/// and copies the picture.
class Canvas : public QWidget {
  Q_OBJECT

 public:
  explicit Canvas(QWidget* parent = nullptr);

  /// The whole picture in `size` logical pixels, background included. Fast enough for each frame.
  virtual void draw(QPainter& painter, QSize size, const Theme& theme) = 0;

  /// In the colours of `theme`, with `ratio` device pixels for each logical one.
  QImage picture(QSize size, const Theme& theme, qreal ratio = 1);
  /// Writes a .svg, .png or .pdf file. Throws Error(kUsage) for another ending, Error(kIo) when the
  /// file cannot be written.
  void save(const QString& path, QSize size, const Theme& theme);

  /// Why there is nothing to see, in words, for when there is nothing.
  void setEmptyText(const QString& text);

  /// The size of a saved picture.
  virtual QSize exportSize() const { return size(); }
  QSize sizeHint() const override { return {640, 420}; }
  QSize minimumSizeHint() const override { return {220, 160}; }

 public Q_SLOTS:
  void saveAs();  ///< asks for the file
  void copyPicture();

 protected:
  /// What only the screen shows: rubber band, card of the pointer, focus.
  virtual void drawOverlay(QPainter& painter, const Theme& theme);
  /// Actions of this canvas, above those that save.
  virtual void fillMenu(QMenu&) {}

  /// A small card beside the pointer. Without lines there is none.
  void setCard(QPointF at, QStringList lines);
  QString emptyText() const;
  bool hasEmptyText() const { return !empty_.isEmpty(); }

  void paintEvent(QPaintEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void changeEvent(QEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QPointF card_at_;
  QStringList card_;
  QString empty_;
};

/// A picture drawn by any function, as `Canvas::save` writes it.
void save_picture(const QString& path, QSize size,
                  const std::function<void(QPainter&)>& draw_picture);

}  // namespace nas
