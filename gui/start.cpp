#include "gui/start.h"

#include <QApplication>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QIcon>
#include <QImage>
#include <QLocale>
#include <QMenuBar>
#include <QStatusBar>
#include <QStyleFactory>
#include <QTabWidget>
#include <QThread>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>

#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"
#include "gui/base/check_style.h"
#include "gui/language.h"
#include "gui/plots/canvas.h"
#include "gui/start_arguments.h"
#include "gui/views/forms/command_form.h"
#include "gui/views/forms/server_form.h"
#include "gui/views/window/help_window.h"
#include "gui/views/window/main_window.h"

// The macro declares a function of the library in the namespace that it stands in.
static void load_icon() {
  Q_INIT_RESOURCE(explorer);
}

namespace nas {

namespace {

constexpr const char* kUsage =
    "usage: nas-explorer [--light | --dark] [--language NAME] [FILE | ADDRESS]...\n"
    "       nas-explorer --screenshot VIEW FILE.png [DATABASE...] [--light | --dark]\n"
    "                    [--language NAME] [--table NAME] [--filter TEXT] [--select ROWS]\n"
    "                    [--size WIDTHxHEIGHT]\n"
    "\n"
    "Opens results databases, which are only read, and networks of ONNX and model files.\n"
    "A database is a file or an address of a server, postgresql://USER@HOST/DATABASE.\n"
    "Follows the desktop's colours and language unless told otherwise.\n"
    "\n"
    "options:\n"
    "  --light, --dark         colours\n"
    "  --language NAME         one of: %s\n"
    "  --screenshot VIEW FILE  write a picture; needs no display\n"
    "  --table NAME            the picture's study or benchmark (default: the newest)\n"
    "  --filter TEXT           of its rows, such as 'accuracy > 90'\n"
    "  --select ROWS           how many rows from the top are selected (default 1)\n"
    "  --size WIDTHxHEIGHT     of the picture's window (default 1360x860)\n"
    "  --help                  this text\n"
    "\n"
    "VIEW is one of: %s\n"
    "\n"
    "examples:\n"
    "  nas-explorer results/quickstart.db\n"
    "  nas-explorer postgresql://db.example.org/nas\n"
    "  nas-explorer --screenshot architecture network.png model.onnx\n"
    "  nas-explorer --screenshot parallel best.png results/quickstart.db --filter 'macs < 60M'\n";
constexpr int kPatienceMs = 60'000;

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

void use_palette(const StartArguments& arguments) {
  if (!arguments.light && !arguments.dark) {
    QApplication::setStyle(new CheckStyle);
    return;
  }
  QApplication::setStyle(new CheckStyle(QStyleFactory::create("Fusion")));
  QApplication::setPalette(themePalette(arguments.dark ? Theme::darkTheme() : Theme::light()));
}

void use_language_of(const StartArguments& arguments) {
  if (arguments.language.isEmpty()) {
    use_language(QLocale::system());
    return;
  }
  if (use_language(QLocale(arguments.language))) return;
  std::vector<std::string> known;
  for (const QString& name : languages()) known.push_back(name.toStdString());
  throw Error(ErrorKind::kUsage, unknown_name("language", arguments.language.toStdString(), known));
}

void save(QWidget& widget, const QString& file) {
  // Without transparency and packed as small as can be: pictures are for pages.
  constexpr int kSmallest = 0;
  const QImage picture = widget.grab().toImage().convertToFormat(QImage::Format_RGB888);
  const bool png = file.endsWith(".png", Qt::CaseInsensitive);
  if (!picture.save(file, nullptr, png ? kSmallest : -1))
    throw Error(ErrorKind::kIo, "'" + file.toStdString() + "': cannot be written as a picture");
}

/// A table of that database by the name of its study or benchmark.
void open_named(MainWindow& window, Database* database, const std::string& name) {
  std::vector<std::string> known;
  for (const Explorer::Study& study : database->studies()) {
    known.push_back(study.row.spec.name);
    if (known.back() == name) window.openTable(database, study.row.id);
    if (known.back() == name) return;
  }
  for (const BenchmarkRow& benchmark : database->benchmarks()) {
    known.push_back(benchmark.info.name);
    if (known.back() == name) window.openTable(database, name);
    if (known.back() == name) return;
  }
  throw Error(ErrorKind::kUsage, unknown_name("table", name, known));
}

void open_network_for_picture(MainWindow& window, const QString& file) {
  const int before = window.tabs()->count();
  window.openNetwork(file);
  wait_until([&] { return !window.networks()->isBusy(); });
  // What cannot be read is said in the status bar, which a picture does not need.
  if (window.tabs()->count() == before)
    throw Error(ErrorKind::kData, window.statusBar()->currentMessage().toStdString());
  settle();
  wait_for_layout(*window.tabs()->currentWidget());
}

void open_for_picture(MainWindow& window, const StartArguments& arguments) {
  for (const QString& file : arguments.files) {
    if (is_network_file(file.toStdString())) {
      open_network_for_picture(window, file);
      continue;
    }
    Database* database = window.openStore(file);
    const bool answered =
        wait_until([&] { return database->isOpen() || !database->problem().isEmpty(); });
    if (!answered) throw Error(ErrorKind::kIo, file.toStdString() + ": no answer");
    if (!database->problem().isEmpty())
      throw Error(ErrorKind::kIo, database->problem().toStdString());
    if (!arguments.table.isEmpty() && file == arguments.files.back())
      open_named(window, database, arguments.table.toStdString());
  }
  TablePage* page = window.currentPage();
  if (page == nullptr) return;
  const auto idle = [page] {
    return !page->model()->isBusy() && !page->model()->columns().empty();
  };
  wait_until(idle);
  if (!arguments.filter.isEmpty()) page->enterFilter(arguments.filter);
  if (const QString problem = page->filterLine()->problem(); !problem.isEmpty())
    throw Error(ErrorKind::kUsage, "--filter: " + problem.toStdString());
  wait_until(idle);
}

void select_rows(TablePage& page, int rows) {
  rows = std::min(rows, page.model()->rowCount());
  if (rows == 0) return page.selection()->set({});
  page.tableView()->selectRow(0);
  if (rows == 1) return;
  std::vector<RowKey> keys;
  for (int row = 0; row < rows; ++row) {
    if (const auto key = page.model()->keyAt(row)) keys.push_back(*key);
  }
  page.selection()->set(keys);
}

/// The current row, or side by side as many rows from the top as `compared`.
void open_drawing(MainWindow& window, int compared) {
  TablePage* page = window.currentPage();
  if (page == nullptr || page->model()->rowCount() < 2)
    throw Error(ErrorKind::kUsage, "this view needs a table with two rows");
  const int before = window.tabs()->count();
  if (compared > 0) {
    select_rows(*page, compared);
    window.compareSelected();
  } else {
    window.drawCurrent();
  }
  if (!wait_until([&] { return window.tabs()->count() > before; }))
    throw Error(ErrorKind::kData, "the architecture cannot be drawn");
  settle();
  wait_for_layout(*window.tabs()->currentWidget());
}

/// The form of a command for what is shown, once nasctl has described it.
CommandForm& open_form(MainWindow& window, const QString& command) {
  if (command == "bench import") {
    window.importBenchmark();
  } else if (command == "search run") {
    window.startSearch();
  } else {
    window.act(command);
  }
  CommandForm* form = nullptr;
  if (!wait_until([&] { return (form = window.findChild<CommandForm*>()) != nullptr; }))
    throw Error(ErrorKind::kIo, "nasctl does not describe its command '" + command.toStdString() +
                                    "': is it beside the explorer or on the PATH?");
  // The words that it offers come a little later.
  const auto* questions = window.findChild<NasctlQuestions*>();
  wait_until([questions] { return !questions->isBusy(); });
  settle();
  return *form;
}

void run_form(CommandForm& form, MainWindow& window) {
  form.accept();
  if (!wait_until([&] { return !window.nasctl()->isRunning(); }))
    throw Error(ErrorKind::kIo, "nasctl did not end in time");
}

void run_for_picture(MainWindow& window, const QString& view) {
  static const std::map<QString, QString> kCommands = {
      {"latency", "arch latency"}, {"memory", "arch memory"}, {"results", "arch score"}};
  CommandForm& form = open_form(window, kCommands.at(view));
  form.setValue("proxies", "reference");
  form.setValue("batch", view == "latency" ? "1" : "8");
  run_form(form, window);
}

int take_screenshot(const StartArguments& arguments) {
  if (!screenshot_views().contains(arguments.view)) {
    std::vector<std::string> known;
    for (const QString& name : screenshot_views()) known.push_back(name.toStdString());
    throw Error(ErrorKind::kUsage, unknown_name("view", arguments.view.toStdString(), known));
  }
  form_of_file(arguments.picture.toStdString(), "png|jpg|jpeg|bmp", "--screenshot");
  if (arguments.view == "help") {
    const MainWindow window(false);
    HelpWindow help(*window.menuBar());
    save(help, arguments.picture);
    return 0;
  }
  if (arguments.view == "server") {
    ServerForm form;
    save(form, arguments.picture);
    return 0;
  }
  MainWindow window(false);
  window.resize(arguments.size);
  window.show();
  open_for_picture(window, arguments);
  if (TablePage* page = window.currentPage(); page != nullptr) {
    PlotsPanel* plots = window.currentPlots();
    select_rows(*page, arguments.select);
    plots->setView(arguments.view.toStdString());
    wait_until([plots] { return plots->isReady(); });
  }
  const bool network = window.currentPage() == nullptr && window.tabs()->count() > 0;
  if ((arguments.view == "architecture" && !network) || arguments.view == "compare")
    open_drawing(window, arguments.view == "compare" ? std::clamp(arguments.select, 2, 4) : 0);
  const bool measured = arguments.view == "latency" || arguments.view == "memory";
  if (measured && !network) open_drawing(window, 0);
  if (measured || arguments.view == "results") run_for_picture(window, arguments.view);
  const std::map<QString, QString> forms = {
      {"form", "arch score"}, {"import", "bench import"}, {"search", "search run"}};
  if (const auto form = forms.find(arguments.view); form != forms.end()) {
    save(open_form(window, form->second), arguments.picture);
    return 0;
  }
  if (arguments.view == "workers") window.findChild<QDockWidget*>("workers")->show();
  settle();
  save(window, arguments.picture);
  return 0;
}

}  // namespace

QStringList screenshot_views() {
  QStringList views = {"window", "welcome", "help",    "search", "architecture", "compare", "form",
                       "import", "results", "latency", "memory", "workers",      "server"};
  for (const PlotKind* kind : plot_kinds()) {
    views << QString::fromUtf8(kind->name.data(), static_cast<qsizetype>(kind->name.size()));
  }
  return views;
}

namespace {

QtMessageHandler usual_messages = nullptr;

/// What Qt says about a picture's missing window manager and session helps nobody.
void picture_messages(QtMsgType type, const QMessageLogContext& context, const QString& text) {
  if (text.contains("propagateSizeHints") || text.contains("XDG_RUNTIME_DIR")) return;
  if (usual_messages != nullptr) usual_messages(type, context, text);
}

}  // namespace

void prepare_display(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (const char* word : {"--screenshot", "--help", "-h"}) {
      if (std::strcmp(argv[i], word) != 0) continue;
      qputenv("QT_QPA_PLATFORM", "offscreen");
      usual_messages = qInstallMessageHandler(picture_messages);
      return;
    }
  }
  // Qt would abort.
  if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
      qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    throw Error(ErrorKind::kIo,
                "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; pictures can be "
                "made without one by --screenshot");
  }
}

int run_explorer(const QStringList& words) {
  StartArguments arguments = parse_start_arguments(words);
  if (arguments.help) {
    std::printf(kUsage, qPrintable(languages().join(' ')),
                qPrintable(screenshot_views().join(' ')));
    return 0;
  }
  use_language_of(arguments);
  load_icon();
  QApplication::setWindowIcon(QIcon(":/nas-explorer.svg"));
  if (!arguments.view.isEmpty() && !arguments.dark) arguments.light = true;
  use_palette(arguments);
  if (!arguments.view.isEmpty()) return take_screenshot(arguments);
  MainWindow window(true);
  window.show();
  for (const QString& file : arguments.files) window.open(file);
  return QApplication::exec();
}

}  // namespace nas
