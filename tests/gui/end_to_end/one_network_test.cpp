#include <doctest/doctest.h>

#include <QApplication>
#include <QLabel>
#include <QProcess>
#include <QRegularExpression>
#include <QTabWidget>
#include <QTableWidget>

#include "core/util/text.h"
#include "db/sqlite_store.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/compare_view.h"
#include "gui/views/panels/details_panel.h"
#include "gui/views/window/main_window.h"
#include "tests/gui/window/sample_database.h"
#include "tests/gui/window/waiting.h"

// `trial:STUDY/N` means one network: the one that was judged. The study here trains small networks
// and judges sizes and latency of middling ones; the space's published network is large.

using namespace nas;
using namespace nas::testing;

namespace {

constexpr char kJudged[] = "image: float[3,32,32] -> class: classes[10]; width=12; depth=2";
constexpr char kSearched[] = "image: float[3,32,32] -> class: classes[10]; width=8; depth=1";

class Walk {
 public:
  Walk() {
    application();
    const QStringList search{"search",     "run",    "--space",      "nasbench201",
                             "--searcher", "random", "--data",       "glyphs",
                             "--name",     "first",  "--maximize",   "accuracy",
                             "--minimize", "macs",   "--constraint", "latency_ms<10000@host",
                             "--budget",   "2",      "--no-winner",  "--preset",
                             "short"};
    QStringList recipe;
    for (const char* option : {"epochs=1", "train_samples=64", "validation_samples=64", "batch=32"})
      recipe << "--recipe" << option;
    for (const char* option : {"width=12", "depth=2"}) recipe << "--final-recipe" << option;
    run(search + recipe);
    const auto store = open_sqlite_store(file_, OpenMode::kReadOnly);
    trial_ = store->trials(store->find_study("first")->id).at(0);
  }

  /// Standard output of nasctl on the walk's database; its exit code is 0 or 1.
  QString run(const QStringList& words) {
    QProcess process;
    process.setWorkingDirectory(QString::fromStdString(directory_.file("").string()));
    process.start(QStringLiteral(NAS_NASCTL_DIRECTORY) + "/nasctl",
                  words + QStringList{"--store", QString::fromStdString(file_.string())});
    REQUIRE(process.waitForFinished(120'000));
    const QString out = QString::fromUtf8(process.readAllStandardOutput());
    INFO(words.join(' ').toStdString(), process.readAllStandardError().toStdString());
    CHECK((process.exitCode() == 0 || process.exitCode() == 1));
    return out;
  }

  const TrialRow& trial() const { return trial_; }
  double metric(const std::string& name) const {
    for (const MetricValue& value : trial_.metrics) {
      if (value.name == name) return value.value;
    }
    FAIL(name, " was not recorded");
    return 0;
  }
  QString whole(const std::string& name) const {
    return QString::number(static_cast<qint64>(metric(name)));
  }
  const std::filesystem::path& file() const { return file_; }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.file("walk.db");
  TrialRow trial_;
};

/// Does the number stand in the text, with or without marks between thousands?
bool holds_number(QString text, const QString& number) {
  text.remove(QRegularExpression("(?<=[0-9])[,.' \u00a0\u202f](?=[0-9]{3}(?![0-9]))"));
  return text.contains(
      QRegularExpression("(?<![0-9])" + QRegularExpression::escape(number) + "(?![0-9])"));
}

QString text_of(const QTableWidget& table) {
  QString text;
  for (int row = 0; row < table.rowCount(); ++row) {
    for (int column = 0; column < table.columnCount(); ++column) {
      const QTableWidgetItem* item = table.item(row, column);
      text += (item == nullptr ? QString() : item->text()) + "\n";
    }
  }
  return text;
}

QString text_of(const QWidget& widget) {
  QString text;
  for (const auto* label : widget.findChildren<QLabel*>()) {
    text += label->text() + "\n" + label->toolTip() + "\n";
  }
  for (const auto* table : widget.findChildren<QTableWidget*>()) text += text_of(*table);
  return text;
}

}  // namespace

TEST_CASE("one trial is one network in every verb, view and panel") {
  Walk walk;
  const QString params = walk.whole("params");
  const QString macs = walk.whole("macs");
  const QString words = "images 3x32x32, 10 classes, width 12, depth 2";

  // What is stored names its network.
  CHECK(walk.trial().network == kJudged);
  for (const MetricValue& value : walk.trial().metrics) {
    CAPTURE(value.name);
    CHECK(value.network == (value.name == "accuracy" ? kSearched : kJudged));
  }

  // Verbs.
  for (const QStringList& verb : {QStringList{"arch", "show", "trial:first/0"},
                                  QStringList{"arch", "show", "trial:first/0", "--json"},
                                  QStringList{"arch", "diff", "trial:first/0", "trial:first/0"}}) {
    CAPTURE(verb.join(' ').toStdString());
    const QString out = walk.run(verb);
    CHECK(holds_number(out, params));
    CHECK(holds_number(out, macs));
    CHECK((out.contains(words) || out.contains(kJudged)));
  }
  CHECK(walk.run({"arch", "show", "trial:first/0"}).contains("final network: " + words));
  CHECK(walk.run({"arch", "latency", "trial:first/0", "--json"}).contains(kJudged));
  CHECK(walk.run({"arch", "latency", "trial:first/0", "--layers"}).contains(words));
  CHECK(walk.run({"arch", "score", "trial:first/0", "--proxies", "params"}).contains(words));
  CHECK(walk.run({"arch", "score", "trial:first/0", "--proxies", "params", "--json"})
            .contains(kJudged));
  const QString exported = walk.run({"arch", "export", "trial:first/0", "--as", "text"});
  CHECK(exported.contains("out_channels=12"));
  CHECK_FALSE(exported.contains("out_channels=16"));  // of the published network
  // The latency that was judged, with all its digits for programs, and five for people.
  const double latency = walk.metric("latency_ms");
  const QString exact = QString::fromStdString(format_double(latency));
  const QString rounded = QString::fromStdString(format_short(latency, 5));
  const QString best = walk.run({"search", "best", "first", "--format", "csv"});
  CHECK(holds_number(best, macs));
  CHECK(best.contains("," + exact + ","));
  CHECK(walk.run({"search", "best", "first"}).contains(rounded));
  CHECK(walk.run({"arch", "diff", "trial:first/0", "trial:first/0"}).contains(rounded));
  CHECK(walk.run({"search", "best", "first"}).contains(words));
  const QString json = walk.run({"search", "best", "first", "--json"});
  CHECK(json.contains(QString("\"network\":\"%1\"").arg(kJudged)));
  CHECK(json.contains(QString("\"trained_network\":\"%1\"").arg(kSearched)));

  // Another network on request, and never one without a word.
  const QString search = walk.run({"arch", "show", "trial:first/0", "--network", "search"});
  CHECK(search.contains("search network: images 3x32x32, 10 classes, width 8, depth 1"));
  CHECK_FALSE(holds_number(search, macs));
  const QString published = walk.run({"arch", "show", "trial:first/0", "--network", "published"});
  CHECK(published.contains("published network: images 3x32x32, 10 classes, width 16, depth 5"));

  // A measured value says where it is of another network than the one that is shown.
  const auto diff = [&](const QStringList& more) {
    return walk.run(QStringList{"arch", "diff", "trial:first/0", "trial:first/1"} + more);
  };
  CHECK(diff({}).contains("accuracy (search network)"));
  CHECK(diff({}).contains("latency_ms@host "));
  CHECK(diff({"--network", "search"}).contains("latency_ms@host (final network)"));
  CHECK_FALSE(diff({"--network", "search"}).contains("accuracy ("));
  CHECK(diff({"--network", "published"}).contains("latency_ms@host (final network)"));
  CHECK(diff({"--network", "published"}).contains("accuracy (search network)"));

  // Views.
  const QString sql = "SELECT params, macs, network FROM %1 WHERE trial = 0";
  for (const char* view : {"pareto", "leaderboard"}) {
    CAPTURE(view);
    const QString out = walk.run({"db", "query", sql.arg(view), "--format", "csv"});
    if (QString(view) == "pareto" && out.count('\n') < 2) continue;  // trial 0 may be dominated
    CHECK(holds_number(out, params));
    CHECK(holds_number(out, macs));
  }
  const QString stored = walk.run(
      {"db", "query", "SELECT value FROM leaderboard WHERE trial = 0 AND metric = 'latency_ms'",
       "--format", "csv"});
  CHECK(stored.section('\n', 1, 1).toDouble() == doctest::Approx(latency));
  const QString latencies =
      walk.run({"db", "query", "SELECT DISTINCT network FROM latency", "--format", "csv"});
  CHECK(latencies.contains(kJudged));
  CHECK_FALSE(latencies.contains("unknown"));

  // Panels.
  MainWindow window(false);
  window.resize(1200, 800);
  window.show();
  window.openStore(QString::fromStdString(walk.file().string()));
  REQUIRE(wait_for([&] { return window.currentPage() != nullptr; }));
  TablePage* page = window.currentPage();
  REQUIRE(wait_for([&] {
    return !page->model()->isBusy() && page->model()->countState() == RowsModel::Count::kComplete;
  }));
  page->showRow(0);
  const auto* details = window.findChild<DetailsPanel*>();
  REQUIRE(details != nullptr);
  REQUIRE(wait_for([&] { return text_of(*details).contains(words); }));
  CHECK(text_of(*details).contains("Judged as: " + words));
  CHECK(text_of(*details).contains("Trained as: images 3x32x32, 10 classes, width 8, depth 1"));
  CHECK(text_of(*details).contains(QString::fromStdString(format_short(latency, 6))));
  CHECK(holds_number(text_of(*details), params));
  CHECK(holds_number(text_of(*details), macs));
  const int tabs = window.tabs()->count();
  window.drawCurrent();
  REQUIRE(wait_for([&] { return window.tabs()->count() == tabs + 1; }));
  auto* panel = qobject_cast<ArchitecturePanel*>(window.tabs()->widget(tabs));
  REQUIRE(panel != nullptr);
  panel->waitForLayout();
  CHECK(text_of(*panel).contains(words));
  CHECK(holds_number(text_of(*panel), params));
  CHECK(holds_number(text_of(*panel), macs));
  window.tabs()->setCurrentWidget(page);
  page->selection()->set({0, 1});
  window.compareSelected();
  REQUIRE(wait_for([&] { return window.tabs()->count() == tabs + 2; }));
  const QString compared = text_of(*window.tabs()->widget(tabs + 1));
  CHECK(compared.contains(words));
  CHECK(holds_number(compared, params));
  CHECK(holds_number(compared, macs));
}
