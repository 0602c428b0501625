#pragma once

#include <QPointer>
#include <QWidget>

#include "gui/views/panels/table_page.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTableWidget;

namespace nas {

/// Everything known about the current row of a page.
class DetailsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit DetailsPanel(QWidget* parent = nullptr);

  /// Follows this page; null shows nothing.
  void setPage(TablePage* page);
  /// The architecture's text of the row that is shown, "" without one.
  QString architecture() const;

 Q_SIGNALS:
  void drawRequested();  ///< the graph of this architecture is asked for

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void read();
  void fitNames();
  void show(const BrowseRow& row);
  void clear();

  QPointer<TablePage> page_;
  QLabel* heading_;
  QPlainTextEdit* text_;
  QTableWidget* values_;
  QPushButton* draw_;
  std::int64_t life_ = 0;
};

}  // namespace nas
