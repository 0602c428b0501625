// What can be done with an architecture: forms of nasctl's commands, filled in with the current row
// or the graph that is shown.
#include <QDockWidget>
#include <QMenuBar>
#include <QTabWidget>
#include <QTableView>
#include <utility>
#include <variant>

#include "core/util/error.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/graph_view.h"
#include "gui/jobs/result_table.h"
#include "gui/views/forms/command_form.h"
#include "gui/views/panels/results_panel.h"
#include "gui/views/window/main_window.h"

namespace nas {

namespace {

constexpr const char* kSubject = "subject";  ///< property of a drawing's tab

/// Those whose answer is a table.
const QStringList kTableCommands = {"arch score", "arch latency", "arch memory", "arch train",
                                    "bench import"};

QString quoted_for_line(QString text) {
  // As QProcess::splitCommand takes it apart.
  return "\"" + text.replace("\"", "\"\"\"") + "\"";
}

QStringList column_of(const Table& table, const std::string& name) {
  QStringList words;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name != name) continue;
    for (const auto& row : table.rows) {
      const auto* text = std::get_if<std::string>(&row[i]);
      words << (text == nullptr ? QString() : QString::fromStdString(*text));
    }
  }
  return words;
}

}  // namespace

void MainWindow::buildResults() {
  results_ = new ResultsPanel(nasctl_, this);
  QDockWidget* dock = addDock("results", tr("Res&ults"), results_, Qt::BottomDockWidgetArea);
  tabifyDockWidget(docks_[docks_.size() - 2], dock);
  dock->hide();
}

void MainWindow::buildArchitectureMenu() {
  QMenu* menu = menuBar()->addMenu(tr("&Architecture"));
  const auto command = [&](const QString& text, const QString& keys, const char* name) {
    subject_actions_ << menu->addAction(text, QKeySequence(keys), this,
                                        [this, name] { act(QString::fromLatin1(name)); });
  };
  command(tr("&Score…"), tr("Ctrl+Shift+S"), "arch score");
  command(tr("Measure &latency…"), tr("Ctrl+L"), "arch latency");
  command(tr("&Plan memory…"), tr("Ctrl+Shift+P"), "arch memory");
  command(tr("&Train…"), tr("Ctrl+T"), "arch train");
  command(tr("&Export the graph…"), tr("Ctrl+Shift+E"), "arch export");
  menu->addSeparator();
  draw_actions_ << menu->addAction(tr("&Draw"), QKeySequence(tr("Ctrl+G")), this,
                                   &MainWindow::drawCurrent)
                << menu->addAction(tr("Co&mpare the selected"), QKeySequence(tr("Ctrl+M")), this,
                                   &MainWindow::compareSelected);
  page_actions_ << draw_actions_;
  connect(nasctl_, &NasctlQueue::finished, this, &MainWindow::takeAnswer);
  connect(tabs_, &QTabWidget::currentChanged, this, &MainWindow::followSubject);
  followSubject();
}

void MainWindow::offerActions(QTableView* table) {
  table->setContextMenuPolicy(Qt::ActionsContextMenu);
  table->addActions(subject_actions_);
  table->addActions(draw_actions_);
  table->addAction(stop_reading_);
}

void MainWindow::rememberSubject(QWidget* drawing, const Subject& subject) {
  drawing->setProperty(kSubject, QVariant::fromValue(subject));
  if (auto* panel = qobject_cast<ArchitecturePanel*>(drawing))
    panel->view().addActions(subject_actions_);
  followSubject();
}

void MainWindow::followSubject() {
  const QWidget* tab = tabs_->currentWidget();
  const bool there =
      currentPage() != nullptr || (tab != nullptr && tab->property(kSubject).isValid());
  for (QAction* action : subject_actions_) action->setEnabled(there);
}

Subject MainWindow::subjectOf(const TablePage& page, RowKey key, const std::string& text) const {
  Subject subject{.word = QString::fromStdString(text),
                  .space = QString::fromStdString(spaceOf(page)),
                  .space_options = {},
                  .store = page.database()->address(),
                  .title = QString::fromStdString(text)};
  const Explorer::Study* study = page.model()->studyOf(key);
  if (study == nullptr) return subject;
  // The study knows its space and the options of it.
  subject.word = "trial:" + QString::fromStdString(study->row.spec.name) + "/" +
                 QString::number(page.model()->numberOf(key));
  subject.space.clear();
  return subject;
}

void MainWindow::withSubject(std::function<void(const Subject&)> done) {
  const QWidget* tab = tabs_->currentWidget();
  const QVariant drawn = tab == nullptr ? QVariant() : tab->property(kSubject);
  if (drawn.isValid()) {
    done(drawn.value<Subject>());
    return;
  }
  TablePage* page = currentPage();
  if (page == nullptr || !page->selection()->current() || !page->model()->source()) {
    say(tr("Select a row first."));
    return;
  }
  const RowKey key = *page->selection()->current();
  page->database()->ask(
      page, Lane::kUrgent,
      [source = page->model()->source(), key](Explorer&) {
        const std::size_t column = find_column(source->source(), "architecture");
        const std::vector<BrowseRow> rows = source->source().rows(std::span(&key, 1));
        const auto* text = std::get_if<std::string>(&rows.at(0).cells.at(column));
        return text == nullptr ? std::string() : *text;
      },
      [this, page, key, done = std::move(done)](Answer<std::string> answer) {
        if (!answer.value) {
          say(answer.error);
          return;
        }
        const Subject subject = subjectOf(*page, key, *answer.value);
        if (!subject.word.startsWith("trial:") && subject.space.isEmpty()) {
          say(
              tr("This table belongs to no known search space: nasctl cannot build its "
                 "architectures."));
          return;
        }
        done(subject);
      });
}

void MainWindow::act(const QString& command) {
  withSubject([this, command](const Subject& subject) {
    std::map<QString, QString> values = {
        {"ARCHITECTURE", subject.word}, {"space", subject.space}, {"store", subject.store}};
    QStringList options;
    for (const QString& option : subject.space_options) options << quoted_for_line(option);
    values["space-option"] = options.join(' ');
    const QWidget* tab = tabs_->currentWidget();
    const bool drawn = tab != nullptr && tab->property(kSubject).isValid();
    // A drawing can show what each layer takes, and where buffers lie.
    if (command == "arch latency" && drawn) values["layers"] = "true";
    if (command == "arch memory" && drawn) values["buffers"] = "true";
    openForm(command, values, subject.title);
  });
}

void MainWindow::importBenchmark() {
  openForm("bench import", {{"store", currentStore()}}, {});
}

void MainWindow::openForm(const QString& command, const std::map<QString, QString>& values,
                          const QString& subject) {
  const QStringList question = QStringList("help") + command.split(' ') + QStringList("--json");
  questions_->ask(question, this,
                  [this, command, values, subject](const QByteArray& output, const QString& error) {
                    try {
                      if (!error.isEmpty()) throw Error(ErrorKind::kIo, error.toStdString());
                      showForm(parse_command_record(output), values, subject);
                    } catch (const Error& problem) {
                      say(QString::fromUtf8(problem.what()));
                    }
                  });
}

void MainWindow::showForm(const CommandRecord& record, const std::map<QString, QString>& values,
                          const QString& subject) {
  const bool table = kTableCommands.contains(record.command);
  const bool search = record.command == "search run";
  const QStringList added = table    ? QStringList("--json")
                            : search ? QStringList({"--progress", "plain"})
                                     : QStringList();
  auto* form = new CommandForm(record, added, this);
  form->setAttribute(Qt::WA_DeleteOnClose);
  for (const auto& [name, value] : values) form->setValue(name, value);
  for (const QString& kind : form->wordKinds()) {
    const WordList list = word_list_of(kind, values.contains("store") ? values.at("store") : "");
    if (list.arguments.isEmpty()) continue;
    questions_->ask(
        list.arguments, form, [form, kind, list](const QByteArray& output, const QString& error) {
          // Without the list of words the form still takes any text.
          if (!error.isEmpty()) return;
          try {
            const Table words = parse_result(output);
            form->offerWords(kind, column_of(words, list.column), column_of(words, list.meaning));
          } catch (const Error&) {  // an nasctl of another release: the same
          }
        });
  }
  connect(form, &QDialog::accepted, this, [this, form, subject, table, search] {
    const int job =
        runNasctl(form->arguments(), subject, table ? CommandOutput::kKept : CommandOutput::kLines);
    if (search) showNextStudy(form->value("store"), job);
  });
  form->open();
}

}  // namespace nas
