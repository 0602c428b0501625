#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;

namespace nas {

/// What there is to see before a database is open: how to begin, recent files, and the example that
/// scripts/quickstart makes.
class WelcomePage final : public QWidget {
  Q_OBJECT

 public:
  explicit WelcomePage(QWidget* parent = nullptr);
  void setRecent(const QStringList& files);

 Q_SIGNALS:
  void openRequested();
  void helpRequested();
  void fileChosen(const QString& file);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QLabel* heading_ = nullptr;
  QListWidget* recent_;
  QPushButton* example_;
};

/// The database of scripts/quickstart, looked for beside and above the program and the current
/// directory; "" when there is none yet.
QString example_database();

}  // namespace nas
