#include "gui/models/events_model.h"

#include <QDateTime>

#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::int64_t kMost = 1000;

}  // namespace

void EventsModel::setStudy(Database* database, std::int64_t study_id) {
  if (database_) disconnect(database_, nullptr, this, nullptr);
  database_ = database;
  study_id_ = study_id;
  beginResetModel();
  events_.clear();
  endResetModel();
  if (database == nullptr) return;
  connect(database, &Database::rowsChanged, this, &EventsModel::refresh);
  refresh();
}

void EventsModel::refresh() {
  if (!database_) return;
  database_->ask(
      this, Lane::kNormal,
      [id = study_id_](Explorer& explorer) { return explorer.events(id, kMost); },
      [this, id = study_id_](Answer<std::vector<EventRow>> answer) {
        if (!answer.value || id != study_id_) return;
        beginResetModel();
        events_ = std::move(*answer.value);
        endResetModel();
      });
}

int EventsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(events_.size());
}

int EventsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant EventsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::DisplayRole) return {};
  const EventRow& event = events_[static_cast<std::size_t>(index.row())];
  if (index.column() == 0) {
    return QDateTime::fromMSecsSinceEpoch(event.at_us / 1000)
        .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
  }
  return QString::fromStdString(printable(index.column() == 1 ? event.kind : event.text));
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return section == 0 ? tr("Time") : section == 1 ? tr("Event") : tr("What happened");
}

}  // namespace nas
