#include "gui/views/main_window.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>
#include <variant>

#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/theme.h"
#include "gui/views/help_window.h"
#include "gui/views/welcome_page.h"

namespace nas {

namespace {

constexpr int kMostRecent = 10;
constexpr int kMostLogLines = 20'000;

}  // namespace

MainWindow::MainWindow(bool remembers, QWidget* parent)
    : QMainWindow(parent),
      remembers_(remembers),
      studies_(new StudiesModel(this)),
      events_(new EventsModel(this)),
      nasctl_(new NasctlProcess(this)),
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
  QDockWidget* details = addDock("details", tr("Details"), details_, Qt::LeftDockWidgetArea);
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
  QDockWidget* event_dock = addDock("events", tr("Events"), events, Qt::BottomDockWidgetArea);
  log_ = new QPlainTextEdit(this);
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(kMostLogLines);
  log_->setAccessibleName(tr("Log of nasctl"));
  QDockWidget* log_dock = addDock("log", tr("Log"), log_, Qt::BottomDockWidgetArea);
  tabifyDockWidget(event_dock, log_dock);
  event_dock->hide();
  log_dock->hide();
  resizeDocks({docks_[0]}, {370}, Qt::Horizontal);
  resizeDocks({docks_[0], docks_[1]}, {280, 520}, Qt::Vertical);

  connect(welcome_, &WelcomePage::openRequested, this, &MainWindow::chooseFile);
  connect(welcome_, &WelcomePage::helpRequested, this, &MainWindow::showHelp);
  connect(welcome_, &WelcomePage::fileChosen, this, &MainWindow::openFile);
  connect(tabs_, &QTabWidget::tabCloseRequested, this, &MainWindow::closeTab);
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::followPage);
  connect(details_, &DetailsPanel::drawRequested, this, &MainWindow::drawCurrent);
  connect(nasctl_, &NasctlProcess::line, log_, &QPlainTextEdit::appendPlainText);
  connect(nasctl_, &NasctlProcess::finished, this, [this](int code) {
    say(code == 0 ? tr("nasctl is done") : tr("nasctl ended with code %1; see the log").arg(code));
  });
}

QDockWidget* MainWindow::addDock(const QString& name, const QString& title, QWidget* content,
                                 Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(name);
  dock->setWidget(content);
  addDockWidget(area, dock);
  docks_ << dock;
  return dock;
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
  tree_->setColumnWidth(StudiesModel::kName, 116);
  tree_->setColumnWidth(StudiesModel::kState, 62);
  tree_->setColumnWidth(StudiesModel::kProgress, 106);
  tree_->setIndentation(14);
  addDock("studies", tr("Studies"), tree_, Qt::LeftDockWidgetArea);
  connect(tree_, &QTreeView::activated, this, &MainWindow::openChosen);
  connect(tree_, &QTreeView::clicked, this, &MainWindow::openChosen);
  connect(studies_, &QAbstractItemModel::rowsInserted, tree_,
          [this](const QModelIndex& parent) { tree_->expand(parent); });
}

void MainWindow::openChosen(const QModelIndex& index) {
  const auto table = studies_->tableOf(index);
  if (table) openTable(studies_->databaseOf(index), *table);
}

Database* MainWindow::openFile(const QString& path) {
  Database* database = studies_->open(path);
  followDatabase(database);
  remember(database->path());
  return database;
}

void MainWindow::followDatabase(Database* database) {
  connect(database, &Database::problemChanged, this, &MainWindow::showProblem,
          Qt::UniqueConnection);
  // The newest study is what people open a file for.
  auto* once = new QObject(database);
  connect(database, &Database::listChanged, once, [this, database, once] {
    showProblem();
    if (!database->isOpen()) return;
    // A search that has just made the file is about to add its study.
    const bool empty = database->studies().empty() && database->benchmarks().empty();
    if (!empty) once->deleteLater();
    if (!database->studies().empty()) {
      openTable(database, database->studies().front().row.id);
    } else if (!database->benchmarks().empty()) {
      openTable(database, database->benchmarks().front().info.name);
    } else {
      say(tr("%1 holds no study and no benchmark yet").arg(database->name()));
    }
  });
}

TablePage* MainWindow::openTable(Database* database, const TableName& table) {
  for (int i = 0; i < tabs_->count(); ++i) {
    auto* open = qobject_cast<TablePage*>(tabs_->widget(i));
    if (open->database() != database || open->model()->table() != table) continue;
    tabs_->setCurrentIndex(i);
    return open;
  }
  QString title;
  if (const auto* id = std::get_if<std::int64_t>(&table)) {
    const Explorer::Study* study = database->findStudy(*id);
    if (study != nullptr) title = QString::fromStdString(printable(study->row.spec.name));
  } else {
    title = QString::fromStdString(printable(std::get<std::string>(table)));
  }
  auto* page = new TablePage(database, table, title, tabs_);
  auto* plots = new PlotsPanel(page);
  page->splitter()->addWidget(plots);
  page->splitter()->setSizes({340, 440});
  undo_->addStack(page->undoStack());
  connect(page, &TablePage::message, this, &MainWindow::say);
  connect(plots, &PlotsPanel::message, this, &MainWindow::say);
  connect(page, &TablePage::opened, this, &MainWindow::drawCurrent);
  // An ampersand would underline the next letter.
  const int place = tabs_->addTab(page, title.left(40).replace("&", "&&"));
  tabs_->setTabToolTip(place, "<p>" + (title + " - " + database->path()).toHtmlEscaped() + "</p>");
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

void MainWindow::closeDatabase() {
  Database* database = studies_->databaseOf(tree_->currentIndex());
  if (database == nullptr && currentPage() != nullptr) database = currentPage()->database();
  if (database == nullptr) return;
  for (int i = tabs_->count() - 1; i >= 0; --i) {
    auto* page = qobject_cast<TablePage*>(tabs_->widget(i));
    if (page->database() != database) continue;
    tabs_->removeTab(i);
    delete page;
  }
  studies_->close(database);
  followPage();
  showProblem();
}

void MainWindow::followPage() {
  TablePage* page = currentPage();
  center_->setCurrentIndex(page == nullptr ? 0 : 1);
  if (page == nullptr && tabs_->count() > 0) center_->setCurrentIndex(1);
  for (QAction* action : page_actions_) action->setEnabled(page != nullptr);
  if (page != nullptr || tabs_->count() == 0) details_->setPage(page);
  undo_->setActiveStack(page == nullptr ? nullptr : page->undoStack());
  const auto* study =
      page == nullptr ? nullptr : std::get_if<std::int64_t>(&page->model()->table());
  events_->setStudy(study == nullptr ? nullptr : page->database(), study == nullptr ? 0 : *study);
  setWindowTitle(page == nullptr ? tr("Searchlight explorer")
                                 : tr("%1 - Searchlight explorer").arg(page->title().left(80)));
}

void MainWindow::showProblem() {
  QStringList problems;
  for (std::size_t i = 0; i < studies_->size(); ++i) {
    const QString& problem = studies_->databaseAt(i)->problem();
    if (!problem.isEmpty()) problems << problem;
  }
  const Theme theme = Theme::of(palette());
  QPalette colours = banner_->palette();
  colours.setColor(QPalette::Window, theme.dark ? QColor("#4a1f1c") : QColor("#fdecea"));
  colours.setColor(QPalette::WindowText, theme.text);
  banner_->setPalette(colours);
  banner_->setText(problems.join('\n'));
  banner_->setVisible(!problems.isEmpty());
}

void MainWindow::say(const QString& text) {
  // One line, whatever was in a name.
  statusBar()->showMessage(text.simplified().left(400), 15'000);
}

void MainWindow::runNasctl(const QStringList& arguments) {
  for (QDockWidget* dock : docks_) {
    if (dock->objectName() != "log") continue;
    dock->show();
    dock->raise();
  }
  if (nasctl_->isRunning()) {
    say(tr("nasctl is still busy; pause it first"));
    return;
  }
  nasctl_->start(arguments);
}

QStringList MainWindow::log() const {
  return log_->toPlainText().split('\n');
}

void MainWindow::showHelp() {
  auto* help = new HelpWindow(this);
  help->setAttribute(Qt::WA_DeleteOnClose);
  help->show();
}

void MainWindow::chooseFile() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open a results database"),
                                                    recent_.isEmpty() ? "" : recent_.front(),
                                                    tr("Databases (*.db *.sqlite);;All files (*)"));
  if (!path.isEmpty()) openFile(path);
}

void MainWindow::remember(const QString& path) {
  recent_.removeAll(path);
  recent_.prepend(path);
  while (recent_.size() > kMostRecent) recent_.removeLast();
  fillRecent();
}

void MainWindow::restore() {
  if (remembers_) {
    const QSettings settings;
    recent_ = settings.value("recent").toStringList();
    restoreGeometry(settings.value("geometry").toByteArray());
    restoreState(settings.value("state").toByteArray());
  }
  fillRecent();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (remembers_) {
    QSettings settings;
    settings.setValue("recent", recent_);
    settings.setValue("geometry", saveGeometry());
    settings.setValue("state", saveState());
  }
  QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) openFile(url.toLocalFile());
  }
}

}  // namespace nas
