#include "db/transfer/transfer_ends.h"

#include <filesystem>
#include <system_error>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/open_connection.h"

namespace nas {

void refuse_same_store(const StoreAddress& a, const StoreAddress& b) {
  std::error_code error;
  const bool same =
      a.text() == b.text() ||
      (a.is_file() && b.is_file() && std::filesystem::equivalent(a.path(), b.path(), error));
  if (same) {
    throw Error(ErrorKind::kUsage, "'" + printable(a.text()) + "' and '" + printable(b.text()) +
                                       "' are the same store");
  }
}

std::unique_ptr<Connection> open_source(const StoreAddress& address,
                                        const TransferOptions& options) {
  if (!store_exists(address)) {
    throw Error(ErrorKind::kIo,
                "there is no results database at '" + printable(address.text()) + "'");
  }
  StoreOptions store;
  if (!address.is_file()) store.files = options.files;
  return connect_to(address, OpenMode::kReadOnly, store);
}

TransferTarget::TransferTarget(const StoreAddress& address, const TransferOptions& options)
    : address_(address), made_file_(address.is_file() && !store_exists(address)) {
  StoreOptions store;
  store.files = options.files;
  connection_ = connect_to(address, OpenMode::kCreate, store);
}

TransferTarget::~TransferTarget() {
  connection_.reset();
  std::error_code ignored;  // an empty database is all that could stay
  if (made_file_) std::filesystem::remove(address_.path(), ignored);
}

void TransferSteps::advance(std::size_t rows, std::string_view note) {
  done_ += static_cast<std::int64_t>(rows);
  options_.progress->update(done_, note);
  if (options_.stop.stop_requested())
    throw Error(ErrorKind::kIo, "stopped on request; nothing was changed");
}

}  // namespace nas
