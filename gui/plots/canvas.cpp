#include "gui/plots/canvas.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/file.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kFileRatio = 2;     ///< PNG files stay sharp on paper and dense screens
constexpr double kMostPixels = 6e7;  ///< of a PNG file; larger pictures lose sharpness instead

double file_ratio(QSize size) {
  const double pixels = static_cast<double>(size.width()) * size.height();
  return std::min(kFileRatio, std::sqrt(kMostPixels / std::max(1.0, pixels)));
}

void write_svg(QIODevice& file, QSize size, const std::function<void(QPainter&)>& draw) {
  QSvgGenerator generator;
  generator.setOutputDevice(&file);
  generator.setSize(size);
  generator.setViewBox(QRect(QPoint(), size));
  // 90 is Qt's unit of user space: fonts and lines keep their size in pixels.
  generator.setResolution(90);
  QPainter painter(&generator);
  draw(painter);
}

void write_pdf(QIODevice& file, QSize size, const std::function<void(QPainter&)>& draw) {
  QPdfWriter writer(&file);
  constexpr int kDotsPerInch = 96;
  writer.setResolution(kDotsPerInch);
  writer.setPageSize(QPageSize(QSizeF(size) * 72.0 / kDotsPerInch, QPageSize::Point));
  writer.setPageMargins(QMarginsF());
  QPainter painter(&writer);
  draw(painter);
}

bool write_png(QIODevice& file, QSize size, const std::function<void(QPainter&)>& draw) {
  const double ratio = file_ratio(size);
  QImage image(size * ratio, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(ratio);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  draw(painter);
  painter.end();
  return image.save(&file, "PNG");
}

}  // namespace

void save_picture(const QString& path, QSize size,
                  const std::function<void(QPainter&)>& draw_picture) {
  const QString ending = QFileInfo(path).suffix().toLower();
  if (ending != "svg" && ending != "pdf" && ending != "png") {
    throw Error(ErrorKind::kUsage, "picture '" + path.toStdString() +
                                       "': expected a name that ends in .svg, .png or .pdf");
  }
  // Drawn in memory: a full disk leaves no half picture, and does not go unnoticed.
  QBuffer file;
  file.open(QIODevice::WriteOnly);
  if (ending == "svg") write_svg(file, size, draw_picture);
  if (ending == "pdf") write_pdf(file, size, draw_picture);
  if (ending == "png" && !write_png(file, size, draw_picture)) {
    throw Error(ErrorKind::kIo, "picture '" + path.toStdString() + "': cannot be drawn");
  }
  const QByteArray& content = file.data();
  write_file_atomically(path.toStdString(),
                        {content.constData(), static_cast<std::size_t>(content.size())});
}

Canvas::Canvas(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
}

QImage Canvas::picture(QSize size, const Theme& theme, qreal ratio) {
  QImage image(size * ratio, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(ratio);
  QPainter painter(&image);
  painter.setFont(font());
  draw(painter, size, theme);
  return image;
}

void Canvas::save(const QString& path, QSize size, const Theme& theme) {
  save_picture(path, size, [&](QPainter& painter) {
    painter.setFont(font());
    draw(painter, size, theme);
  });
}

void Canvas::saveAs() {
  const QString path = QFileDialog::getSaveFileName(this, tr("Save picture"), {},
                                                    tr("Pictures (*.svg *.png *.pdf)"));
  if (path.isEmpty()) return;
  try {
    save(path, exportSize(), Theme::of(palette()));
  } catch (const Error& error) {
    QMessageBox::warning(this, tr("Save picture"), QString::fromStdString(error.what()));
  }
}

void Canvas::copyPicture() {
  const QSize size = exportSize();
  QApplication::clipboard()->setImage(picture(size, Theme::of(palette()), file_ratio(size)));
}

void Canvas::setCard(QPointF at, QStringList lines) {
  if (lines == card_ && (at == card_at_ || lines.isEmpty())) return;
  card_at_ = at;
  card_ = std::move(lines);
  update();
}

void Canvas::setEmptyText(const QString& text) {
  empty_ = text;
  update();
}

QString Canvas::emptyText() const {
  return empty_.isEmpty() ? tr("Nothing to show yet") : empty_;
}

void Canvas::drawOverlay(QPainter& painter, const Theme& theme) {
  if (!card_.isEmpty()) draw_card(painter, QRectF(rect()), card_at_, card_, theme);
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.accent, 1));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void Canvas::paintEvent(QPaintEvent*) {
  const Theme theme = Theme::of(palette());
  QPainter painter(this);
  draw(painter, size(), theme);
  drawOverlay(painter, theme);
}

void Canvas::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  fillMenu(menu);
  menu.addActions(actions());  // what the window around it offers
  if (!menu.isEmpty()) menu.addSeparator();
  menu.addAction(tr("&Save picture…"), this, &Canvas::saveAs);
  menu.addAction(tr("&Copy picture"), this, &Canvas::copyPicture);
  menu.exec(event->globalPos());
}

void Canvas::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) update();
}

void Canvas::leaveEvent(QEvent*) {
  setCard({}, {});
}

}  // namespace nas
