#pragma once

#include <QMainWindow>
#include <QStringList>
#include <QUndoGroup>
#include <functional>
#include <map>

#include "gui/jobs/command_record.h"
#include "gui/jobs/nasctl_questions.h"
#include "gui/jobs/nasctl_queue.h"
#include "gui/jobs/network_reader.h"
#include "gui/jobs/server_passwords.h"
#include "gui/models/events_model.h"
#include "gui/models/studies_model.h"
#include "gui/views/panels/details_panel.h"
#include "gui/views/panels/graph_tabs.h"
#include "gui/views/panels/plots_panel.h"
#include "gui/views/panels/table_page.h"
#include "gui/views/window/subject.h"

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTabWidget;
class QTreeView;

namespace nas {

class ArchitecturePanel;
class ResultsPanel;
class WorkersPanel;
class WelcomePage;

/// The window: open databases and their studies on the left, a tab for each table that is looked
/// at, details on the right, events and the log of nasctl below.
class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  /// With `remembers`, geometry and recent files come from the user's settings and go there.
  explicit MainWindow(bool remembers, QWidget* parent = nullptr);
  ~MainWindow() override;

  /// A database by its address, or a network of an ONNX or model file.
  void open(const QString& word);
  /// Throws Error(kUsage) for what is no address.
  Database* openStore(const QString& address);
  /// Draws the network of a file in a tab, once it is read.
  void openNetwork(const QString& path);
  /// Opens the tab of a table, or shows the one that is open.
  TablePage* openTable(Database* database, const TableName& table);
  TablePage* currentPage() const;
  PlotsPanel* currentPlots() const;
  StudiesModel* studies() const { return studies_; }
  QTabWidget* tabs() const { return tabs_; }
  const NetworkReader* networks() const { return networks_; }
  NasctlQueue* nasctl() const { return nasctl_; }
  ResultsPanel* results() const { return results_; }
  WorkersPanel* workers() const { return workers_; }
  QStringList log() const;

  /// Runs nasctl when those before it have ended; its output is in the log, or in the results.
  /// Returns the id of the job.
  int runNasctl(const QStringList& arguments, const QString& subject = {},
                CommandOutput output = CommandOutput::kLines);

 public Q_SLOTS:
  void showHelp();
  /// A tab with the graph of the current row.
  void drawCurrent();
  /// A tab with two to four selected rows side by side.
  void compareSelected();
  /// The form of a command ("arch score") for the current row or the graph that is shown.
  void act(const QString& command);
  void importBenchmark();
  /// The form of a new search, with values to begin with.
  void startSearch();

 protected:
  void changeEvent(QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void build();
  /// `entry` is its entry in the menu, with a letter for Alt; without that, its title.
  QDockWidget* addDock(const QString& name, const QString& entry, QWidget* content,
                       Qt::DockWidgetArea area);
  void skipEmptyTabs();
  void buildStudies();
  void buildMenus();
  void buildFileMenu();
  void buildEditMenu();
  void buildViewMenu();
  void buildSearchMenu();
  void buildResults();
  void buildWorkers();
  void buildArchitectureMenu();
  void chooseFile();
  void chooseServer();
  void fillRecent();
  void remember(const QString& path);
  void closeTab(int index);
  void closeDatabase();
  void followPage();
  void followDatabase(Database* database);
  void openChosen(const QModelIndex& index);
  void say(const QString& text);
  void showProblem();
  void savePicture();
  std::string spaceOf(const TablePage& page) const;
  OptionMap spaceOptionsOf(const TablePage& page) const;
  void drawRows(std::vector<RowKey> keys, const QString& title);
  /// The tab of the study that a job of nasctl is about to add, as soon as it is there.
  void showNextStudy(const QString& store, int job);
  void resumeSearch();
  void reportSearch();
  void offerActions(QTableView* table);
  void rememberSubject(QWidget* drawing, const Subject& subject);
  void followSubject();
  Subject subjectOf(const TablePage& page, RowKey key, const std::string& text) const;
  void withSubject(std::function<void(const Subject&)> done);
  void openForm(const QString& command, const std::map<QString, QString>& values,
                const QString& subject);
  void showForm(const CommandRecord& record, const std::map<QString, QString>& values,
                const QString& subject);
  void takeAnswer(int id);
  /// The drawings of what a job was asked about.
  QList<ArchitecturePanel*> drawingsOf(const NasctlJob& job) const;
  void showLatency(const NasctlJob& job);
  void showMemory(const NasctlJob& job);
  void showImported(const NasctlJob& job);
  void restore();
  QString currentStudy() const;
  /// Of the shown table, else of the first open database; without any, a new file.
  QString currentStore() const;

  bool remembers_;
  GraphTabs graphs_;
  ServerPasswords passwords_;
  StudiesModel* studies_;
  EventsModel* events_;
  NasctlQueue* nasctl_;
  NasctlQuestions* questions_;
  NetworkReader* networks_;
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
  QList<QAction*> page_actions_;     ///< need a page
  QList<QAction*> tab_actions_;      ///< need a tab, whatever is in it
  QList<QAction*> subject_actions_;  ///< need a row or a drawing
  QList<QAction*> draw_actions_;
  ResultsPanel* results_ = nullptr;
  QAction* pause_ = nullptr;
  QAction* stop_reading_ = nullptr;
  WorkersPanel* workers_ = nullptr;
};

}  // namespace nas
