#pragma once

#include <QProcessEnvironment>
#include <QStringList>
#include <map>
#include <string>

#include "db/store_address.h"

namespace nas {

/// Passwords of servers that were given in addresses, by the text of the address: for this run of
/// the explorer, never on a disk. Children get one in their environment, as libpq reads it.
class ServerPasswords {
 public:
  void remember(const StoreAddress& address);
  /// The address, with the password that is known where it has none of its own.
  StoreAddress completed(const StoreAddress& address) const;
  /// Words of a command line without the passwords of addresses among them, which are remembered.
  QStringList takenOut(const QStringList& arguments);
  /// That of this process and, where one is known for the address after --store, PGPASSWORD.
  QProcessEnvironment environmentFor(const QStringList& arguments) const;

 private:
  std::map<std::string, std::string> passwords_;
};

}  // namespace nas
