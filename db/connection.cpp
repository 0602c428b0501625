#include "db/connection.h"

namespace nas {

void Statement::bind_all(std::span<const SqlValue> values) {
  int index = 0;
  for (const SqlValue& value : values) {
    ++index;
    std::visit(
        [this, index](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::monostate>) {
            bind_null(index);
          } else if constexpr (std::is_same_v<Held, SqlBlob>) {
            bind_blob(index, held.bytes);
          } else {
            bind(index, held);
          }
        },
        value);
  }
}

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
