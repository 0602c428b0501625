#include <doctest/doctest.h>

#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <memory>

#include "gui/graph/compare_view.h"
#include "gui/language.h"
#include "gui/plots/canvas.h"
#include "gui/views/forms/command_form.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/end_to_end/display.h"
#include "tests/gui/end_to_end/user.h"
#include "tests/gui/window/sample_database.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr int kRows = 300;
constexpr int kPatienceMs = 40'000;

template <class Done>
bool soon(const Done& done) {
  return QTest::qWaitFor([&] { return done(); }, kPatienceMs);
}

/// A person with a fresh account at a screen of their own.
struct Session {
  Session() {
    qputenv("DISPLAY", display.name().toUtf8());
    qputenv("QT_QPA_PLATFORM", "xcb");
    // Without a desktop's dialogs, so that all of it happens in this process.
    qputenv("QT_QPA_PLATFORMTHEME", "none");
    qputenv("XDG_CONFIG_HOME", directory.file("config").string().c_str());
    qputenv("XDG_RUNTIME_DIR", directory.file("").string().c_str());
    qputenv("PATH", QByteArray(NAS_NASCTL_DIRECTORY ":") + qgetenv("PATH"));
    std::filesystem::permissions(directory.file(""), std::filesystem::perms::owner_all);
  }

  TablePage* page() const { return window->currentPage(); }
  int rows() const { return page()->model()->rowCount(); }
  bool idle() const {
    return page() != nullptr && !page()->model()->isBusy() &&
           page()->model()->countState() == RowsModel::Count::kComplete;
  }
  QString path(const char* file) const {
    return QString::fromStdString(directory.file(file).string());
  }
  /// Answers Qt's own file dialog.
  auto giving(const QString& file) {
    return [this, file](QWidget& dialog) {
      auto* edit = dialog.findChild<QLineEdit*>();
      REQUIRE(edit != nullptr);
      user.press(Qt::Key_A, Qt::ControlModifier);
      user.type(file);
      CHECK(edit->text() == file);
      user.press(Qt::Key_Return);
      if (dialog.isVisible()) user.press(Qt::Key_Return);  // the first one closed a completion
    };
  }

  int count = 1;
  char own_name[16] = "nas-explorer";
  char* arguments[2] = {own_name, nullptr};
  TemporaryDirectory directory;
  VirtualDisplay display;
  User user{NAS_PICTURES};
  std::unique_ptr<QApplication> program;
  std::unique_ptr<MainWindow> window;
};

void open_a_file(Session& session) {
  add_sample_trials(session.directory.file("sample.db"), 0, kRows);
  session.user.pressAndAnswer(Qt::Key_O, Qt::ControlModifier,
                              session.giving(session.path("sample.db")));
  REQUIRE(soon([&] { return session.idle(); }));
  CHECK(session.rows() == kRows);
  REQUIRE(soon([&] { return session.window->currentPlots()->isReady(); }));
  session.user.photograph("opened");
}

void filter_with_completion(Session& session) {
  User& user = session.user;
  user.press(Qt::Key_F, Qt::ControlModifier);
  user.type("accu");
  REQUIRE(soon([] { return QApplication::activePopupWidget() != nullptr; }));
  user.photograph("completion");
  user.press(Qt::Key_Down);
  user.press(Qt::Key_Return);
  CHECK(session.page()->filterLine()->text() == "accuracy ");
  user.type("> 80");
  user.press(Qt::Key_Escape);  // the next completion
  user.press(Qt::Key_Return);
  REQUIRE(soon([&] { return session.idle() && session.rows() < kRows; }));
  const int passing = session.rows();
  CHECK(passing > 0);
  session.page()->tableView()->setFocus();
  user.press(Qt::Key_Z, Qt::ControlModifier);
  REQUIRE(soon([&] { return session.idle() && session.rows() == kRows; }));
  user.press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
  REQUIRE(soon([&] { return session.idle() && session.rows() == passing; }));
  REQUIRE(soon([&] { return session.window->currentPlots()->isReady(); }));
}

void brush(Session& session) {
  Canvas* plot = session.window->currentPlots()->canvas();
  const QRect middle = plot->rect().adjusted(plot->width() / 4, plot->height() / 4,
                                             -plot->width() / 4, -plot->height() / 4);
  session.user.drag(*plot, middle.topLeft(), middle.bottomRight());
  const auto brushed = session.page()->selection()->keys();
  REQUIRE(brushed.size() > 0);
  CHECK(brushed.size() < static_cast<std::size_t>(session.rows()));
  const RowsModel* model = session.page()->model();
  for (const RowKey key : brushed) {
    CHECK(model->data(model->index(model->rowOf(key), 0), Qt::BackgroundRole).isValid());
  }
  session.user.photograph("brushed");
  session.user.press(Qt::Key_Escape);
  CHECK(session.page()->selection()->size() == 0);
}

void draw_and_compare(Session& session) {
  User& user = session.user;
  QTabWidget* tabs = session.window->tabs();
  QTableView* table = session.page()->tableView();
  const int row_height = table->rowHeight(0);
  user.click(*table->viewport(), QPoint(20, row_height / 2));
  user.press(Qt::Key_Return);
  REQUIRE(soon([&] { return tabs->count() == 2; }));
  wait_for_layout(*tabs->currentWidget());
  user.photograph("architecture");
  user.press(Qt::Key_W, Qt::ControlModifier);
  REQUIRE(soon([&] { return tabs->count() == 1; }));
  user.click(*table->viewport(), QPoint(20, row_height / 2));
  user.press(Qt::Key_Down, Qt::ShiftModifier);
  user.press(Qt::Key_Down, Qt::ShiftModifier);
  CHECK(session.page()->selection()->size() == 3);
  user.press(Qt::Key_M, Qt::ControlModifier);
  REQUIRE(soon([&] { return tabs->count() == 2; }));
  CHECK(qobject_cast<CompareView*>(tabs->currentWidget()) != nullptr);
  wait_for_layout(*tabs->currentWidget());
  user.photograph("compared");
  user.press(Qt::Key_Backtab, Qt::ControlModifier | Qt::ShiftModifier);
  REQUIRE(session.page() != nullptr);
}

void export_rows_and_plot(Session& session) {
  const QString rows = session.path("rows.csv");
  session.user.pressAndAnswer(Qt::Key_E, Qt::ControlModifier, session.giving(rows));
  REQUIRE(soon([&] { return QFile::exists(rows); }));
  QFile file(rows);
  REQUIRE(soon([&] {
    file.close();
    return file.open(QFile::ReadOnly) && file.readAll().count('\n') == session.rows() + 1;
  }));
  const QString plot = session.path("plot.svg");
  session.user.pressAndAnswer(Qt::Key_S, Qt::ControlModifier, session.giving(plot));
  QFile picture(plot);
  REQUIRE(picture.open(QFile::ReadOnly));
  CHECK(picture.readAll().contains("<svg"));
}

/// Opens the form of a search, types what a search without training needs, and runs it.
void start_search(Session& session, const QString& name, const QString& budget) {
  User& user = session.user;
  user.press(Qt::Key_N, Qt::ControlModifier);
  REQUIRE(soon([] { return qobject_cast<CommandForm*>(QApplication::activeModalWidget()); }));
  auto* form = qobject_cast<CommandForm*>(QApplication::activeModalWidget());
  form->activateWindow();  // the display has no window manager that would
  REQUIRE(QTest::qWaitForWindowActive(form));
  const std::pair<const char*, QString> values[] = {
      {"name", name},   {"searcher", "random"},     {"data", ""},
      {"maximize", ""}, {"minimize", "latency_ms"}, {"budget", budget}};
  for (const auto& [field, value] : values) {
    form->editorOf(field)->setFocus();
    user.press(Qt::Key_A, Qt::ControlModifier);
    user.press(Qt::Key_Delete);
    user.type(value);
    user.press(
        Qt::Key_Tab);  // closes the words that are offered; else they would take the next keys
    if (field != std::string("minimize")) CHECK(form->value(field) == value);
  }
  form->setValue("preset", "");  // nothing is trained
  CHECK(form->value("minimize") == "latency_ms");
  user.photograph("search-form");
  user.press(Qt::Key_R, Qt::AltModifier);
  REQUIRE(soon([] { return QApplication::activeModalWidget() == nullptr; }));
  session.window->activateWindow();
  REQUIRE(QTest::qWaitForWindowActive(session.window.get()));
}

/// A second search, which waits for the first while another command ends.
void search_in_line(Session& session) {
  start_search(session, "second-in-line", "2");
  const int other = session.window->runNasctl({"searcher", "list"});
  REQUIRE(soon([&] { return session.window->nasctl()->find(other)->isOver(); }));
  QTest::qWait(3500);  // longer than a list is awaited after the end of its search
}

void search_pause_resume(Session& session) {
  User& user = session.user;
  QTabWidget* tabs = session.window->tabs();
  const int before = tabs->count();
  start_search(session, "from-the-window", "5000");  // far more than there is time for
  REQUIRE(soon([&] { return tabs->count() == before + 1; }));
  REQUIRE(session.page() != nullptr);
  CHECK(session.page()->title() == "from-the-window");
  REQUIRE(soon([&] { return session.rows() >= 3; }));
  CHECK(session.window->nasctl()->isRunning());
  user.photograph("rows-arrive");
  search_in_line(session);
  user.press(Qt::Key_S, Qt::AltModifier);
  REQUIRE(soon([] { return QApplication::activePopupWidget() != nullptr; }));
  user.photograph("search-menu");
  user.press(Qt::Key_P);
  REQUIRE(soon([&] { return !session.window->nasctl()->isRunning() && session.idle(); }));
  {
    CAPTURE(session.window->log().join('\n').right(1500).toStdString());
    REQUIRE(soon([&] { return tabs->count() == before + 2; }));
  }
  CHECK(session.page()->title() == "second-in-line");
  tabs->setCurrentIndex(before);
  QTest::qWait(1500);  // what the search wrote at its end
  const int paused = session.rows();
  CHECK(paused < 5000);
  user.press(Qt::Key_S, Qt::AltModifier);
  REQUIRE(soon([] { return QApplication::activePopupWidget() != nullptr; }));
  user.press(Qt::Key_R);
  CAPTURE(session.window->log().join('\n').right(600).toStdString());
  REQUIRE(soon([&] { return session.rows() > paused; }));
  CHECK(session.window->nasctl()->isRunning());
  user.photograph("resumed");
}

}  // namespace

TEST_CASE("acceptance: a session of a user at a real window") {
  Session session;
  if (session.display.name().isEmpty()) {
    MESSAGE("SKIPPED: ", session.display.problem().toStdString());
    return;
  }
  session.program = std::make_unique<QApplication>(session.count, session.arguments);
  QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, session.path("config"));
  use_language(QLocale::English);
  session.window = std::make_unique<MainWindow>(true);
  session.window->show();
  REQUIRE(QTest::qWaitForWindowExposed(session.window.get()));
  session.window->activateWindow();  // the display has no window manager that would
  REQUIRE(QTest::qWaitForWindowActive(session.window.get()));
  session.user.photograph("welcome");
  open_a_file(session);
  filter_with_completion(session);
  brush(session);
  draw_and_compare(session);
  export_rows_and_plot(session);
  search_pause_resume(session);
  session.user.press(Qt::Key_Q, Qt::ControlModifier);
  CHECK_FALSE(session.window->isVisible());
  session.window.reset();
  CHECK_MESSAGE(session.user.warnings().isEmpty(),
                session.user.warnings().join(" | ").toStdString());
}
