#include "gui/jobs/nasctl_questions.h"

#include <QPointer>
#include <QProcess>
#include <QTimer>
#include <memory>
#include <utility>

#include "gui/jobs/nasctl_process.h"
#include "gui/jobs/server_passwords.h"

namespace nas {

void NasctlQuestions::ask(const QStringList& arguments, QObject* receiver, Done done) {
  if (const auto known = kept_.find(arguments); known != kept_.end()) {
    QTimer::singleShot(0, receiver,
                       [done = std::move(done), output = known->second] { done(output, {}); });
    return;
  }
  auto* process = new NasctlProcess(this, passwords_);
  auto answer = [this, process, arguments, guard = QPointer<QObject>(receiver),
                 done = std::move(done)](int code) {
    const QByteArray output = process->output();
    const QString error =
        code == 0 ? QString()
                  : tr("nasctl ended with code %1: %2").arg(code).arg(process->lastLine());
    process->deleteLater();
    // What depends on a database may be another thing the next time.
    if (code == 0 && !arguments.contains("--store")) kept_[arguments] = output;
    if (guard) done(output, error);
  };
  // Queued: one that cannot be started ends before `start` returns.
  connect(process, &NasctlProcess::finished, this, std::move(answer), Qt::QueuedConnection);
  process->start(passwords_->takenOut(arguments), CommandOutput::kKept);
}

WordList word_list_of(const QString& completes, const QString& store) {
  if (completes == "proxies") return {{"proxy", "list", "--json"}, "proxy", "summary"};
  if (completes == "space") return {{"space", "list", "--json"}, "name", "summary"};
  if (completes == "searcher") return {{"searcher", "list", "--json"}, "name", "summary"};
  if (completes == "dataset")
    return {{"data", "list", "--json", "--store", store}, "spec", "summary"};
  if (completes == "benchmark")
    return {{"bench", "list", "--json", "--store", store}, "benchmark", "source"};
  if (completes == "predictor")
    return {{"predictor", "list", "--json", "--store", store}, "name", "target"};
  if (completes == "study") return {{"search", "list", "--json", "--store", store}, "study", ""};
  return {};
}

}  // namespace nas
