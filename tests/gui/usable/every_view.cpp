#include "tests/gui/usable/every_view.h"

#include <doctest/doctest.h>

#include <QDockWidget>
#include <QMenuBar>
#include <QTabWidget>

#include "gui/language.h"
#include "gui/views/window/help_window.h"

namespace nas::testing {

EveryView::EveryView(const QString& language, QSize size) {
  application();
  REQUIRE(use_language(QLocale(language)));
  add_sample_trials(directory_.file("sample.db"), 0, 200);
  window_ = std::make_unique<MainWindow>(false);
  window_->resize(size);
  window_->show();
  bring_forward(*window_);
}

EveryView::~EveryView() {
  window_.reset();
  use_language(QLocale(QLocale::English));
}

QString EveryView::file() const {
  return QString::fromStdString(directory_.file("sample.db").string());
}

TablePage* EveryView::openTable() {
  window_->openStore(file());
  REQUIRE(wait_for([this] { return window_->currentPage() != nullptr; }));
  TablePage* page = window_->currentPage();
  REQUIRE(wait_for([page] {
    return !page->model()->isBusy() && page->model()->countState() == RowsModel::Count::kComplete;
  }));
  page->showRow(0);
  return page;
}

void EveryView::draw() {
  const int before = window_->tabs()->count();
  window_->drawCurrent();
  REQUIRE(wait_for([&] { return window_->tabs()->count() > before; }));
  wait_for_layout(*window_->tabs()->currentWidget());
}

void EveryView::compare() {
  const int before = window_->tabs()->count();
  window_->currentPage()->selection()->set({0, 1, 2, 3});
  window_->compareSelected();
  REQUIRE(wait_for([&] { return window_->tabs()->count() > before; }));
  wait_for_layout(*window_->tabs()->currentWidget());
}

void EveryView::showDocks() {
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) dock->show();
}

void EveryView::visit(const Look& look) {
  visitMain(look);
  CommandForm form(sample_command(), {}, window_.get());
  visitDialog("form", form, look);
  HelpWindow help(*window_->menuBar(), window_.get());
  visitDialog("help", help, look);
}

void EveryView::visitMain(const Look& look) {
  const auto show = [&](const QString& name) {
    bring_forward(*window_);
    look(name, *window_);
  };
  show("welcome");
  TablePage* page = openTable();
  PlotsPanel* plots = window_->currentPlots();
  for (int view = 0; view < static_cast<int>(plot_kinds().size()); ++view) {
    plots->setView(view);
    show(QStringLiteral("plot %1").arg(view));
  }
  draw();
  for (int tab : {0, 1, 2}) {
    window_->tabs()->currentWidget()->findChild<QTabWidget*>()->setCurrentIndex(tab);
    show(QStringLiteral("drawing, tab %1").arg(tab));
  }
  window_->tabs()->setCurrentWidget(page);
  compare();
  show("comparison");
  window_->tabs()->setCurrentWidget(page);
  showDocks();
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) {
    dock->raise();
    show("dock " + dock->objectName());
  }
}

void EveryView::visitDialog(const QString& name, QWidget& dialog, const Look& look) {
  dialog.show();
  bring_forward(dialog);
  look(name, dialog);
  dialog.hide();
}

CommandRecord sample_command() {
  return {
      .command = "arch sample",
      .summary = "a command with everything",
      .description = "It has a field of every kind.",
      .fields = {{.name = "ARCHITECTURE", .help = "which", .positional = true, .required = true},
                 {.name = "table", .value = "PATH", .help = "read", .completes = "path"},
                 {.name = "output", .value = "FILE", .help = "made", .completes = "new-file"},
                 {.name = "preset", .value = "NAME", .help = "how", .choices = {"a", "b"}},
                 {.name = "option", .value = "K=V", .help = "more", .repeated = true},
                 {.name = "layers", .help = "each layer"}}};
}

void bring_forward(QWidget& window) {
  QApplication::setActiveWindow(&window);
  for (int i = 0; i < 3; ++i) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

std::string describe(const QWidget& widget) {
  const QVariant text = widget.property("text");
  return std::string(widget.metaObject()->className()) + " '" + widget.objectName().toStdString() +
         "' '" + text.toString().left(40).toStdString() + "' in " +
         (widget.parentWidget() ? widget.parentWidget()->metaObject()->className() : "");
}

QList<QWidget*> seen_widgets(QWidget& window) {
  QList<QWidget*> seen{&window};
  for (QWidget* child : window.findChildren<QWidget*>()) {
    if (child->window() == &window && child->isVisible()) seen << child;
  }
  return seen;
}

QList<QWidget*> tab_stops(QWidget& window) {
  QList<QWidget*> stops;
  for (QWidget* widget : seen_widgets(window)) {
    const bool takes = (widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isEnabled();
    if (takes && widget->focusProxy() == nullptr && !widget->isWindow()) stops << widget;
  }
  return stops;
}

}  // namespace nas::testing
