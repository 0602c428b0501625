#pragma once

#include <QStyledItemDelegate>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gui/graph/compact_sketch.h"
#include "gui/models/rows_model.h"

namespace nas {

/// Paints the architectures of a table as compact sketches; what is not an architecture of a
/// known space stays text. The text itself is in the tool tip and in the details.
class SketchDelegate final : public QStyledItemDelegate {
  Q_OBJECT

 public:
  /// The search space of a row and its options; "" = none.
  using SpaceOf = std::function<std::pair<std::string, OptionMap>(RowKey)>;
  SketchDelegate(SpaceOf space_of, QObject* parent);

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;
  /// What is painted of a cell; empty: its text.
  const std::vector<SketchChip>& chipsOf(const QModelIndex& index) const;

 private:
  const SearchSpace* space(const std::pair<std::string, OptionMap>& name) const;

  SpaceOf space_of_;
  mutable std::map<std::pair<std::string, OptionMap>, std::unique_ptr<SearchSpace>> spaces_;
  mutable std::map<std::pair<const SearchSpace*, std::string>, std::vector<SketchChip>> chips_;
};

}  // namespace nas
