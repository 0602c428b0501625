// What the window makes of the answers of nasctl.
#include <QDockWidget>
#include <QFileInfo>
#include <QTabWidget>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "app/memory/memory_timeline.h"
#include "core/util/error.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/graph_view.h"
#include "gui/jobs/result_table.h"
#include "gui/views/panels/results_panel.h"
#include "gui/views/window/main_window.h"

namespace nas {

namespace {

/// The value after an option; "" without one.
QString value_after(const QStringList& arguments, const QString& option) {
  const auto place = arguments.indexOf(option);
  return place < 0 ? QString() : arguments.value(place + 1);
}

/// Milliseconds by node, NaN where the table has no row of its path.
std::vector<double> by_node(const ArchGraph& graph, const Table& table) {
  std::unordered_map<std::string, double> by_path;
  for (const auto& row : table.rows) {
    const auto* path = std::get_if<std::string>(&row.at(0));
    const auto* milliseconds = std::get_if<double>(&row.at(2));
    if (path != nullptr && milliseconds != nullptr) by_path[*path] = *milliseconds;
  }
  std::vector<double> result(graph.size(), std::numeric_limits<double>::quiet_NaN());
  for (NodeId node = 0; node < graph.size(); ++node) {
    const auto found = by_path.find(graph.path(node));
    if (found != by_path.end()) result[node] = found->second;
  }
  return result;
}

}  // namespace

int MainWindow::runNasctl(const QStringList& arguments, const QString& subject,
                          CommandOutput output) {
  const int id = nasctl_->add(arguments, subject, output);
  const QString wanted = output == CommandOutput::kKept ? "results" : "log";
  for (QDockWidget* dock : docks_) {
    if (dock->objectName() != wanted) continue;
    dock->show();
    dock->raise();
  }
  const NasctlJob* job = nasctl_->find(id);
  if (job != nullptr && job->state == NasctlJob::State::kWaiting)
    say(tr("%1 waits until the running command has ended").arg(job->command()));
  return id;
}

void MainWindow::takeAnswer(int id) {
  const NasctlJob* job = nasctl_->find(id);
  if (job == nullptr) return;
  say(tr("nasctl %1: %2").arg(job->command(), state_text(*job)));
  if (job->state != NasctlJob::State::kDone) return;
  // A network that does not fit its device has a plan as well.
  if (job->command() == "arch memory" && job->arguments.contains("--buffers")) showMemory(*job);
  if (job->exit_code != 0) return;
  if (job->command() == "arch latency" && job->arguments.contains("--layers")) showLatency(*job);
  if (job->command() == "bench import") showImported(*job);
}

QList<ArchitecturePanel*> MainWindow::drawingsOf(const NasctlJob& job) const {
  QList<ArchitecturePanel*> drawings;
  for (int i = 0; i < tabs_->count(); ++i) {
    auto* panel = qobject_cast<ArchitecturePanel*>(tabs_->widget(i));
    if (panel == nullptr) continue;
    const auto subject = panel->property("subject").value<Subject>();
    const bool same = job.arguments.contains(subject.word) &&
                      value_after(job.arguments, "--store") == subject.store &&
                      value_after(job.arguments, "--space") == subject.space;
    if (same) drawings << panel;
  }
  return drawings;
}

void MainWindow::showLatency(const NasctlJob& job) {
  try {
    const Table table = parse_result(job.output);
    if (table.kind != "layer_latency") return;
    for (ArchitecturePanel* panel : drawingsOf(job)) {
      panel->setLatency(by_node(panel->view().graph(), table));
    }
  } catch (const Error& error) {
    say(QString::fromUtf8(error.what()));
  }
}

void MainWindow::showMemory(const NasctlJob& job) {
  try {
    const MemoryTimeline timeline = read_buffer_table(parse_result(job.output));
    for (ArchitecturePanel* panel : drawingsOf(job)) panel->setMemory(timeline);
  } catch (const Error& error) {
    say(QString::fromUtf8(error.what()));
  }
}

void MainWindow::showImported(const NasctlJob& job) {
  Database* database = openStore(value_after(job.arguments, "--store"));
  auto* once = new QObject(database);
  connect(database, &Database::listChanged, once,
          [this, once, database, since = job.started.toMSecsSinceEpoch() * 1000] {
            // A list that was read before the end of the import does not have it yet.
            for (const BenchmarkRow& benchmark : database->benchmarks()) {
              if (benchmark.imported_us < since) continue;
              once->deleteLater();
              openTable(database, benchmark.info.name);
              return;
            }
          });
  database->refresh();
}

}  // namespace nas
