#include "gui/views/forms/server_form.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "core/util/error.h"

namespace nas {

ServerForm::ServerForm(QWidget* parent)
    : QDialog(parent),
      address_(new QLineEdit(this)),
      password_(new QLineEdit(this)),
      problem_(new QLabel(this)) {
  setWindowTitle(tr("Open a database of a server"));
  address_->setPlaceholderText(QStringLiteral("postgresql://user@host/database"));
  address_->setMinimumWidth(420);
  address_->setObjectName("address");
  password_->setEchoMode(QLineEdit::Password);
  password_->setObjectName("password");
  password_->setPlaceholderText(tr("not needed with ~/.pgpass or a service file"));
  problem_->setWordWrap(true);
  problem_->setTextFormat(Qt::PlainText);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Open | QDialogButtonBox::Cancel, this);
  open_ = buttons->button(QDialogButtonBox::Open);
  auto* layout = new QFormLayout(this);
  layout->addRow(tr("&Address"), address_);
  layout->addRow(tr("&Password"), password_);
  layout->addRow(problem_);
  layout->addRow(buttons);
  connect(address_, &QLineEdit::textChanged, this, &ServerForm::judge);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  judge();
}

StoreAddress ServerForm::address() const {
  const StoreAddress address = StoreAddress::parse(address_->text().trimmed().toStdString());
  const std::string password = password_->text().toStdString();
  return password.empty() ? address : address.with_password(password);
}

void ServerForm::judge() {
  QString problem;
  bool server = false;
  try {
    const StoreAddress address = StoreAddress::parse(address_->text().trimmed().toStdString());
    server = address.is_server();
    if (!server && !address.empty())
      problem = tr("An address begins with postgresql:// or service=");
  } catch (const Error& error) {
    problem = QString::fromUtf8(error.what());
  }
  problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
  open_->setEnabled(server);
}

}  // namespace nas
