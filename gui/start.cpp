#include "gui/start.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QStyleFactory>
#include <QTabWidget>
#include <QThread>
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/plots/canvas.h"
#include "gui/views/help_window.h"
#include "gui/views/main_window.h"
#include "gui/views/search_form.h"

namespace nas {

namespace {

constexpr const char* kUsage =
    "usage: nas-explorer [--light | --dark] [FILE...]\n"
    "       nas-explorer --screenshot VIEW FILE.png [DATABASE] [--light | --dark] [--filter TEXT]\n"
    "                    [--size WIDTHxHEIGHT]\n"
    "Opens results databases, which are only read. VIEW is one of:\n  ";
constexpr int kPatienceMs = 60'000;

struct Arguments {
  QStringList files;
  QString view, picture, filter;
  bool help = false, light = false, dark = false;
  QSize size{1360, 860};
};

QSize parse_size(const QString& text) {
  const QStringList parts = text.split('x');
  const QSize size(parts.value(0).toInt(), parts.value(1).toInt());
  if (parts.size() != 2 || size.width() < 200 || size.height() < 150 || size.width() > 10'000 ||
      size.height() > 10'000) {
    throw Error(ErrorKind::kUsage, "--size = " + text.toStdString() +
                                       ", expected WIDTHxHEIGHT of 200x150 to 10000x10000");
  }
  return size;
}

Arguments parse(const QStringList& words) {
  Arguments arguments;
  const auto value = [&](qsizetype& at, const char* what) {
    if (at + 1 >= words.size())
      throw Error(ErrorKind::kUsage, words[at].toStdString() + ": expected " + what);
    return words[++at];
  };
  for (qsizetype i = 0; i < words.size(); ++i) {
    const QString& word = words[i];
    if (word == "--help" || word == "-h") {
      arguments.help = true;
    } else if (word == "--light") {
      arguments.light = true;
    } else if (word == "--dark") {
      arguments.dark = true;
    } else if (word == "--screenshot") {
      arguments.view = value(i, "VIEW FILE.png");
      arguments.picture = value(i, "FILE.png");
    } else if (word == "--filter") {
      arguments.filter = value(i, "a filter");
    } else if (word == "--size") {
      arguments.size = parse_size(value(i, "WIDTHxHEIGHT"));
    } else if (word.startsWith("--")) {
      const std::vector<std::string> known = {"--screenshot", "--filter", "--size",
                                              "--light",      "--dark",   "--help"};
      throw Error(ErrorKind::kUsage, unknown_name("option", word.toStdString(), known));
    } else {
      arguments.files << word;
    }
  }
  return arguments;
}

/// Lets events run until `done`; false after a minute.
bool wait_until(const std::function<bool()>& done) {
  QElapsedTimer timer;
  timer.start();
  while (!done()) {
    if (timer.elapsed() > kPatienceMs) return false;
    QCoreApplication::processEvents(QEventLoop::AllEvents, 50);
    QThread::msleep(2);
  }
  return true;
}

void settle() {
  QElapsedTimer timer;
  timer.start();
  while (timer.elapsed() < 400) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, 50);
    QThread::msleep(2);
  }
}

const QStringList kPlots = {"scatter", "best",         "parallel", "distribution",
                            "truth",   "correlations", "curve"};

void use_palette(const Arguments& arguments) {
  if (!arguments.light && !arguments.dark) return;
  QApplication::setStyle(QStyleFactory::create("Fusion"));
  QApplication::setPalette(themePalette(arguments.dark ? Theme::darkTheme() : Theme::light()));
}

void save(QWidget& widget, const QString& file) {
  if (!widget.grab().save(file))
    throw Error(ErrorKind::kIo, "'" + file.toStdString() + "': cannot be written as a picture");
}

void open_for_picture(MainWindow& window, const Arguments& arguments) {
  for (const QString& file : arguments.files) {
    Database* database = window.openFile(file);
    const bool answered =
        wait_until([&] { return database->isOpen() || !database->problem().isEmpty(); });
    if (!answered) throw Error(ErrorKind::kIo, file.toStdString() + ": no answer");
    if (!database->problem().isEmpty())
      throw Error(ErrorKind::kIo, database->problem().toStdString());
  }
  TablePage* page = window.currentPage();
  if (page == nullptr) return;
  const auto idle = [page] {
    return !page->model()->isBusy() && !page->model()->columns().empty();
  };
  wait_until(idle);
  if (!arguments.filter.isEmpty()) page->enterFilter(arguments.filter);
  wait_until(idle);
}

void open_drawing(MainWindow& window, bool compare) {
  TablePage* page = window.currentPage();
  if (page == nullptr || page->model()->rowCount() < 2)
    throw Error(ErrorKind::kUsage, "this view needs a table with two rows");
  const int before = window.tabs()->count();
  if (compare) {
    page->selection()->set({*page->model()->keyAt(0), *page->model()->keyAt(1)});
    window.compareSelected();
  } else {
    window.drawCurrent();
  }
  if (!wait_until([&] { return window.tabs()->count() > before; }))
    throw Error(ErrorKind::kData, "the architecture cannot be drawn");
  settle();
  wait_for_layout(*window.tabs()->currentWidget());
}

int take_screenshot(const Arguments& arguments) {
  if (!screenshot_views().contains(arguments.view)) {
    std::vector<std::string> known;
    for (const QString& name : screenshot_views()) known.push_back(name.toStdString());
    throw Error(ErrorKind::kUsage, unknown_name("view", arguments.view.toStdString(), known));
  }
  if (arguments.view == "help") {
    HelpWindow help;
    save(help, arguments.picture);
    return 0;
  }
  if (arguments.view == "search") {
    SearchForm form;
    save(form, arguments.picture);
    return 0;
  }
  MainWindow window(false);
  window.resize(arguments.size);
  window.show();
  open_for_picture(window, arguments);
  const auto plot = kPlots.indexOf(arguments.view);
  if (TablePage* page = window.currentPage(); page != nullptr) {
    PlotsPanel* plots = window.currentPlots();
    if (page->model()->rowCount() > 0) page->tableView()->selectRow(0);
    if (plot >= 0) plots->setView(static_cast<PlotsPanel::View>(plot));
    wait_until([plots] { return plots->isReady(); });
  }
  if (arguments.view == "architecture" || arguments.view == "compare")
    open_drawing(window, arguments.view == "compare");
  settle();
  save(window, arguments.picture);
  return 0;
}

}  // namespace

QStringList screenshot_views() {
  return QStringList{"window", "welcome", "help", "search", "architecture", "compare"} + kPlots;
}

void prepare_display(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--screenshot") == 0) qputenv("QT_QPA_PLATFORM", "offscreen");
  }
}

int run_explorer(const QStringList& words) {
  const Arguments arguments = parse(words);
  if (arguments.help) {
    std::printf("%s%s\n", kUsage, screenshot_views().join(' ').toUtf8().constData());
    return 0;
  }
  Arguments shown = arguments;
  // Without a desktop to follow, pictures are light.
  if (!shown.view.isEmpty() && !shown.dark) shown.light = true;
  use_palette(shown);
  if (!shown.view.isEmpty()) return take_screenshot(shown);
  MainWindow window(true);
  window.show();
  for (const QString& file : arguments.files) window.openFile(file);
  return QApplication::exec();
}

}  // namespace nas
