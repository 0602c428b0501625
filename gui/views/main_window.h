#pragma once

#include <QMainWindow>
#include <QStringList>
#include <QUndoGroup>

#include "gui/jobs/nasctl_process.h"
#include "gui/models/events_model.h"
#include "gui/models/studies_model.h"
#include "gui/views/details_panel.h"
#include "gui/views/graph_tabs.h"
#include "gui/views/plots_panel.h"
#include "gui/views/table_page.h"

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTabWidget;
class QTreeView;

namespace nas {

class WelcomePage;

/// The window: open databases and their studies on the left, a tab for each table that is looked
/// at, details on the right, events and the log of nasctl below.
class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  /// With `remembers`, geometry and recent files come from the user's settings and go there.
  explicit MainWindow(bool remembers, QWidget* parent = nullptr);
  ~MainWindow() override;

  Database* openFile(const QString& path);
  /// Opens the tab of a table, or shows the one that is open.
  TablePage* openTable(Database* database, const TableName& table);
  TablePage* currentPage() const;
  PlotsPanel* currentPlots() const;
  StudiesModel* studies() const { return studies_; }
  QTabWidget* tabs() const { return tabs_; }
  NasctlProcess* nasctl() const { return nasctl_; }
  QStringList log() const;

  /// Runs nasctl with its output in the log.
  void runNasctl(const QStringList& arguments);

 public Q_SLOTS:
  void showHelp();
  /// A tab with the graph of the current row.
  void drawCurrent();
  /// A tab with two to four selected rows side by side.
  void compareSelected();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void build();
  QDockWidget* addDock(const QString& name, const QString& title, QWidget* content,
                       Qt::DockWidgetArea area);
  void buildStudies();
  void buildMenus();
  void buildFileMenu();
  void buildEditMenu();
  void buildViewMenu();
  void buildSearchMenu();
  void chooseFile();
  void fillRecent();
  void remember(const QString& path);
  void closeTab(int index);
  void closeDatabase();
  void followPage();
  void followDatabase(Database* database);
  void openChosen(const QModelIndex& index);
  void say(const QString& text);
  void showProblem();
  void exportPlot();
  std::string spaceOf(const TablePage& page) const;
  void drawRows(std::vector<RowKey> keys, const QString& title);
  void startSearch();
  void resumeSearch();
  void reportSearch();
  void restore();
  QString currentStudy() const;

  bool remembers_;
  GraphTabs graphs_;
  StudiesModel* studies_;
  EventsModel* events_;
  NasctlProcess* nasctl_;
  QUndoGroup* undo_;
  QTreeView* tree_ = nullptr;
  QStackedWidget* center_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  WelcomePage* welcome_ = nullptr;
  DetailsPanel* details_ = nullptr;
  QPlainTextEdit* log_ = nullptr;
  QLabel* banner_ = nullptr;
  QMenu* recent_menu_ = nullptr;
  QStringList recent_;
  QList<QDockWidget*> docks_;
  QList<QAction*> page_actions_;  ///< need a page
  QAction* pause_ = nullptr;
};

}  // namespace nas
