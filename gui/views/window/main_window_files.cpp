#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QSettings>
#include <QTabWidget>
#include <QTreeView>
#include <algorithm>

#include "core/util/error.h"
#include "gui/base/theme.h"
#include "gui/views/forms/server_form.h"
#include "gui/views/window/main_window.h"

namespace nas {

namespace {

constexpr int kMostRecent = 10;

}  // namespace

void MainWindow::open(const QString& word) {
  try {
    const StoreAddress address = StoreAddress::parse(word.toStdString());
    if (address.is_file() && is_network_file(word.toStdString())) {
      openNetwork(word);
    } else {
      openStore(word);
    }
  } catch (const Error& error) {
    say(QString::fromUtf8(error.what()));
  }
}

Database* MainWindow::openStore(const QString& word) {
  const StoreAddress address = StoreAddress::parse(word.toStdString());
  passwords_.remember(address);
  Database* database = studies_->open(passwords_.completed(address));
  if (!database->isOpen()) followDatabase(database);
  remember(database->address());
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

void MainWindow::closeDatabase() {
  Database* database = studies_->databaseOf(tree_->currentIndex());
  if (database == nullptr && currentPage() != nullptr) database = currentPage()->database();
  if (database == nullptr) return;
  for (int i = tabs_->count() - 1; i >= 0; --i) {
    auto* page = qobject_cast<TablePage*>(tabs_->widget(i));
    if (page == nullptr || page->database() != database) continue;
    tabs_->removeTab(i);
    delete page;
  }
  studies_->close(database);
  followPage();
  showProblem();
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

void MainWindow::chooseFile() {
  const auto file = std::find_if(recent_.begin(), recent_.end(),
                                 [](const QString& place) { return !place.contains("://"); });
  QString patterns = "*.db *.sqlite";
  for (const std::string_view ending : network_file_endings()) {
    patterns += " *." + QString::fromUtf8(ending.data(), static_cast<qsizetype>(ending.size()));
  }
  const QString path = QFileDialog::getOpenFileName(
      this, tr("Open a results database or a network"), file == recent_.end() ? "" : *file,
      tr("Databases and networks (%1);;All files (*)").arg(patterns));
  if (!path.isEmpty()) open(path);
}

void MainWindow::chooseServer() {
  auto* form = new ServerForm(this);
  form->setAttribute(Qt::WA_DeleteOnClose);
  connect(form, &QDialog::accepted, this, [this, form] {
    passwords_.remember(form->address());
    openStore(QString::fromStdString(form->address().text()));
  });
  form->open();
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

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  // The banner has colours of its own.
  if (event->type() == QEvent::PaletteChange && banner_ != nullptr) showProblem();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (std::any_of(urls.begin(), urls.end(), [](const QUrl& url) { return url.isLocalFile(); }))
    event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) open(url.toLocalFile());
  }
  event->acceptProposedAction();
}

}  // namespace nas
