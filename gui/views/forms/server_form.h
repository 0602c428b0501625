#pragma once

#include <QDialog>

#include "db/store_address.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace nas {

/// Asks for the address of a server. A password is for this run of the explorer only.
class ServerForm final : public QDialog {
  Q_OBJECT

 public:
  explicit ServerForm(QWidget* parent = nullptr);

  /// Requires that the form was accepted: then it is one of a server.
  StoreAddress address() const;

 private:
  /// Says why the address cannot be opened, and whether it can.
  void judge();

  QLineEdit* address_;
  QLineEdit* password_;
  QLabel* problem_;
  QPushButton* open_;
};

}  // namespace nas
