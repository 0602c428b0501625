#include "db/connection.h"

namespace nas {

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection), kind_(kind) {
  connection_.begin(kind);
}

Transaction::~Transaction() {
  if (!open_) return;
  if (kind_ == Kind::kWrite) ++connection_.rollbacks_;
  connection_.roll_back();
}

void Transaction::commit() {
  connection_.commit();
  open_ = false;
}

}  // namespace nas
