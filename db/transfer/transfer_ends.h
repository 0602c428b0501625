#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "db/connection.h"
#include "db/store_address.h"
#include "db/transfer/copy_store.h"

namespace nas {

/// Throws Error(kUsage) where both addresses are of one store.
void refuse_same_store(const StoreAddress& a, const StoreAddress& b);

/// A store to read from. Throws as `open_store`.
std::unique_ptr<Connection> open_source(const StoreAddress& address,
                                        const TransferOptions& options);

/// A store to write to, made where there is none. Unless the work is kept, one that was made as a
/// file is removed again.
class TransferTarget {
 public:
  TransferTarget(const StoreAddress& address, const TransferOptions& options);
  ~TransferTarget();
  TransferTarget(const TransferTarget&) = delete;
  TransferTarget& operator=(const TransferTarget&) = delete;

  Connection& connection() { return *connection_; }
  void keep() { made_file_ = false; }

 private:
  StoreAddress address_;
  bool made_file_ = false;
  std::unique_ptr<Connection> connection_;
};

/// Says how far a transfer is, and ends it when a stop was asked for.
class TransferSteps {
 public:
  explicit TransferSteps(const TransferOptions& options) : options_(options) {}
  ~TransferSteps() { options_.progress->end(); }
  TransferSteps(const TransferSteps&) = delete;
  TransferSteps& operator=(const TransferSteps&) = delete;

  void begin(std::string_view task, std::int64_t total) { options_.progress->begin(task, total); }
  /// Throws Error(kIo) after a stop.
  void advance(std::size_t rows, std::string_view note);

 private:
  TransferOptions options_;
  std::int64_t done_ = 0;
};

}  // namespace nas
