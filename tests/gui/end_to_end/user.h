#pragma once

#include <QPoint>
#include <QString>
#include <QStringList>
#include <functional>

class QWidget;
class QWindow;

namespace nas::testing {

/// Somebody at the keyboard and the mouse of a virtual display: the events go to windows, not to
/// widgets, so that focus, shortcuts, menus and dialogs have to work.
class User {
 public:
  /// Pictures of the whole screen go into `pictures`. From now on the warnings of Qt are kept.
  explicit User(QString pictures);
  ~User();

  /// Presses a key in the window that has the focus.
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {});
  /// Types plain letters, digits and signs.
  void type(const QString& text);
  /// `act` runs in the modal dialog that the key opens.
  void pressAndAnswer(Qt::Key key, Qt::KeyboardModifiers modifiers,
                      const std::function<void(QWidget&)>& act);
  void click(QWidget& widget, QPoint place);
  void drag(QWidget& widget, QPoint from, QPoint to);
  /// The whole screen, as a file "NUMBER-name.png".
  void photograph(const QString& name);
  /// What Qt complained about.
  const QStringList& warnings() const;

 private:
  QWindow& focused();

  QString pictures_;
  int taken_ = 0;
};

}  // namespace nas::testing
