#include "gui/jobs/nasctl_process.h"

#include <signal.h>

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardPaths>
#include <algorithm>

namespace nas {

QString find_nasctl() {
  const QString here = QCoreApplication::applicationDirPath();
  for (const char* place : {"/nasctl", "/../cli/nasctl"}) {
    const QFileInfo file(here + QString::fromLatin1(place));
    if (file.isExecutable()) return file.canonicalFilePath();
  }
  return QStandardPaths::findExecutable(QStringLiteral("nasctl"));
}

QString shell_text(const QString& program, const QStringList& arguments) {
  QStringList words{program};
  for (const QString& argument : arguments) {
    const bool plain =
        !argument.isEmpty() && std::all_of(argument.begin(), argument.end(), [](QChar character) {
          return character.isLetterOrNumber() || QStringLiteral("-_./:=,@+").contains(character);
        });
    words << (plain ? argument : "'" + QString(argument).replace("'", "'\\''") + "'");
  }
  return words.join(' ');
}

NasctlProcess::NasctlProcess(QObject* parent) : QObject(parent) {
  process_.setProcessChannelMode(QProcess::MergedChannels);
  process_.setStandardInputFile(QProcess::nullDevice());
  connect(&process_, &QProcess::readyReadStandardOutput, this, &NasctlProcess::readLines);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    Q_EMIT line(tr("cannot be started: %1").arg(process_.errorString()));
    Q_EMIT finished(2);
  });
  connect(&process_, &QProcess::finished, this, [this](int code) {
    readLines();
    const QByteArray rest = process_.readAll();
    if (!rest.isEmpty()) Q_EMIT line(QString::fromUtf8(rest));
    Q_EMIT finished(code);
  });
}

NasctlProcess::~NasctlProcess() {
  if (!isRunning()) return;
  disconnect(&process_, nullptr, this, nullptr);
  interrupt();
  // A search finishes nothing more; what it had claimed is taken up by the next one.
  if (!process_.waitForFinished(3000)) process_.kill();
  process_.waitForFinished(1000);
}

void NasctlProcess::start(const QStringList& arguments) {
  const QString program = find_nasctl();
  command_line_ = shell_text(QStringLiteral("nasctl"), arguments);
  Q_EMIT line("$ " + command_line_);
  if (program.isEmpty()) {
    Q_EMIT line(tr("nasctl is neither beside the explorer nor on the PATH"));
    Q_EMIT finished(2);
    return;
  }
  process_.start(program, arguments);
}

void NasctlProcess::interrupt() {
  if (isRunning()) ::kill(static_cast<pid_t>(process_.processId()), SIGINT);
}

void NasctlProcess::readLines() {
  while (process_.canReadLine()) {
    Q_EMIT line(QString::fromUtf8(process_.readLine()).trimmed());
  }
}

}  // namespace nas
