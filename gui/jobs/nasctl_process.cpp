#include "gui/jobs/nasctl_process.h"

#include <signal.h>

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardPaths>
#include <algorithm>
#include <utility>

#include "gui/jobs/server_passwords.h"

namespace nas {

namespace {

constexpr int kKilled = 137;  ///< as a shell counts a child that a signal has ended
constexpr qsizetype kLongestLine = 4000;

/// The whole lines of `rest` and `more`; `rest` keeps what has no end yet.
QList<QByteArray> take_lines(QByteArray& rest, const QByteArray& more) {
  QList<QByteArray> lines = (rest + more).split('\n');
  rest = lines.takeLast();
  return lines;
}

}  // namespace

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

NasctlProcess::NasctlProcess(QObject* parent, const ServerPasswords* passwords)
    : QObject(parent), passwords_(passwords) {
  process_.setStandardInputFile(QProcess::nullDevice());
  connect(&process_, &QProcess::readyReadStandardOutput, this, &NasctlProcess::readOutput);
  connect(&process_, &QProcess::readyReadStandardError, this, &NasctlProcess::readErrors);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    say(tr("nasctl cannot be started: %1").arg(process_.errorString()).toUtf8());
    Q_EMIT finished(2);
  });
  connect(&process_, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
    end(status == QProcess::NormalExit ? code : kKilled);
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

void NasctlProcess::start(const QStringList& arguments, CommandOutput output) {
  wanted_ = output;
  output_.clear();
  out_rest_.clear();
  error_rest_.clear();
  last_line_.clear();
  const QString program = find_nasctl();
  Q_EMIT line("$ " + shell_text(QStringLiteral("nasctl"), arguments));
  if (program.isEmpty()) {
    say(tr("nasctl is neither beside the explorer nor on the PATH").toUtf8());
    Q_EMIT finished(2);
    return;
  }
  if (passwords_ != nullptr) process_.setProcessEnvironment(passwords_->environmentFor(arguments));
  process_.start(program, arguments);
}

void NasctlProcess::interrupt() {
  if (isRunning()) ::kill(static_cast<pid_t>(process_.processId()), SIGINT);
}

void NasctlProcess::kill() {
  process_.kill();
}

void NasctlProcess::readOutput() {
  const QByteArray text = process_.readAllStandardOutput();
  if (wanted_ == CommandOutput::kKept) {
    output_ += text;
    return;
  }
  for (const QByteArray& words : take_lines(out_rest_, text)) Q_EMIT line(QString::fromUtf8(words));
}

void NasctlProcess::readErrors() {
  for (const QByteArray& words : take_lines(error_rest_, process_.readAllStandardError()))
    say(words);
}

void NasctlProcess::say(QByteArray text) {
  text.truncate(kLongestLine);
  const QString words = QString::fromUtf8(text).trimmed();
  if (words.isEmpty()) return;
  last_line_ = words;
  Q_EMIT line(words);
}

void NasctlProcess::end(int code) {
  readOutput();
  readErrors();
  const QByteArray output = std::exchange(out_rest_, {});
  if (!output.isEmpty()) Q_EMIT line(QString::fromUtf8(output));
  say(std::exchange(error_rest_, {}));
  Q_EMIT finished(code);
}

}  // namespace nas
