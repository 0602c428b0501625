#include "gui/plots/correlation_plot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/util/statistics.h"
#include "gui/plots/plot_paint.h"

namespace nas {
namespace {

constexpr double kMargin = 14, kTop = 46, kBottom = 34, kMostCell = 64;
constexpr double kNamedCell = 14;          ///< lower ones leave no room for names above them
constexpr double kNumberCell = 46;         ///< wide enough for a number
constexpr double kLeastText = 8;           ///< pixels of the smallest letters
constexpr std::size_t kMostRows = 20'000;  ///< more are thinned evenly

/// Blue for negative, orange for positive, the background for none: safe for the colour-blind.
QColor cell_color(double rho, const Theme& theme) {
  const QColor end = rho < 0 ? QColor("#2166ac") : QColor("#d55e00");
  const double part = std::min(1.0, std::abs(rho));
  const auto mix = [part](int from, int to) {
    return static_cast<int>(std::lround(from + part * (to - from)));
  };
  const QColor base = theme.dark ? QColor("#2a2f37") : QColor("#f3f4f6");
  return QColor(mix(base.red(), end.red()), mix(base.green(), end.green()),
                mix(base.blue(), end.blue()));
}

/// Letters that fit into rows of this height, not larger than they are.
void fit_font(QPainter& painter, double height) {
  QFont font = painter.font();
  const int usual = QFontInfo(font).pixelSize();
  font.setPixelSize(std::clamp(static_cast<int>(height * 0.8), static_cast<int>(kLeastText) - 1,
                               std::max(usual, static_cast<int>(kLeastText))));
  painter.setFont(font);
}

QColor ink_on(QColor back) {
  return back.lightnessF() < 0.55F ? QColor("#ffffff") : QColor("#1f2328");
}

}  // namespace

std::vector<std::optional<double>> correlation_matrix(const std::vector<PlotColumn>& columns,
                                                      std::size_t most_rows) {
  const std::size_t count = columns.size();
  std::vector<std::optional<double>> matrix(count * count);
  std::size_t rows = count == 0 ? 0 : columns.front().size();
  for (const PlotColumn& column : columns) rows = std::min(rows, column.size());
  const std::size_t wanted = std::min(rows, std::max<std::size_t>(most_rows, 2));
  std::vector<std::vector<double>> chosen(count), ranks(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t n = 0; n < wanted; ++n)
      chosen[i].push_back(columns[i].span()[n * rows / wanted]);
    const bool whole = std::all_of(chosen[i].begin(), chosen[i].end(),
                                   [](double value) { return std::isfinite(value); });
    if (whole) ranks[i] = average_ranks(chosen[i]);
  }
  std::vector<double> a, b;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      std::optional<double>& rho = matrix[i * count + k];
      if (!ranks[i].empty() && !ranks[k].empty()) {
        // Without gaps the ranks of a column are the same in each of its pairs.
        rho = pearson(ranks[i], ranks[k]);
      } else {
        a.clear();
        b.clear();
        for (std::size_t n = 0; n < wanted; ++n) {
          if (!std::isfinite(chosen[i][n]) || !std::isfinite(chosen[k][n])) continue;
          a.push_back(chosen[i][n]);
          b.push_back(chosen[k][n]);
        }
        rho = spearman(a, b);
      }
      matrix[k * count + i] = rho;
    }
  }
  return matrix;
}

CorrelationPlot::CorrelationPlot(QWidget* parent) : Canvas(parent) {
  setAccessibleName(tr("Rank correlations"));
}

void CorrelationPlot::setColumns(const std::vector<PlotColumn>& columns) {
  setColumns(columns, correlation_matrix(columns, kMostRows));
}

void CorrelationPlot::setColumns(const std::vector<PlotColumn>& columns,
                                 std::vector<std::optional<double>> matrix) {
  QStringList names;
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  for (const PlotColumn& column : columns) names.append(column.title);
  const QString note =
      rows > kMostRows
          ? tr("Spearman ρ of %1 of %2 rows, evenly chosen").arg(counted(kMostRows), counted(rows))
          : tr("Spearman ρ of all of %1 rows").arg(counted(rows));
  setMatrix(short_titles(names), std::move(matrix), note);
}

void CorrelationPlot::setMatrix(QStringList names, std::vector<std::optional<double>> values,
                                const QString& note) {
  names_ = std::move(names);
  values_ = std::move(values);
  note_ = note;
  current_ = {-1, -1};
  update();
}

std::optional<double> CorrelationPlot::value(int row, int column) const {
  return values_[static_cast<std::size_t>(row * count() + column)];
}

double CorrelationPlot::nameWidth(const QFontMetricsF& metrics, QSize size) const {
  double width = 30;
  for (int i = 0; i < count(); ++i) {
    width = std::max(width, metrics.horizontalAdvance(rowName(i, true).left(200)));
  }
  return std::min(width, size.width() * 0.3);
}

QString CorrelationPlot::rowName(int row, bool numbered) const {
  return numbered ? QString("%1  %2").arg(names_[row]).arg(row + 1) : names_[row];
}

CorrelationPlot::Cells CorrelationPlot::cells(QSize size, double name_width) const {
  const auto room_for = [&](double beside, double above) {
    const double left = kMargin + beside + 8, top = kTop + above + 8;
    return QRectF(left, top, size.width() - left - kMargin, size.height() - top - kBottom);
  };
  const double rows = std::max(1, count());
  // Names of columns are turned by 90 degrees above the cells.
  QRectF room = room_for(name_width, std::min(name_width, size.height() * 0.3));
  const bool numbered = room.height() / rows < kNamedCell;
  if (numbered) room = room_for(name_width, 10);
  // Too many to name: the card of the pointer tells, and the cells get the place.
  if (room.height() / rows < kLeastText) room = room_for(0, 0);
  const double height = std::clamp(room.height() / rows, 2.0, kMostCell);
  // Low cells may be wider than high, so that a number fits into them.
  const double width = std::clamp(room.width() / rows, 2.0, std::max(height, kNumberCell));
  return {QRectF(room.left(), room.top(), width * count(), height * count()), width, height,
          numbered};
}

void CorrelationPlot::draw(QPainter& painter, QSize size, const Theme& theme) {
  painter.save();
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.save();
  set_title_font(painter);
  painter.setPen(theme.text);
  painter.drawText(QPointF(kMargin, 27), tr("Rank correlations"));
  painter.restore();
  if (names_.isEmpty()) {
    draw_message(painter, QRectF(QPointF(), QSizeF(size)), emptyText(), theme);
  } else {
    const Cells place = cells(size, nameWidth(QFontMetricsF(painter.font()), size));
    drawNames(painter, place, theme);
    drawCells(painter, place, theme);
    drawRamp(painter, size, theme);
    set_small_font(painter);
    painter.setPen(theme.muted);
    painter.drawText(QPointF(kMargin, size.height() - 9),
                     elided(painter, note_, size.width() - 2 * kMargin));
  }
  painter.restore();
}

void CorrelationPlot::drawNames(QPainter& painter, const Cells& cells, const Theme& theme) const {
  if (cells.height < kLeastText) return;
  painter.save();
  fit_font(painter, cells.height);
  const double line = QFontMetricsF(painter.font()).height();
  for (int i = 0; i < count(); ++i) {
    const bool pointed = current_.x() == i || current_.y() == i;
    painter.setPen(pointed ? theme.text : theme.muted);
    const double middle = cells.height * (i + 0.5);
    const double width = cells.area.left() - kMargin - 8;
    painter.drawText(QRectF(kMargin, cells.area.top() + middle - line / 2, width, line),
                     Qt::AlignRight | Qt::AlignVCenter,
                     elided(painter, rowName(i, cells.numbered), width));
    if (cells.numbered) {
      painter.drawText(QRectF(cells.area.left() + cells.width * i, cells.area.top() - 4 - line,
                              cells.width, line),
                       Qt::AlignCenter, QString::number(i + 1));
      continue;
    }
    painter.save();
    painter.translate(cells.area.left() + cells.width * (i + 0.5), cells.area.top() - 8);
    painter.rotate(-90);
    const double height = cells.area.top() - 8 - kTop;
    painter.drawText(QRectF(0, -line / 2, height, line), Qt::AlignLeft | Qt::AlignVCenter,
                     elided(painter, names_[i], height));
    painter.restore();
  }
  painter.restore();
}

void CorrelationPlot::drawRamp(QPainter& painter, QSize size, const Theme& theme) const {
  constexpr int kLength = 90, kHeight = 9;
  const QFontMetricsF metrics(painter.font());
  const QString high = QStringLiteral("1"), low = QStringLiteral("−1");
  double x = size.width() - kMargin - metrics.horizontalAdvance(high);
  painter.setPen(theme.muted);
  painter.drawText(QPointF(x, 27), high);
  x -= kLength + 6;
  for (int i = 0; i < kLength; ++i) {
    painter.fillRect(QRectF(x + i, 27 - kHeight, 1.2, kHeight),
                     cell_color(2.0 * i / kLength - 1, theme));
  }
  painter.drawText(QPointF(x - 6 - metrics.horizontalAdvance(low), 27), low);
}

void CorrelationPlot::drawCells(QPainter& painter, const Cells& cells, const Theme& theme) const {
  const QFont font = painter.font();
  fit_font(painter, cells.height);
  const bool numbers = cells.height >= kLeastText &&
                       cells.width >= QFontMetricsF(painter.font()).horizontalAdvance("−0.00") + 2;
  const double gap = std::min(cells.width, cells.height) > 14 ? 1 : 0;
  for (int row = 0; row < count(); ++row) {
    for (int column = 0; column < count(); ++column) {
      const QRectF cell(cells.area.left() + column * cells.width,
                        cells.area.top() + row * cells.height, cells.width - gap,
                        cells.height - gap);
      const std::optional<double> rho = value(row, column);
      if (!rho) {
        painter.fillRect(cell, QBrush(theme.axis, Qt::BDiagPattern));
        continue;
      }
      const QColor color = cell_color(*rho, theme);
      painter.fillRect(cell, color);
      if (!numbers) continue;
      painter.setPen(ink_on(color));
      // Adding 0.0 turns a rounded -0 into 0.
      QString text = QString::number(std::round(*rho * 100) / 100 + 0.0, 'f', 2);
      painter.drawText(cell, Qt::AlignCenter, text.replace('-', QChar(0x2212)));
    }
  }
  painter.setFont(font);
  if (current_.x() < 0) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.hover, 2));
  painter.drawRect(QRectF(cells.area.left() + current_.x() * cells.width,
                          cells.area.top() + current_.y() * cells.height, cells.width - gap,
                          cells.height - gap));
}

std::optional<QPoint> CorrelationPlot::cellAt(QPointF at) const {
  if (names_.isEmpty()) return std::nullopt;
  const Cells place = cells(size(), nameWidth(QFontMetricsF(font()), size()));
  if (!place.area.contains(at)) return std::nullopt;
  const QPoint cell(static_cast<int>((at.x() - place.area.left()) / place.width),
                    static_cast<int>((at.y() - place.area.top()) / place.height));
  if (cell.x() >= count() || cell.y() >= count()) return std::nullopt;
  return cell;
}

void CorrelationPlot::mouseMoveEvent(QMouseEvent* event) {
  const std::optional<QPoint> cell = cellAt(event->position());
  if (!cell) return setCard({}, {});
  current_ = *cell;
  const std::optional<double> rho = value(cell->y(), cell->x());
  setCard(event->position(),
          {tr("%1 and %2").arg(names_[cell->y()], names_[cell->x()]),
           rho ? tr("Spearman ρ = %1").arg(*rho, 0, 'f', 4)
               : tr("undefined: constant, or fewer than two rows with both values")});
  update();
}

void CorrelationPlot::mousePressEvent(QMouseEvent* event) {
  const std::optional<QPoint> cell = cellAt(event->position());
  if (cell && event->button() == Qt::LeftButton) Q_EMIT pairOpened(cell->y(), cell->x());
}

void CorrelationPlot::keyPressEvent(QKeyEvent* event) {
  if (names_.isEmpty()) return Canvas::keyPressEvent(event);
  const auto walk = [this](int dx, int dy) {
    current_ = {std::clamp(current_.x() + dx, 0, count() - 1),
                std::clamp(current_.y() + dy, 0, count() - 1)};
    update();
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return walk(-1, 0);
    case Qt::Key_Right:
      return walk(1, 0);
    case Qt::Key_Up:
      return walk(0, -1);
    case Qt::Key_Down:
      return walk(0, 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (current_.x() >= 0) Q_EMIT pairOpened(current_.y(), current_.x());
      return;
    default:
      Canvas::keyPressEvent(event);
  }
}

}  // namespace nas
