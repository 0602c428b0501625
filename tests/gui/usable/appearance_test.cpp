// How the window looks: its room, colours and language, and what it remembers.
#include <doctest/doctest.h>

#include <QDockWidget>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

#include "gui/base/theme.h"
#include "gui/graph/elided_label.h"
#include "gui/graph/graph_view.h"
#include "tests/gui/usable/every_view.h"

using namespace nas;
using namespace nas::testing;

namespace {

/// Puts the palette of the program back at its end.
struct PaletteGuard {
  ~PaletteGuard() { QApplication::setPalette(before); }
  QPalette before = (application(), QApplication::palette());
};

void use_theme(const Theme& theme) {
  QApplication::setPalette(themePalette(theme));
  for (int i = 0; i < 3; ++i) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

QColor corner_of(QWidget& widget) {
  return widget.grab().toImage().pixelColor(2, 2);
}

template <class Child>
Child* named_child(QWidget& window, const char* name) {
  for (Child* child : window.findChildren<Child*>()) {
    if (child->accessibleName() == name) return child;
  }
  return nullptr;
}

/// Drags these over a window and drops them there; whether the window took them.
bool drop(MainWindow& window, const QList<QUrl>& urls) {
  QMimeData data;
  data.setUrls(urls);
  QDragEnterEvent enter({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&window, &enter);
  if (!enter.isAccepted()) return false;
  QDropEvent event({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&window, &event);
  return event.isAccepted();
}

void check_room(const QString& name, QWidget& window) {
  INFO(name.toStdString());
  for (QWidget* widget : seen_widgets(window)) {
    const auto* label = qobject_cast<const QLabel*>(widget);
    const bool text = (label != nullptr && !label->wordWrap()) ||
                      qobject_cast<const QPushButton*>(widget) != nullptr ||
                      (qobject_cast<const QToolButton*>(widget) != nullptr &&
                       !widget->property("text").toString().isEmpty());
    if (!text || dynamic_cast<const ElidedLabel*>(widget) != nullptr) continue;
    CHECK_MESSAGE(widget->sizeHint().width() <= widget->width(), describe(*widget));
    CHECK_MESSAGE(widget->minimumSizeHint().height() <= widget->height(), describe(*widget));
  }
}

}  // namespace

TEST_CASE("texts of buttons and labels fit into a small window, in every language") {
  for (const char* language : {"en", "de"}) {
    CAPTURE(language);
    EveryView views(language);
    views.visit([](const QString& name, QWidget& window) {
      check_room(name, window);
      CHECK(window.width() <= 1024);
      CHECK(window.height() <= 760);
    });
  }
}

TEST_CASE("a small window shows at least five rows and a plot") {
  for (const char* language : {"en", "de"}) {
    CAPTURE(language);
    EveryView views(language, {1024, 700});
    TablePage* page = views.openTable();
    bring_forward(views.window());
    CHECK(views.window().size() == QSize(1024, 700));
    const QTableView* table = page->tableView();
    CHECK(table->viewport()->height() >= 5 * table->verticalHeader()->defaultSectionSize());
    CHECK(views.window().currentPlots()->canvas()->height() >= 200);
    CHECK(views.window().currentPlots()->canvas()->width() >= 400);
  }
}

TEST_CASE("colours follow the palette while everything is open") {
  const PaletteGuard guard;
  use_theme(Theme::light());
  EveryView views("en", {1360, 860});
  TablePage* page = views.openTable();
  page->enterFilter("acuracy > 1");
  Database* missing = views.window().openStore("/nowhere/at-all.db");
  REQUIRE(wait_for([&] { return !missing->problem().isEmpty(); }));
  auto* banner = named_child<QLabel>(views.window(), "Problem");
  auto* message = named_child<QLabel>(views.window(), "Problem of the filter");
  auto* state = named_child<QLabel>(views.window(), "State of the command");
  CommandForm form(sample_command());
  form.accept();  // shows what is missing
  auto* lacking = named_child<QLabel>(form, "What is missing");
  REQUIRE((banner && message && state && lacking));
  views.draw();
  const QColor light_banner = corner_of(*banner);
  CHECK(light_banner.lightness() > 200);
  for (const Theme& theme : {Theme::darkTheme(), Theme::light(), Theme::darkTheme()}) {
    use_theme(theme);
    CAPTURE(theme.dark);
    CHECK((corner_of(*banner) == light_banner) == !theme.dark);
    CHECK((corner_of(*banner).lightness() < 100) == theme.dark);
    CHECK(banner->palette().color(QPalette::WindowText) == theme.text);
    CHECK(message->palette().color(QPalette::WindowText) == theme.warning);
    CHECK(state->palette().color(QPalette::WindowText) == theme.muted);
    CHECK(lacking->palette().color(QPalette::WindowText) == theme.warning);
    for (auto* drawing : views.window().tabs()->currentWidget()->findChildren<Canvas*>())
      CHECK(corner_of(*drawing) == theme.background);
  }
}

TEST_CASE("plots that are on the screen are painted anew with the palette") {
  const PaletteGuard guard;
  use_theme(Theme::light());
  EveryView views;
  views.openTable();
  PlotsPanel* plots = views.window().currentPlots();
  for (int view = 0; view < static_cast<int>(plot_kinds().size()); ++view) {
    CAPTURE(view);
    plots->setView(view);
    REQUIRE(wait_for([&] { return plots->isReady(); }));
    use_theme(Theme::darkTheme());
    CHECK(corner_of(*plots->canvas()) == Theme::darkTheme().background);
    use_theme(Theme::light());
    CHECK(corner_of(*plots->canvas()) == Theme::light().background);
  }
}

TEST_CASE("files that are dropped on the window are opened, other things are not taken") {
  EveryView views;
  MainWindow& window = views.window();
  CHECK_FALSE(drop(window, {QUrl("https://example.org/results.db")}));
  CHECK_FALSE(drop(window, {}));
  CHECK(window.studies()->size() == 0);
  CHECK(drop(window, {QUrl("https://example.org/x.db"), QUrl::fromLocalFile(views.file())}));
  REQUIRE(wait_for([&] { return window.currentPage() != nullptr; }));
  CHECK(window.studies()->size() == 1);
}

TEST_CASE("size, docks and recent files come back with the next window") {
  EveryView views;
  const TemporaryDirectory settings;
  QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                     QString::fromStdString(settings.file("config").string()));
  QCoreApplication::setOrganizationName("Searchlight");
  QCoreApplication::setApplicationName("explorer-test");
  const auto dock_of = [](MainWindow& window, const char* name) {
    return window.findChild<QDockWidget*>(name);
  };
  {
    MainWindow first(true);
    CHECK_FALSE(dock_of(first, "details")->isHidden());
    first.resize(911, 640);
    first.show();
    first.openStore(views.file());
    dock_of(first, "details")->hide();
    dock_of(first, "log")->show();
    first.addDockWidget(Qt::RightDockWidgetArea, dock_of(first, "studies"));
    bring_forward(first);
    first.close();
  }
  MainWindow second(true);
  second.show();
  bring_forward(second);
  CHECK(second.size() == QSize(911, 640));
  CHECK(dock_of(second, "details")->isHidden());
  CHECK_FALSE(dock_of(second, "log")->isHidden());
  CHECK(second.dockWidgetArea(dock_of(second, "studies")) == Qt::RightDockWidgetArea);
  QStringList entries;
  for (const QMenu* menu : second.findChildren<QMenu*>()) {
    for (const QAction* action : menu->actions()) entries << action->text();
  }
  CHECK(entries.filter(views.file()).size() == 1);
}
