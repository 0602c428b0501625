#include <QActionGroup>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QMenuBar>
#include <QMessageBox>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QTreeView>
#include <algorithm>
#include <thread>
#include <variant>

#include "app/study/metric_catalogue.h"
#include "gui/graph/graph_view.h"
#include "gui/plots/canvas.h"
#include "gui/views/window/main_window.h"
#include "gui/views/window/welcome_page.h"

namespace nas {

namespace {

constexpr int kLastLookMs = 3000;

}  // namespace

void MainWindow::buildMenus() {
  buildFileMenu();
  buildEditMenu();
  buildViewMenu();
  buildArchitectureMenu();
  buildSearchMenu();
  QMenu* help = menuBar()->addMenu(tr("&Help"));
  help->addAction(tr("&How it works"), QKeySequence::HelpContents, this, &MainWindow::showHelp);
}

void MainWindow::buildFileMenu() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addAction(tr("&Open…"), QKeySequence::Open, this, &MainWindow::chooseFile);
  file->addAction(tr("Open a &server…"), QKeySequence(tr("Ctrl+Shift+O")), this,
                  &MainWindow::chooseServer);
  recent_menu_ = file->addMenu(tr("Open &recent"));
  file->addAction(tr("&Import benchmark…"), QKeySequence(tr("Ctrl+I")), this,
                  &MainWindow::importBenchmark);
  file->addSeparator();
  page_actions_ << file->addAction(tr("&Export rows…"), QKeySequence(tr("Ctrl+E")), this,
                                   [this] { currentPage()->exportRows(); });
  tab_actions_ << file->addAction(tr("Save the &picture…"), QKeySequence::Save, this,
                                  &MainWindow::savePicture);
  file->addSeparator();
  tab_actions_ << file->addAction(tr("Close &tab"), QKeySequence(tr("Ctrl+W")), this,
                                  [this] { closeTab(tabs_->currentIndex()); });
  file->addAction(tr("Close &database"), QKeySequence(tr("Ctrl+Shift+W")), this,
                  &MainWindow::closeDatabase);
  file->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);
}

void MainWindow::fillRecent() {
  welcome_->setRecent(recent_);
  recent_menu_->clear();
  for (const QString& path : recent_) {
    // Letters are 1 to 9 and, for the tenth, 0.
    const auto place = recent_menu_->actions().size() + 1;
    QAction* action = recent_menu_->addAction(
        QStringLiteral("&%1  %2").arg(place % 10).arg(QString(path).replace("&", "&&")));
    connect(action, &QAction::triggered, this, [this, path] { open(path); });
  }
  recent_menu_->setEnabled(!recent_.isEmpty());
}

void MainWindow::buildEditMenu() {
  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  QAction* undo = undo_->createUndoAction(this, tr("&Undo"));
  undo->setShortcuts(QKeySequence::Undo);
  QAction* redo = undo_->createRedoAction(this, tr("&Redo"));
  redo->setShortcuts(QKeySequence::Redo);
  edit->addActions({undo, redo});
  edit->addSeparator();
  QAction* copy = edit->addAction(tr("&Copy rows"), this, [this] { currentPage()->copyRows(); });
  copy->setShortcut(QKeySequence(tr("Ctrl+Shift+C")));
  QAction* select = edit->addAction(tr("Select &all rows"), this,
                                    [this] { currentPage()->tableView()->selectAll(); });
  select->setShortcut(QKeySequence(tr("Ctrl+Shift+A")));
  QAction* clear = edit->addAction(tr("Clear the &selection"), this, [this] {
    currentPage()->tableView()->clearSelection();
    currentPage()->selection()->clear();
  });
  clear->setShortcut(QKeySequence(tr("Ctrl+D")));
  edit->addSeparator();
  QAction* filter = edit->addAction(tr("&Filter"), QKeySequence::Find, this,
                                    [this] { currentPage()->filterLine()->focusEdit(); });
  QAction* all = edit->addAction(tr("Show all ro&ws"), QKeySequence(tr("Ctrl+Shift+F")), this,
                                 [this] { currentPage()->enterFilter({}); });
  page_actions_ << copy << select << clear << filter << all;
}

void MainWindow::buildViewMenu() {
  QMenu* view = menuBar()->addMenu(tr("&View"));
  QAction* refresh = view->addAction(tr("&Read again"), QKeySequence::Refresh, this, [this] {
    for (std::size_t i = 0; i < studies_->size(); ++i) studies_->databaseAt(i)->refresh();
    if (currentPage() != nullptr) currentPage()->model()->refresh();
  });
  refresh->setShortcuts({QKeySequence(Qt::Key_F5), QKeySequence(tr("Ctrl+R"))});
  stop_reading_ = view->addAction(tr("&Stop reading"), QKeySequence(Qt::Key_Escape), this,
                                  [this] { currentPage()->model()->cancel(); });
  // In the table alone: plots and drawings have a use of their own for Escape.
  stop_reading_->setShortcutContext(Qt::WidgetShortcut);
  view->addSeparator();
  QMenu* plots = view->addMenu(tr("&Plot"));
  for (const PlotKind* kind : plot_kinds()) {
    QAction* action = plots->addAction(kind->title(), this,
                                       [this, kind] { currentPlots()->setView(kind->name); });
    const auto place = static_cast<int>(plots->actions().size());
    if (place <= 9) action->setShortcut(QKeySequence(Qt::CTRL | (Qt::Key_0 + place)));
    page_actions_ << action;
  }
  page_actions_ << stop_reading_;
  view->addSeparator();
  for (QDockWidget* dock : docks_) view->addAction(dock->toggleViewAction());
  view->addSeparator();
  const auto step = [this](int by) {
    if (tabs_->count() > 0)
      tabs_->setCurrentIndex((tabs_->currentIndex() + by + tabs_->count()) % tabs_->count());
  };
  view->addAction(tr("&Next tab"), QKeySequence::NextChild, this, [step] { step(1); });
  view->addAction(tr("Pre&vious tab"), QKeySequence::PreviousChild, this, [step] { step(-1); });
}

void MainWindow::buildSearchMenu() {
  QMenu* search = menuBar()->addMenu(tr("&Search"));
  search->addAction(tr("&Start…"), QKeySequence::New, this, &MainWindow::startSearch);
  pause_ = search->addAction(tr("&Pause"), this, [this] { nasctl_->interrupt(); });
  QAction* kill = search->addAction(tr("Stop at &once"), this, [this] {
    nasctl_->interrupt();
    nasctl_->interrupt();
  });
  QAction* resume = search->addAction(tr("&Resume"), this, &MainWindow::resumeSearch);
  QAction* report = search->addAction(tr("&Write a report…"), this, &MainWindow::reportSearch);
  page_actions_ << resume << report;
  connect(search, &QMenu::aboutToShow, this, [this, kill, resume, report] {
    pause_->setEnabled(nasctl_->isSearching());
    kill->setEnabled(nasctl_->isSearching());
    const bool study = !currentStudy().isEmpty();
    resume->setEnabled(study);
    report->setEnabled(study);
  });
}

QString MainWindow::currentStudy() const {
  const TablePage* page = currentPage();
  if (page == nullptr || !std::holds_alternative<std::int64_t>(page->model()->table())) return {};
  const Explorer::Study* study =
      page->database()->findStudy(std::get<std::int64_t>(page->model()->table()));
  return study == nullptr ? QString() : QString::fromStdString(study->row.spec.name);
}

QString MainWindow::currentStore() const {
  const TablePage* page = currentPage();
  if (page != nullptr) return page->database()->address();
  return studies_->size() > 0 ? studies_->databaseAt(0)->address()
                              : QStringLiteral("searchlight.db");
}

void MainWindow::startSearch() {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::string images = "glyphs";
  const MetricInfo& judged_by = first_metric(images);
  openForm(
      "search run",
      {{"store", currentStore()},
       {"space", "nasbench201"},
       {"searcher", "evolution"},
       {"data", QString::fromStdString(images)},
       {"preset", "short"},
       {judged_by.maximize ? "maximize" : "minimize",
        QString::fromUtf8(judged_by.name.data(), static_cast<qsizetype>(judged_by.name.size()))},
       {"budget", "24"},
       {"workers", QString::number(cores)}},
      {});
}

void MainWindow::showNextStudy(const QString& store, int job) {
  auto* once = new QObject(nasctl_);
  // After its end the list is read once more; what comes later was not made by this command.
  connect(nasctl_, &NasctlQueue::finished, once, [once, job](int id) {
    if (id == job) QTimer::singleShot(kLastLookMs, once, &QObject::deleteLater);
  });
  const bool file = StoreAddress::parse(store.toStdString()).is_file();
  if (file && !QFileInfo::exists(store)) {
    // A new file is there only when nasctl has made it; opening it shows its first study.
    connect(nasctl_, &NasctlQueue::line, once, [this, once, store] {
      if (!QFileInfo::exists(store)) return;
      once->deleteLater();
      openStore(store);
    });
    return;
  }
  Database* database = openStore(store);
  connect(database, &QObject::destroyed, once, &QObject::deleteLater);
  // Numbers of studies only grow.
  const auto newest = [database] {
    return database->studies().empty() ? 0 : database->studies().front().row.id;
  };
  connect(
      database, &Database::listChanged, once,
      [this, once, database, newest, job, known = database->isOpen() ? newest() : -1]() mutable {
        if (!database->isOpen()) return;
        const NasctlJob* runs = nasctl_->find(job);
        // What comes while the job waits is another's.
        if (runs != nullptr && runs->state == NasctlJob::State::kWaiting) known = newest();
        if (known >= 0 && newest() > known) {
          once->deleteLater();
          openTable(database, newest());
        }
        if (known < 0) known = newest();
      });
}

void MainWindow::resumeSearch() {
  runNasctl({"search", "resume", currentStudy(), "--store", currentPage()->database()->address(),
             "--progress", "plain"});
}

void MainWindow::reportSearch() {
  const QString directory =
      QFileDialog::getExistingDirectory(this, tr("Where the report is written"));
  if (directory.isEmpty()) return;
  runNasctl({"search", "report", currentStudy(), "--store", currentPage()->database()->address(),
             "--output", directory + "/" + currentStudy().replace('/', '_') + "-report"});
}

void MainWindow::savePicture() {
  if (const PlotsPanel* plots = currentPlots(); plots != nullptr) {
    if (Canvas* canvas = plots->canvas(); canvas != nullptr) canvas->saveAs();
    return;
  }
  const QList<GraphView*> drawings = tabs_->currentWidget()->findChildren<GraphView*>();
  if (drawings.isEmpty()) return;
  const auto focused = std::find_if(drawings.begin(), drawings.end(),
                                    [](const GraphView* drawing) { return drawing->hasFocus(); });
  (focused == drawings.end() ? drawings.front() : *focused)->saveAs();
}

}  // namespace nas
