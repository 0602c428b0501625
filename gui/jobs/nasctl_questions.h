#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <map>

namespace nas {

class ServerPasswords;

/// Quick questions to nasctl that forms need: what a command takes, which names there are. Answers
/// that cannot change while the program runs are kept.
class NasctlQuestions final : public QObject {
  Q_OBJECT

 public:
  /// `passwords` outlives it.
  explicit NasctlQuestions(QObject* parent, ServerPasswords* passwords)
      : QObject(parent), passwords_(passwords) {}

  /// Calls `done(stdout, error)` later, unless `receiver` has gone; `error` is empty when all went
  /// well.
  using Done = std::function<void(const QByteArray& output, const QString& error)>;
  void ask(const QStringList& arguments, QObject* receiver, Done done);
  /// Whether an answer is still to come.
  bool isBusy() const { return !children().isEmpty(); }

 private:
  ServerPasswords* passwords_;
  std::map<QStringList, QByteArray> kept_;
};

/// What lists the words of a kind (`CommandField::completes`), and in which column of its table
/// they are; no arguments: nothing does.
struct WordList {
  QStringList arguments;
  std::string column;
  std::string meaning;  ///< column that explains a word; "" = none
};
WordList word_list_of(const QString& completes, const QString& store);

}  // namespace nas
