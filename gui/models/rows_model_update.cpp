#include <algorithm>
#include <iterator>
#include <utility>

#include "gui/models/rows_model.h"

namespace nas {

namespace {

/// Views are told of every row that goes; of more at a time they begin anew.
constexpr std::size_t kMostRemoved = 100;
/// A query that is repeated for each change takes this part of the time at most.
constexpr qint64 kRestPerWork = 10;
// Merging into a million rows takes about as long as a frame: no more than one frame in a hundred.
constexpr qint64 kRestPerMerge = 100;

RowKey end_of(const std::vector<RowKey>& keys) {
  return keys.empty() ? 0 : *std::max_element(keys.begin(), keys.end()) + 1;
}

}  // namespace

std::int64_t RowsModel::benchmarkStamp() const {
  const auto* name = std::get_if<std::string>(&name_);
  if (name == nullptr) return 0;
  for (const BenchmarkRow& benchmark : database_->benchmarks()) {
    if (benchmark.info.name == *name)
      return benchmark.imported_us + static_cast<std::int64_t>(benchmark.columns.size());
  }
  return 0;
}

void RowsModel::refresh() {
  if (busy_ || updating_) {
    again_ = true;
    return;
  }
  if (stale_) {
    if (!later_.isActive()) readAgain();
    return;
  }
  const bool benchmark = std::holds_alternative<std::string>(name_);
  // A benchmark is in memory as a whole.
  if (benchmark && source_ && benchmarkStamp() == stamp_) return;
  if (benchmark || !source_ || count_ != Count::kComplete) {
    openTable();
  } else if (const qint64 rest = mergeRest(); rest > 0) {
    if (!merge_later_.isActive()) merge_later_.start(static_cast<int>(rest));
  } else {
    readUpdate();
  }
}

qint64 RowsModel::mergeRest() const {
  return merged_.isValid() ? kRestPerMerge * merge_ms_ - merged_.elapsed() : 0;
}

void RowsModel::readUpdate() {
  updating_ = true;
  database_->ask(
      this, Lane::kNormal,
      [name = name_, source = source_, order = order_, filter = filter_,
       keys = keys_](Explorer& explorer) {
        Update update;
        // A study may have new metrics.
        auto fresh = open_table(explorer, name);
        if (!fresh->same_file(*source) || !same_columns(fresh->columns(), source->columns())) {
          update.other = std::move(fresh);
          return update;
        }
        const auto rows = source->refresh();
        update.changed = !rows || !rows->empty();
        if (rows) update.keys = merge_changes(*source, order, filter, *keys, *rows, {});
        return update;
      },
      [this, life = life_](Answer<Update> answer) {
        updating_ = false;
        // A query that started meanwhile has read what is new.
        if (life == life_ && !busy_) takeUpdate(std::move(answer));
      });
}

void RowsModel::takeUpdate(Answer<Update> answer) {
  if (!answer.value) {
    Q_EMIT failed(answer.error);
    return;
  }
  if (answer.value->other) {
    setBusy(true);
    adopt(std::move(answer.value->other));
    return;
  }
  if (answer.value->changed) {
    if (!answer.value->keys) {
      readAgain();
      return;
    }
    merged_.start();
    replaceAll(std::move(*answer.value->keys));
    Q_EMIT countChanged();
    merge_ms_ = merged_.elapsed();
  }
  if (!again_) return;
  again_ = false;
  refresh();
}

// An order of texts knows no merging, and sorting a million of them takes seconds.
void RowsModel::readAgain() {
  const bool of_texts = columns_[order_.column].kind == BrowseKind::kText;
  const qint64 rest =
      of_texts && resting_.isValid() ? kRestPerWork * read_ms_ - resting_.elapsed() : 0;
  if (rest <= 0) {
    start(true);
    return;
  }
  stale_ = true;
  again_ = false;
  later_.start(static_cast<int>(rest));
  // The rows that are there show their new values at once.
  blocks_.clear();
  if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

// Rows stay what they are for views: what has gone is removed, what is new comes at the end, and
// then all move to their places.
void RowsModel::replaceAll(std::vector<RowKey> keys) {
  // States and values of known rows may be others.
  blocks_.clear();
  const bool grown =
      keys.size() >= keys_->size() && std::equal(keys_->begin(), keys_->end(), keys.begin());
  if (!grown && !removeMissing(keys)) {
    beginResetModel();
    keys_ = std::make_shared<std::vector<RowKey>>(std::move(keys));
    endResetModel();
    return;
  }
  const auto old = static_cast<std::ptrdiff_t>(keys_->size());
  if (grown) {
    append({keys.begin() + old, keys.end()});
  } else {
    std::vector<bool> known(static_cast<std::size_t>(end_of(keys)), false);
    for (const RowKey key : *keys_) known[static_cast<std::size_t>(key)] = true;
    std::vector<RowKey> fresh;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(fresh),
                 [&](RowKey key) { return !known[static_cast<std::size_t>(key)]; });
    append(fresh);
    rearrange(std::move(keys));
  }
  if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

/// False: too many to be taken out one by one.
bool RowsModel::removeMissing(const std::vector<RowKey>& keys) {
  std::vector<bool> stays(static_cast<std::size_t>(std::max(end_of(keys), end_of(*keys_))), false);
  for (const RowKey key : keys) stays[static_cast<std::size_t>(key)] = true;
  std::vector<int> gone;
  for (std::size_t row = keys_->size(); row-- > 0;) {
    if (stays[static_cast<std::size_t>((*keys_)[row])]) continue;
    gone.push_back(static_cast<int>(row));
    if (gone.size() > kMostRemoved) return false;
  }
  if (gone.empty()) return true;
  keys_ = std::make_shared<std::vector<RowKey>>(*keys_);
  for (const int row : gone) {
    beginRemoveRows({}, row, row);
    keys_->erase(keys_->begin() + row);
    endRemoveRows();
  }
  return true;
}

void RowsModel::rearrange(std::vector<RowKey> keys) {
  if (keys == *keys_) return;
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList from = persistentIndexList();
  QModelIndexList to;
  if (!from.empty()) {
    std::vector<int> place(static_cast<std::size_t>(end_of(keys)), -1);
    for (std::size_t row = 0; row < keys.size(); ++row) {
      place[static_cast<std::size_t>(keys[row])] = static_cast<int>(row);
    }
    for (const QModelIndex& old : from) {
      const RowKey key = (*keys_)[static_cast<std::size_t>(old.row())];
      to << createIndex(place[static_cast<std::size_t>(key)], old.column());
    }
  }
  keys_ = std::make_shared<std::vector<RowKey>>(std::move(keys));
  changePersistentIndexList(from, to);
  Q_EMIT layoutChanged();
}

}  // namespace nas
