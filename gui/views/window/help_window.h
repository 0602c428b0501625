#pragma once

#include <QDialog>

class QMenuBar;

namespace nas {

/// How to use the explorer, with the keys of a window's menus.
class HelpWindow final : public QDialog {
  Q_OBJECT

 public:
  explicit HelpWindow(const QMenuBar& menus, QWidget* parent = nullptr);

 private:
  static QString looking();
  static QString filters();
  static QString plots();
  static QString work();
  static QString keys(const QMenuBar& menus);
};

}  // namespace nas
