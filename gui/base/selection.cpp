#include "gui/base/selection.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nas {

bool Selection::contains(RowKey key) const {
  return std::binary_search(keys_.begin(), keys_.end(), key);
}

void Selection::set(std::vector<RowKey> keys) {
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys == keys_) return;
  keys_ = std::move(keys);
  Q_EMIT changed();
}

void Selection::add(std::span<const RowKey> keys) {
  std::vector<RowKey> all(keys_);
  all.insert(all.end(), keys.begin(), keys.end());
  set(std::move(all));
}

void Selection::toggle(RowKey key) {
  std::vector<RowKey> keys(keys_);
  const auto place = std::lower_bound(keys.begin(), keys.end(), key);
  if (place != keys.end() && *place == key) {
    keys.erase(place);
  } else {
    keys.insert(place, key);
  }
  set(std::move(keys));
}

void Selection::setHovered(std::optional<RowKey> key) {
  if (key == hovered_) return;
  hovered_ = key;
  Q_EMIT hoverChanged();
}

void Selection::setCurrent(std::optional<RowKey> key) {
  if (key == current_) return;
  current_ = key;
  Q_EMIT currentChanged();
}

}  // namespace nas
