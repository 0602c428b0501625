#include "app/presentation/text_order.h"

#include <algorithm>
#include <utility>

namespace nas {

void TextOrder::add(BrowseKey key, std::string_view text) {
  if (last_ && !before(*last_, text)) return;
  if (bound_ && !before(text, *bound_)) return;
  entries_.push_back({texts_.size(), text.size(), key});
  texts_ += text;
  if (texts_.size() > most_bytes_) shrink();
}

void TextOrder::sort() {
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    const int order = text(a).compare(text(b));
    if (order != 0) return descending_ ? order > 0 : order < 0;
    return descending_ ? a.key > b.key : a.key < b.key;
  });
}

// Equal texts are kept once, and of the others those that come first.
void TextOrder::shrink() {
  sort();
  std::string kept;
  std::size_t count = 0;
  std::string_view previous;
  std::size_t start = 0;
  for (const Entry& entry : entries_) {
    const std::string_view own = text(entry);
    if (count == 0 || own != previous) {
      if (kept.size() > most_bytes_ / 2) {
        bound_ = std::string(own);
        break;
      }
      start = kept.size();
      kept += own;
      previous = own;
    }
    entries_[count++] = {start, own.size(), entry.key};
  }
  entries_.resize(count);
  texts_ = std::move(kept);
}

std::optional<std::vector<BrowseKey>> TextOrder::next(BrowseTable& table, std::stop_token stop) {
  std::vector<BrowseKey> keys;
  if (done_) return keys;
  texts_.clear();
  entries_.clear();
  bound_.reset();
  const bool complete = table.texts(
      column_, [this](BrowseKey key, std::string_view text) { add(key, text); }, std::move(stop));
  if (!complete) return std::nullopt;
  sort();
  done_ = !bound_;
  if (!entries_.empty()) last_ = std::string(text(entries_.back()));
  keys.reserve(entries_.size());
  for (const Entry& entry : entries_) keys.push_back(entry.key);
  entries_ = {};
  texts_ = {};
  return keys;
}

}  // namespace nas
