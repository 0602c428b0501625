#include "gui/jobs/server_passwords.h"

#include "core/util/error.h"

namespace nas {

namespace {

/// Requires that the text may be shown: what is no address is returned as a file.
StoreAddress address_of(const QString& word) {
  try {
    return StoreAddress::parse(word.toStdString());
  } catch (const Error&) {
    return std::filesystem::path(word.toStdString());
  }
}

}  // namespace

void ServerPasswords::remember(const StoreAddress& address) {
  if (address.password()) passwords_[address.text()] = *address.password();
}

StoreAddress ServerPasswords::completed(const StoreAddress& address) const {
  const auto known = passwords_.find(address.text());
  const bool lacks = address.is_server() && !address.password() && known != passwords_.end();
  return lacks ? address.with_password(known->second) : address;
}

QStringList ServerPasswords::takenOut(const QStringList& arguments) {
  QStringList words;
  for (const QString& word : arguments) {
    const StoreAddress address = address_of(word);
    remember(address);
    words << (address.password() ? QString::fromStdString(address.text()) : word);
  }
  return words;
}

QProcessEnvironment ServerPasswords::environmentFor(const QStringList& arguments) const {
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  const qsizetype at = arguments.indexOf("--store");
  const StoreAddress store = completed(address_of(arguments.value(at + 1)));
  if (at >= 0 && store.password())
    environment.insert("PGPASSWORD", QString::fromStdString(*store.password()));
  return environment;
}

}  // namespace nas
