#include "gui/views/window/main_window.h"

#include <QDockWidget>
#include <QHeaderView>
#include <QLabel>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>
#include <variant>

#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/base/theme.h"
#include "gui/views/panels/workers_panel.h"
#include "gui/views/window/help_window.h"
#include "gui/views/window/welcome_page.h"

namespace nas {

namespace {

constexpr int kMostLogLines = 20'000;

}  // namespace

MainWindow::MainWindow(bool remembers, QWidget* parent)
    : QMainWindow(parent),
      remembers_(remembers),
      studies_(new StudiesModel(this)),
      events_(new EventsModel(this)),
      nasctl_(new NasctlQueue(this, &passwords_)),
      questions_(new NasctlQuestions(this, &passwords_)),
      networks_(new NetworkReader(this)),
      undo_(new QUndoGroup(this)) {
  setWindowTitle(tr("Searchlight explorer"));
  setAcceptDrops(true);
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
  resize(1360, 860);
  build();
  buildMenus();
  restore();
  followPage();
}

MainWindow::~MainWindow() {
  // Pages let go of their databases before those go.
  disconnect(tabs_, nullptr, this, nullptr);
  while (tabs_->count() > 0) delete tabs_->widget(0);
}

void MainWindow::build() {
  welcome_ = new WelcomePage(this);
  tabs_ = new QTabWidget(this);
  tabs_->setTabsClosable(true);
  tabs_->setMovable(true);
  tabs_->setDocumentMode(true);
  tabs_->setElideMode(Qt::ElideRight);
  tabs_->setAccessibleName(tr("Open tables"));
  center_ = new QStackedWidget(this);
  center_->addWidget(welcome_);
  center_->addWidget(tabs_);
  banner_ = new QLabel(this);
  banner_->setTextFormat(Qt::PlainText);
  banner_->setWordWrap(true);
  banner_->setMargin(8);
  banner_->setAccessibleName(tr("Problem"));
  banner_->setAutoFillBackground(true);
  banner_->hide();
  auto* middle = new QWidget(this);
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(banner_);
  column->addWidget(center_, 1);
  setCentralWidget(middle);

  buildStudies();
  details_ = new DetailsPanel(this);
  QDockWidget* details = addDock("details", tr("Detai&ls"), details_, Qt::LeftDockWidgetArea);
  splitDockWidget(docks_[0], details, Qt::Vertical);
  auto* events = new QTableView(this);
  events->setModel(events_);
  events->setAccessibleName(tr("Events of the study"));
  events->horizontalHeader()->setStretchLastSection(true);
  events->setColumnWidth(0, 150);
  events->verticalHeader()->hide();
  events->setSelectionBehavior(QAbstractItemView::SelectRows);
  events->setShowGrid(false);
  events->setTabKeyNavigation(false);
  QDockWidget* event_dock = addDock("events", tr("&Events"), events, Qt::BottomDockWidgetArea);
  log_ = new QPlainTextEdit(this);
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(kMostLogLines);
  log_->setAccessibleName(tr("Log of nasctl"));
  QDockWidget* log_dock = addDock("log", tr("Lo&g"), log_, Qt::BottomDockWidgetArea);
  tabifyDockWidget(event_dock, log_dock);
  event_dock->hide();
  log_dock->hide();
  buildResults();
  buildWorkers();
  resizeDocks({docks_[0]}, {390}, Qt::Horizontal);
  resizeDocks({docks_[0], docks_[1]}, {280, 520}, Qt::Vertical);

  connect(welcome_, &WelcomePage::openRequested, this, &MainWindow::chooseFile);
  connect(welcome_, &WelcomePage::helpRequested, this, &MainWindow::showHelp);
  connect(welcome_, &WelcomePage::fileChosen, this, &MainWindow::open);
  connect(tabs_, &QTabWidget::tabCloseRequested, this, &MainWindow::closeTab);
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::followPage);
  connect(details_, &DetailsPanel::drawRequested, this, &MainWindow::drawCurrent);
  connect(nasctl_, &NasctlQueue::line, log_, &QPlainTextEdit::appendPlainText);
}

QDockWidget* MainWindow::addDock(const QString& name, const QString& entry, QWidget* content,
                                 Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(QString(entry).remove('&'), this);
  dock->toggleViewAction()->setText(entry);
  dock->setObjectName(name);
  dock->setWidget(content);
  addDockWidget(area, dock);
  // Qt has arranged its tabs when this event is over.
  connect(dock, &QDockWidget::visibilityChanged, this, &MainWindow::skipEmptyTabs,
          Qt::QueuedConnection);
  docks_ << dock;
  return dock;
}

void MainWindow::buildWorkers() {
  workers_ = new WorkersPanel(this);
  QDockWidget* dock = addDock("workers", tr("&Workers"), workers_, Qt::BottomDockWidgetArea);
  tabifyDockWidget(docks_[docks_.size() - 2], dock);
  dock->hide();
}

void MainWindow::skipEmptyTabs() {
  // The tab bar of docks that are all hidden stays, out of sight, and would take the keyboard.
  for (QTabBar* bar : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly))
    bar->setFocusPolicy(bar->count() > 0 ? Qt::TabFocus : Qt::NoFocus);
}

void MainWindow::buildStudies() {
  tree_ = new QTreeView(this);
  tree_->setModel(studies_);
  tree_->setAccessibleName(tr("Databases and their studies"));
  tree_->setUniformRowHeights(true);
  tree_->setExpandsOnDoubleClick(false);
  tree_->header()->setStretchLastSection(true);
  tree_->header()->setMinimumSectionSize(40);
  tree_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  tree_->setColumnWidth(StudiesModel::kName, 108);
  tree_->setColumnWidth(StudiesModel::kState, 74);
  tree_->setColumnWidth(StudiesModel::kProgress, 84);
  tree_->setIndentation(14);
  addDock("studies", tr("Stu&dies"), tree_, Qt::LeftDockWidgetArea);
  connect(tree_, &QTreeView::activated, this, &MainWindow::openChosen);
  connect(tree_, &QTreeView::clicked, this, &MainWindow::openChosen);
  connect(studies_, &QAbstractItemModel::rowsInserted, tree_,
          [this](const QModelIndex& parent) { tree_->expand(parent); });
}

void MainWindow::openChosen(const QModelIndex& index) {
  const auto table = studies_->tableOf(index);
  if (table) openTable(studies_->databaseOf(index), *table);
}

TablePage* MainWindow::openTable(Database* database, const TableName& table) {
  for (int i = 0; i < tabs_->count(); ++i) {
    auto* open = qobject_cast<TablePage*>(tabs_->widget(i));
    if (open == nullptr || open->database() != database || open->model()->table() != table)
      continue;
    tabs_->setCurrentIndex(i);
    return open;
  }
  QString title;
  if (const auto* id = std::get_if<std::int64_t>(&table)) {
    const Explorer::Study* study = database->findStudy(*id);
    if (study != nullptr) title = QString::fromStdString(printable(study->row.spec.name));
  } else if (const auto* name = std::get_if<std::string>(&table)) {
    title = QString::fromStdString(printable(*name));
  } else {
    title = tr("All trials of %1").arg(database->name());
  }
  auto* page = new TablePage(database, table, title, tabs_);
  auto* plots = new PlotsPanel(page);
  page->splitter()->addWidget(plots);
  page->splitter()->setSizes({340, 440});
  undo_->addStack(page->undoStack());
  connect(page, &TablePage::message, this, &MainWindow::say);
  connect(plots, &PlotsPanel::message, this, &MainWindow::say);
  offerActions(page->tableView());
  connect(page, &TablePage::opened, this, &MainWindow::drawCurrent);
  // An ampersand would underline the next letter.
  const int place = tabs_->addTab(page, title.left(40).replace("&", "&&"));
  tabs_->setTabToolTip(place,
                       "<p>" + (title + " - " + database->address()).toHtmlEscaped() + "</p>");
  tabs_->setCurrentIndex(place);
  page->setFocus();
  return page;
}

TablePage* MainWindow::currentPage() const {
  return qobject_cast<TablePage*>(tabs_->currentWidget());
}

PlotsPanel* MainWindow::currentPlots() const {
  TablePage* page = currentPage();
  return page == nullptr ? nullptr : page->findChild<PlotsPanel*>();
}

void MainWindow::closeTab(int index) {
  QWidget* page = tabs_->widget(index);
  tabs_->removeTab(index);
  page->deleteLater();
}

void MainWindow::followPage() {
  TablePage* page = currentPage();
  center_->setCurrentIndex(page == nullptr ? 0 : 1);
  if (page == nullptr && tabs_->count() > 0) center_->setCurrentIndex(1);
  for (QAction* action : page_actions_) action->setEnabled(page != nullptr);
  for (QAction* action : tab_actions_) action->setEnabled(tabs_->count() > 0);
  if (page != nullptr || tabs_->count() == 0) details_->setPage(page);
  Database* first = studies_->size() > 0 ? studies_->databaseAt(0) : nullptr;
  workers_->setDatabase(page == nullptr ? first : page->database());
  undo_->setActiveStack(page == nullptr ? nullptr : page->undoStack());
  const auto* study =
      page == nullptr ? nullptr : std::get_if<std::int64_t>(&page->model()->table());
  events_->setStudy(study == nullptr ? nullptr : page->database(), study == nullptr ? 0 : *study);
  setWindowTitle(page == nullptr ? tr("Searchlight explorer")
                                 : tr("%1 - Searchlight explorer").arg(page->title().left(80)));
}

void MainWindow::say(const QString& text) {
  // One line, whatever was in a name.
  statusBar()->showMessage(text.simplified().left(400), 15'000);
}

QStringList MainWindow::log() const {
  return log_->toPlainText().split('\n');
}

void MainWindow::showHelp() {
  auto* help = new HelpWindow(*menuBar(), this);
  help->setAttribute(Qt::WA_DeleteOnClose);
  help->show();
}

}  // namespace nas
