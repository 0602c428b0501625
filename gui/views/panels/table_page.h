#pragma once

#include <QPersistentModelIndex>
#include <QSplitter>
#include <QTableView>
#include <QUndoStack>
#include <QWidget>

#include "app/explorer/explorer_export.h"
#include "gui/base/selection.h"
#include "gui/models/columns_model.h"
#include "gui/models/rows_model.h"
#include "gui/views/forms/filter_line.h"
#include "gui/views/panels/sketch_delegate.h"

class QLabel;
class QListView;
class QPushButton;
class QToolButton;

namespace nas {

/// One study or benchmark: its filter, its rows, and beside them the plots of the same rows. Owns
/// what they share: the selection and the history of filters.
class TablePage final : public QWidget {
  Q_OBJECT

 public:
  TablePage(Database* database, TableName table, QString title, QWidget* parent = nullptr);

  const QString& title() const { return title_; }
  Database* database() const { return model_->database(); }
  RowsModel* model() const { return model_; }
  ColumnsModel* columnsModel() const { return columns_; }
  Selection* selection() const { return selection_; }
  QUndoStack* undoStack() const { return undo_; }
  FilterLine* filterLine() const { return filter_; }
  QTableView* tableView() const { return table_; }
  QSplitter* splitter() const { return splitter_; }
  /// Of the study whose trials these are; empty for other tables.
  std::vector<Objective> objectives() const;

  /// As if typed and entered: can be undone.
  void enterFilter(const QString& text);
  void sortBy(const std::string& column, bool descending);
  /// The rows selected in the table, all columns that are shown.
  void copyRows();
  /// Asks for a file and writes all rows of the filtered view.
  void exportRows();
  /// The same without asking. Announces the end by `message`.
  void exportTo(const QString& file, Format format);
  /// Scrolls to a row when it is there.
  void showRow(RowKey key);

 Q_SIGNALS:
  void message(const QString& text);  ///< for the status bar
  void opened(RowKey key);            ///< a row was asked for by Enter or double click

 private:
  void build();
  QWidget* buildTop();
  void applyFilter(const QString& text);
  void followColumns();
  void arrangeColumns(const std::vector<std::size_t>& order);
  std::pair<std::string, OptionMap> spaceOf(RowKey key) const;
  void showColumns();
  void showCount();
  void pushTableSelection();
  void showSorting();

  QString title_;
  Selection* selection_;
  RowsModel* model_;
  ColumnsModel* columns_;
  QUndoStack* undo_;
  FilterLine* filter_ = nullptr;
  QTableView* table_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QLabel* count_ = nullptr;
  QPushButton* stop_ = nullptr;
  QToolButton* choose_ = nullptr;
  SketchDelegate* sketches_ = nullptr;
  bool sized_ = false;
  QPersistentModelIndex top_;  ///< the row at the top of the screen while rows move
};

}  // namespace nas
