#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/browse.h"

namespace nas {

/// The rows of a table by a column of text, byte by byte, equal texts by key; `descending` reverses
/// both. No index has this order, and a million texts may not fit into memory: every piece is the
/// smallest of what is left, found by looking at all of the column.
class TextOrder {
 public:
  /// Holds about `most_bytes` of text at a time.
  TextOrder(std::size_t column, bool descending, std::size_t most_bytes = kMostBytes)
      : column_(column), descending_(descending), most_bytes_(most_bytes) {}

  /// The next keys; empty at the end. nullopt: stopped.
  std::optional<std::vector<BrowseKey>> next(BrowseTable& table, std::stop_token stop);

 private:
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;
  struct Entry {
    std::size_t start;  ///< of the text in `texts_`
    std::size_t length;
    BrowseKey key;
  };

  std::string_view text(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.start, entry.length);
  }
  bool before(std::string_view a, std::string_view b) const { return descending_ ? b < a : a < b; }
  void add(BrowseKey key, std::string_view text);
  void sort();
  void shrink();

  std::size_t column_;
  bool descending_;
  std::size_t most_bytes_;
  std::string texts_;
  std::vector<Entry> entries_;
  std::optional<std::string> last_;   ///< all up to this one were given
  std::optional<std::string> bound_;  ///< this one and what follows it do not fit now
  bool done_ = false;
};

}  // namespace nas
