#include "gui/models/result_model.h"

#include <utility>
#include <variant>

#include "core/util/text.h"
#include "gui/jobs/result_table.h"

namespace nas {

void ResultModel::setTable(Table table) {
  beginResetModel();
  table_ = std::move(table);
  endResetModel();
}

int ResultModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(table_.rows.size());
}

int ResultModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(table_.columns.size());
}

const Cell& ResultModel::cellAt(const QModelIndex& index) const {
  return table_
      .rows[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
}

QVariant ResultModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Cell& cell = cellAt(index);
  const auto* real = std::get_if<double>(&cell);
  const bool number = real != nullptr || std::holds_alternative<std::int64_t>(cell);
  if (role == Qt::DisplayRole) return result_text(cell);
  if (role == Qt::TextAlignmentRole && number) return int{Qt::AlignRight | Qt::AlignVCenter};
  if (role == Qt::ToolTipRole) {
    const QString whole =
        real != nullptr ? QString::fromStdString(format_double(*real)) : result_text(cell);
    return "<p>" + whole.left(2000).toHtmlEscaped() + "</p>";
  }
  return {};
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 ||
      section >= columnCount())
    return {};
  QString name =
      QString::fromStdString(printable(table_.columns[static_cast<std::size_t>(section)].name));
  return name.replace('_', ' ');
}

}  // namespace nas
