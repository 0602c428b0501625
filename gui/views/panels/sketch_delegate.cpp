#include "gui/views/panels/sketch_delegate.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>

#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/base/theme.h"
#include "gui/plots/plot_paint.h"
#include "searchspaces/registry.h"

namespace nas {

namespace {

constexpr double kSide = 4, kGap = 2, kRowGap = 6;
constexpr double kWidest = 54;
constexpr double kLabelled = 15;         ///< narrower chips have no words
constexpr std::size_t kMostKept = 4096;  ///< sketches

QColor color(std::string_view text) {
  return QColor(QLatin1String(text.data(), static_cast<qsizetype>(text.size())));
}

void paint_chip(QPainter& painter, QRectF place, const SketchChip& chip, const Theme& theme) {
  const FamilyColours& own = colours_of(chip.family);
  QColor fill = color(theme.dark ? own.dark_fill : own.fill);
  QColor border = color(theme.dark ? own.dark_stroke : own.stroke);
  if (chip.quiet) {
    fill = Qt::transparent;
    border = theme.axis;
  } else if (!chip.operation) {
    fill = border = theme.series[0];
    fill.setAlpha(static_cast<int>(26 + 130 * chip.share));
    border.setAlpha(120);
  }
  painter.setBrush(fill);
  painter.setPen(QPen(border, 1, chip.quiet ? Qt::DotLine : Qt::SolidLine));
  const double radius = std::min(3.0, place.width() / 3);
  painter.drawRoundedRect(place, radius, radius);
  if (place.width() < kLabelled) return;
  const QString label = QString::fromStdString(printable(chip.label));
  painter.setPen(chip.quiet ? theme.muted : theme.text);
  painter.drawText(place, Qt::AlignCenter, elided(painter, label, place.width() - 2));
}

}  // namespace

SketchDelegate::SketchDelegate(SpaceOf space_of, QObject* parent)
    : QStyledItemDelegate(parent), space_of_(std::move(space_of)) {}

const SearchSpace* SketchDelegate::space(const std::pair<std::string, OptionMap>& name) const {
  if (name.first.empty()) return nullptr;
  const auto known = spaces_.find(name);
  if (known != spaces_.end()) return known->second.get();
  std::unique_ptr<SearchSpace>& made = spaces_[name];
  try {
    const PluginChoice choice = parse_plugin_choice(name.first);  // of a benchmark with its options
    made = find_plugin<SearchSpace>(space_plugins(), "space", choice.name)
               .make(name.second.empty() ? choice.options : name.second);
  } catch (const Error&) {  // of another release: its architectures stay texts
  }
  return made.get();
}

const std::vector<SketchChip>& SketchDelegate::chipsOf(const QModelIndex& index) const {
  static const std::vector<SketchChip> kNone;
  const QString text = index.data(RowsModel::kTextRole).toString();
  const QVariant key = index.data(RowsModel::kKeyRole);
  if (text.isEmpty() || !key.isValid()) return kNone;
  const SearchSpace* own = space(space_of_(key.toLongLong()));
  if (own == nullptr) return kNone;
  const std::pair place(own, text.toStdString());
  const auto known = chips_.find(place);
  if (known != chips_.end()) return known->second;
  if (chips_.size() >= kMostKept) chips_.clear();
  std::vector<SketchChip>& chips = chips_[place];
  try {
    chips = compact_sketch(*own, own->parse(place.second));
  } catch (const Error&) {  // no architecture of it: the text says what it is
  }
  return chips;
}

void SketchDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                           const QModelIndex& index) const {
  const std::vector<SketchChip>& chips = chipsOf(index);
  if (chips.empty()) return QStyledItemDelegate::paint(painter, option, index);
  QStyleOptionViewItem back = option;
  initStyleOption(&back, index);
  back.text.clear();
  const QStyle* style = back.widget == nullptr ? QApplication::style() : back.widget->style();
  style->drawControl(QStyle::CE_ItemViewItem, &back, painter, back.widget);
  const auto gaps = static_cast<double>(
      std::count_if(chips.begin(), chips.end(), [](const SketchChip& chip) { return chip.first; }));
  const QRectF room = QRectF(option.rect).adjusted(kSide, 3, -kSide, -3);
  const auto count = static_cast<double>(chips.size());
  const double width =
      std::min(kWidest, (room.width() - (gaps - 1) * kRowGap - count * kGap) / count);
  if (width < 1) return QStyledItemDelegate::paint(painter, option, index);
  painter->save();
  painter->setClipRect(option.rect);
  painter->setRenderHint(QPainter::Antialiasing);
  QFont font = option.font;
  if (font.pointSizeF() > 0) font.setPointSizeF(font.pointSizeF() * 0.85);
  painter->setFont(font);
  const bool selected = (option.state & QStyle::State_Selected) != 0;
  const Theme theme = Theme::of(option.palette);
  double x = room.left();
  for (std::size_t i = 0; i < chips.size(); ++i) {
    if (chips[i].first && i > 0) x += kRowGap;
    const QRectF place(x, room.top(), width, room.height());
    if (selected) {  // on the colour of the selection the fills would be lost
      painter->setPen(Qt::NoPen);
      painter->setBrush(theme.background);
      painter->drawRoundedRect(place, 3, 3);
    }
    paint_chip(*painter, place, chips[i], theme);
    x += width + kGap;
  }
  painter->restore();
}

}  // namespace nas
