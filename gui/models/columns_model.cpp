#include "gui/models/columns_model.h"

#include <algorithm>

#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"

namespace nas {

namespace {

/// A benchmark may have hundreds of columns; more than this nobody compares at once.
constexpr std::size_t kMostAtFirst = 14;

}  // namespace

void ColumnsModel::setColumns(const std::vector<BrowseColumn>& columns,
                              const std::vector<std::size_t>& order) {
  beginResetModel();
  std::set<std::string> known;
  for (const BrowseColumn& column : columns_) known.insert(column.name);
  std::size_t shown = 0;
  for (const std::size_t place : order) {
    const BrowseColumn& column = columns[place];
    if (known.contains(column.name)) continue;
    if (is_detail(column) || ++shown > kMostAtFirst) hidden_.insert(column.name);
  }
  columns_ = columns;
  order_ = order;
  endResetModel();
  Q_EMIT shownChanged();
}

bool ColumnsModel::isShown(std::size_t column) const {
  return column < columns_.size() && !hidden_.contains(columns_[column].name);
}

std::vector<std::size_t> ColumnsModel::shown() const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (isShown(i)) result.push_back(i);
  }
  return result;
}

int ColumnsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant ColumnsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const std::size_t place = order_[static_cast<std::size_t>(index.row())];
  if (role == Qt::DisplayRole) return QString::fromStdString(printable(columns_[place].title));
  if (role == Qt::CheckStateRole)
    return QVariant::fromValue(isShown(place) ? Qt::Checked : Qt::Unchecked);
  return {};
}

bool ColumnsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
    return false;
  const std::string& name = columns_[order_[static_cast<std::size_t>(index.row())]].name;
  if (value.toInt() == Qt::Checked) {
    hidden_.erase(name);
  } else {
    hidden_.insert(name);
  }
  Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
  Q_EMIT shownChanged();
  return true;
}

Qt::ItemFlags ColumnsModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable |
         Qt::ItemNeverHasChildren;
}

}  // namespace nas
