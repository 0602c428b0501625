#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace nas {

/// The nasctl of this installation: beside the explorer, in the build tree, or on the PATH; ""
/// when there is none.
QString find_nasctl();

/// One nasctl command as a child process, whose output comes line by line. What it does is what the
/// same command does in a terminal.
class NasctlProcess final : public QObject {
  Q_OBJECT

 public:
  explicit NasctlProcess(QObject* parent = nullptr);
  ~NasctlProcess() override;

  /// Requires that nothing runs.
  void start(const QStringList& arguments);
  bool isRunning() const { return process_.state() != QProcess::NotRunning; }
  /// As Ctrl+C: the work is left so that it can go on later.
  void interrupt();
  /// "nasctl search run --name 'first run'": to be copied into a terminal.
  const QString& commandLine() const { return command_line_; }

 Q_SIGNALS:
  void line(const QString& text);
  void finished(int exit_code);

 private:
  void readLines();

  QProcess process_;
  QString command_line_;
};

/// A command line for a shell.
QString shell_text(const QString& program, const QStringList& arguments);

}  // namespace nas
