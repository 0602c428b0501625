#pragma once

#include <QDialog>

namespace nas {

/// How the explorer is used: filters, plots, keys.
class HelpWindow final : public QDialog {
  Q_OBJECT

 public:
  explicit HelpWindow(QWidget* parent = nullptr);
};

}  // namespace nas
