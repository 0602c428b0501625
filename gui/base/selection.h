#pragma once

#include <QObject>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nas {

/// Names a row of one data source for all of its views: the id of a trial or of an architecture, or
/// the row number in a benchmark.
using RowKey = std::int64_t;

/// What is selected, pointed at and opened in one data source. Table, plots and side panels of the
/// source share one object: brushing in one view highlights in all. Used on the GUI thread only.
class Selection final : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// Ascending, each once.
  std::span<const RowKey> keys() const { return keys_; }
  std::size_t size() const { return keys_.size(); }
  bool contains(RowKey key) const;

  void set(std::vector<RowKey> keys);  ///< in any order, with repetitions
  void add(std::span<const RowKey> keys);
  void toggle(RowKey key);
  void clear() { set({}); }

  /// The row under the pointer.
  std::optional<RowKey> hovered() const { return hovered_; }
  void setHovered(std::optional<RowKey> key);

  /// The row that details are shown of.
  std::optional<RowKey> current() const { return current_; }
  void setCurrent(std::optional<RowKey> key);

 Q_SIGNALS:
  void changed();  ///< `keys` differ from before
  void hoverChanged();
  void currentChanged();

 private:
  std::vector<RowKey> keys_;
  std::optional<RowKey> hovered_;
  std::optional<RowKey> current_;
};

}  // namespace nas
