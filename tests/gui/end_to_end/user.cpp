#include "tests/gui/end_to_end/user.h"

#include <QApplication>
#include <QDir>
#include <QPixmap>
#include <QScreen>
#include <QTest>
#include <QTimer>
#include <QWidget>
#include <QWindow>
#include <stdexcept>

namespace nas::testing {

namespace {

QStringList kept_warnings;

void keep(QtMsgType type, const QMessageLogContext&, const QString& text) {
  if (type != QtDebugMsg && type != QtInfoMsg) kept_warnings << text;
}

Qt::Key key_of(QChar character) {
  return static_cast<Qt::Key>(character.toUpper().unicode());
}

}  // namespace

User::User(QString pictures) : pictures_(std::move(pictures)) {
  QDir().mkpath(pictures_);
  qInstallMessageHandler(keep);
}

User::~User() {
  qInstallMessageHandler(nullptr);
}

const QStringList& User::warnings() const {
  return kept_warnings;
}

QWindow& User::focused() {
  QWidget* widget = QApplication::activePopupWidget();
  if (widget == nullptr) widget = QApplication::activeModalWidget();
  QWindow* window = widget != nullptr ? widget->windowHandle() : QGuiApplication::focusWindow();
  if (window == nullptr) throw std::runtime_error("no window has the focus");
  return *window;
}

void User::press(Qt::Key key, Qt::KeyboardModifiers modifiers) {
  QTest::keyClick(&focused(), key, modifiers);
}

void User::type(const QString& text) {
  for (const QChar character : text) {
    QTest::sendKeyEvent(QTest::Click, &focused(), key_of(character), QString(character),
                        character.isUpper() ? Qt::ShiftModifier : Qt::NoModifier);
  }
}

void User::pressAndAnswer(Qt::Key key, Qt::KeyboardModifiers modifiers,
                          const std::function<void(QWidget&)>& act) {
  QTimer timer;
  QObject::connect(&timer, &QTimer::timeout, [&timer, &act] {
    QWidget* dialog = QApplication::activeModalWidget();
    if (dialog == nullptr || !dialog->isVisible()) return;
    dialog->activateWindow();
    if (!dialog->isActiveWindow()) return;
    timer.stop();
    act(*dialog);
  });
  timer.start(20);
  QWidget* window = QApplication::activeWindow();
  press(key, modifiers);
  // A window manager would give the focus back.
  window->activateWindow();
  if (!QTest::qWaitForWindowActive(window)) throw std::runtime_error("the window has no focus");
  // A dialog that never came would leave the rest of the session without sense.
  if (timer.isActive()) throw std::runtime_error("no dialog came");
}

void User::click(QWidget& widget, QPoint place) {
  QWidget* window = widget.window();
  QTest::mouseClick(window->windowHandle(), Qt::LeftButton, {}, widget.mapTo(window, place));
}

void User::drag(QWidget& widget, QPoint from, QPoint to) {
  QWidget* window = widget.window();
  QWindow* handle = window->windowHandle();
  const QPoint start = widget.mapTo(window, from);
  const QPoint end = widget.mapTo(window, to);
  constexpr int kSteps = 8;
  QTest::mousePress(handle, Qt::LeftButton, {}, start);
  for (int i = 1; i <= kSteps; ++i) QTest::mouseMove(handle, start + (end - start) * i / kSteps);
  QTest::mouseRelease(handle, Qt::LeftButton, {}, end);
}

void User::photograph(const QString& name) {
  QTest::qWait(50);
  const QString number = QString::number(++taken_).rightJustified(2, '0');
  QGuiApplication::primaryScreen()->grabWindow(0).save(
      QStringLiteral("%1/%2-%3.png").arg(pictures_, number, name));
}

}  // namespace nas::testing
