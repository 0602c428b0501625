#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace nas {

class ServerPasswords;

/// The nasctl of this installation: beside the explorer, in the build tree, or on the PATH; ""
/// when there is none.
QString find_nasctl();

/// A command line for a shell.
QString shell_text(const QString& program, const QStringList& arguments);

/// What becomes of a command's stdout. Its stderr is for people: it always comes line by line.
enum class CommandOutput { kLines, kKept };

/// One nasctl command as a child process. What it does is what the same command does in a terminal.
class NasctlProcess final : public QObject {
  Q_OBJECT

 public:
  /// `passwords` outlives it; the arguments of `start` have none.
  explicit NasctlProcess(QObject* parent = nullptr, const ServerPasswords* passwords = nullptr);
  ~NasctlProcess() override;

  /// Requires that nothing runs. `finished` comes in any case, also when there is no nasctl.
  void start(const QStringList& arguments, CommandOutput output = CommandOutput::kLines);
  bool isRunning() const { return process_.state() != QProcess::NotRunning; }
  /// As Ctrl+C: the work is left so that it can resume later.
  void interrupt();
  /// For one that does not listen to `interrupt`.
  void kill();
  /// stdout of a command that was started with kKept.
  const QByteArray& output() const { return output_; }
  /// The last words on stderr: why it failed.
  const QString& lastLine() const { return last_line_; }

 Q_SIGNALS:
  void line(const QString& text);
  void finished(int exit_code);

 private:
  void readOutput();
  void readErrors();
  void say(QByteArray text);
  void end(int code);

  const ServerPasswords* passwords_;
  QProcess process_;
  CommandOutput wanted_ = CommandOutput::kLines;
  QByteArray output_;
  QByteArray out_rest_, error_rest_;  ///< the beginnings of lines
  QString last_line_;
};

}  // namespace nas
